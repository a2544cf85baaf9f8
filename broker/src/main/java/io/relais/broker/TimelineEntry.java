package io.relais.broker;

import io.relais.protocol.PacketType;
import org.jspecify.annotations.Nullable;

/// One packet of a client in words, or something else that happened to it. Without passwords and
/// data of authentication. Immutable, the payload by agreement.
///
/// @param micros since 1970; on one loop no two entries have the same
/// @param loop on which it was seen; with the micros it tells entries apart
/// @param clientId as it stood then; empty: not known yet
/// @param username as authenticated; null: anonymous, or not known yet
/// @param type of the packet; null: something else
/// @param bytes of the packet; 0: none
/// @param packetId 0: it has none
/// @param topic of a PUBLISH that names it
/// @param text the packet in words, or a sentence
/// @param payload the beginning of a PUBLISH's; null: not asked for
public record TimelineEntry(
    long micros,
    int loop,
    String clientId,
    @Nullable String username,
    String address,
    Direction direction,
    @Nullable PacketType type,
    int bytes,
    int packetId,
    @Nullable String topic,
    String text,
    byte @Nullable [] payload) {

  /// Which way a packet went.
  public enum Direction {
    /// From the client.
    IN,
    /// To the client.
    OUT,
    /// No packet: what became of the client.
    NOTE
  }

  TimelineEntry withoutPayload() {
    return payload == null
        ? this
        : new TimelineEntry(
            micros, loop, clientId, username, address, direction, type, bytes, packetId, topic,
            text, null);
  }
}
