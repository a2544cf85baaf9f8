package io.relais.broker;

import io.relais.broker.TimelineEntry.Direction;
import io.relais.protocol.MalformedPacket;
import io.relais.protocol.Packet;
import io.relais.protocol.PacketDecoder;
import io.relais.protocol.PacketEncoder;
import io.relais.protocol.PacketText;
import io.relais.protocol.PacketType;
import io.relais.protocol.ProtocolVersion;
import io.relais.protocol.PublishView;
import io.relais.protocol.Sender;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/// Reads along on a connection that is watched: what came, packet by packet, and what leaves, as it
/// lies in the outbox. Connections that nobody watches have none.
///
/// Owner: the connection's loop. Limits: one packet's head is decoded again; payloads are copied up
/// to what the watches want, and not at all where they do not lie in the outbox (from 64 KiB on).
final class Probe {
  private final Timeline timeline;
  private final String clientId;
  private final @Nullable String username;
  private final String address;
  private final ProtocolVersion version;
  private final Watch[] watches;
  private final int payloadBytesMax;

  Probe(
      Timeline timeline,
      String clientId,
      @Nullable String username,
      String address,
      ProtocolVersion version,
      Watch[] watches) {
    this.timeline = timeline;
    this.clientId = clientId;
    this.username = username;
    this.address = address;
    this.version = version;
    this.watches = watches;
    this.payloadBytesMax = Arrays.stream(watches).mapToInt(Watch::payloadBytesMax).max().orElse(0);
  }

  /// A whole packet from the client, before anything is done about it.
  void received(byte[] array, int at, int end) {
    read(Direction.IN, Sender.CLIENT, array, at, end, end - at);
  }

  /// What is about to leave: whole packets, but that the payload of the last one may follow from
  /// elsewhere.
  void sent(byte[] array, int end) {
    int at = 0;
    while (at < end) {
      int length = frameLength(array, at);
      int until = Math.min(end, at + length);
      read(Direction.OUT, Sender.SERVER, array, at, until, length);
      at = until;
    }
  }

  private static int frameLength(byte[] array, int at) {
    int remaining = 0;
    int i = 1;
    for (int shift = 0; ; shift += 7, i++) {
      remaining |= (array[at + i] & 0x7F) << shift;
      if (array[at + i] >= 0) {
        return 1 + i + remaining;
      }
    }
  }

  /// @param length of the packet, of which the payload's end may be missing
  private void read(Direction direction, Sender sender, byte[] array, int at, int end, int length) {
    PacketType type = PacketType.of(array[at] >> 4 & 15);
    try {
      if (type == PacketType.PUBLISH) {
        publish(direction, sender, array, at, end, length);
        return;
      }
      Packet packet = PacketDecoder.decode(version, sender, array, at, end);
      String text = PacketText.told(packet, version, Timeline.TEXT_CHARS_MAX);
      tell(direction, type, length, Timeline.packetId(packet), null, text, null);
    } catch (MalformedPacket e) {
      // The connection finds the same, and acts on it.
      String text = type + " malformed: " + e.getMessage();
      tell(direction, type, length, 0, null, text, null);
    }
  }

  private void publish(
      Direction direction, Sender sender, byte[] array, int at, int end, int length)
      throws MalformedPacket {
    var view = new PublishView();
    boolean whole = end - at == length;
    if (whole) {
      PacketDecoder.publish(version, sender, array, at, end, view);
    } else {
      byte[] head = shortened(array, at, end);
      PacketDecoder.publish(version, sender, head, 0, head.length, view);
    }
    view.checkTopic();
    int there = view.end() - view.payloadStart();
    int payloadBytes = whole ? there : there + length - (end - at);
    String topic = view.topicStart() == view.topicEnd() ? null : view.topic();
    int copied = Math.min(payloadBytesMax, there);
    byte[] payload =
        payloadBytesMax == 0 || !whole && there == 0
            ? null
            : Arrays.copyOfRange(view.array(), view.payloadStart(), view.payloadStart() + copied);
    String text = PacketText.told(view, payloadBytes, Timeline.TEXT_CHARS_MAX);
    tell(direction, PacketType.PUBLISH, length, view.packetId(), topic, text, payload);
  }

  /// What is there of a packet, with a Remaining Length that says so.
  private static byte[] shortened(byte[] array, int at, int end) {
    int body = at + 1;
    while (array[body] < 0) {
      body++;
    }
    body++;
    int remaining = end - body;
    int head = 1 + PacketEncoder.variableSize(remaining);
    byte[] made = new byte[head + remaining];
    made[0] = array[at];
    int after = PacketEncoder.writeVariable(made, 1, remaining);
    System.arraycopy(array, body, made, after, remaining);
    return made;
  }

  private void tell(
      Direction direction,
      PacketType type,
      int bytes,
      int packetId,
      @Nullable String topic,
      String text,
      byte @Nullable [] payload) {
    var entry =
        new TimelineEntry(
            timeline.micros(),
            timeline.loop(),
            clientId,
            username,
            address,
            direction,
            type,
            bytes,
            packetId,
            topic,
            text,
            payload);
    if (!Timeline.isControl(type)) {
      timeline.watched(entry); // the others are in the ring of all clients
    }
    tell(entry);
  }

  void tell(TimelineEntry entry) {
    for (Watch watch : watches) {
      watch.told().accept(entry);
    }
  }
}
