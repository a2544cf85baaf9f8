package io.relais.api;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/// A packet of a client, or something else that happened to it. Never with a password or data of
/// authentication.
///
/// @param time with microseconds; of what went out, when it left
/// @param username as authenticated
/// @param packet like `PUBLISH`; null: no packet
/// @param bytes of the packet; 0: none
/// @param packetId null: it has none
/// @param topic of a PUBLISH that names it
/// @param text the packet in words, or a sentence
/// @param payload its beginning; null: not asked for
/// @param encoding of the payload
public record TimelineEntry(
    Instant time,
    String clientId,
    @Nullable String username,
    String address,
    Direction direction,
    @Nullable String packet,
    int bytes,
    @Nullable Integer packetId,
    @Nullable String topic,
    String text,
    @Nullable String payload,
    @Nullable Encoding encoding) {

  /// As a line for people, without control characters.
  public String line() {
    String arrow =
        switch (direction) {
          case IN -> ">";
          case OUT -> "<";
          case NOTE -> "-";
        };
    String who = clientId + (address.isEmpty() ? "" : " " + address);
    String line = "%s %s %s %s".formatted(time, who, arrow, text);
    String all = payload == null ? line : line + " " + payload;
    return all.replaceAll("\\p{Cntrl}", "\uFFFD");
  }
}
