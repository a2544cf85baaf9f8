package io.relais.broker;

import io.relais.broker.TimelineEntry.Direction;
import io.relais.protocol.Packet;
import io.relais.protocol.PacketText;
import io.relais.protocol.PacketType;
import io.relais.protocol.ProtocolVersion;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/// What clients of one loop did of late, in words: of all clients what begins, changes and ends a
/// connection, of those that are watched everything. Two rings, so that a busy client does not push
/// out how others came and went.
///
/// Owner: the loop. Limits: the entries of [TraceLimits], each of [#TEXT_CHARS_MAX] characters and
/// without a payload.
final class Timeline {
  static final int TEXT_CHARS_MAX = 1_000;

  /// The newest entries. Slots are taken up as entries come.
  private static final class Ring {
    private final ArrayList<TimelineEntry> entries = new ArrayList<>(0);
    private final int most;
    private int next;

    Ring(int most) {
      this.most = most;
    }

    void add(TimelineEntry entry) {
      if (entries.size() < most) {
        entries.add(entry);
        return;
      }
      entries.set(next, entry);
      next = (next + 1) % most;
    }
  }

  private final int loop;
  private final boolean on;
  private final Ring control;
  private final Ring watched;
  private long lastMicros;

  /// @param entriesMax of each ring, on this loop; 0: nothing is remembered
  Timeline(int loop, int entriesMax) {
    this.loop = loop;
    this.on = entriesMax > 0;
    this.control = new Ring(Math.max(1, entriesMax));
    this.watched = new Ring(Math.max(1, entriesMax));
  }

  /// Whether anything is remembered at all.
  boolean isOn() {
    return on;
  }

  int loop() {
    return loop;
  }

  /// The time of the next entry.
  long micros() {
    Instant now = Instant.now();
    long micros = now.getEpochSecond() * 1_000_000 + now.getNano() / 1_000;
    lastMicros = Math.max(lastMicros + 1, micros);
    return lastMicros;
  }

  /// What stands in the ring of all clients.
  static boolean isControl(PacketType type) {
    return switch (type) {
      case CONNECT, CONNACK, SUBSCRIBE, SUBACK, UNSUBSCRIBE, UNSUBACK, DISCONNECT, AUTH -> true;
      case PUBLISH, PUBACK, PUBREC, PUBREL, PUBCOMP, PINGREQ, PINGRESP -> false;
    };
  }

  void packet(
      String clientId,
      @Nullable String username,
      String address,
      Direction direction,
      Packet packet,
      ProtocolVersion version,
      int bytes) {
    control.add(
        new TimelineEntry(
            micros(),
            loop,
            clientId,
            username,
            address,
            direction,
            packet.type(),
            bytes,
            packetId(packet),
            null,
            PacketText.told(packet, version, TEXT_CHARS_MAX),
            null));
  }

  static int packetId(Packet packet) {
    return switch (packet) {
      case Packet.Publish p -> p.packetId();
      case Packet.Puback p -> p.packetId();
      case Packet.Pubrec p -> p.packetId();
      case Packet.Pubrel p -> p.packetId();
      case Packet.Pubcomp p -> p.packetId();
      case Packet.Subscribe p -> p.packetId();
      case Packet.Suback p -> p.packetId();
      case Packet.Unsubscribe p -> p.packetId();
      case Packet.Unsuback p -> p.packetId();
      case Packet.Connect _,
          Packet.Connack _,
          Packet.Pingreq _,
          Packet.Pingresp _,
          Packet.Disconnect _,
          Packet.Auth _ ->
          0;
    };
  }

  /// Something that is no packet.
  TimelineEntry note(String clientId, @Nullable String username, String address, String sentence) {
    String text = PacketText.cut(sentence, TEXT_CHARS_MAX);
    var entry =
        new TimelineEntry(
            micros(),
            loop,
            clientId,
            username,
            address,
            Direction.NOTE,
            null,
            0,
            0,
            null,
            text,
            null);
    if (on) {
      control.add(entry);
    }
    return entry;
  }

  /// A packet of a client that is watched.
  void watched(TimelineEntry entry) {
    if (on) {
      watched.add(entry.withoutPayload());
    }
  }

  /// In no order.
  List<TimelineEntry> entries(Predicate<TimelineEntry> wanted) {
    List<TimelineEntry> found = new ArrayList<>();
    for (Ring ring : List.of(control, watched)) {
      for (TimelineEntry entry : ring.entries) {
        if (wanted.test(entry)) {
          found.add(entry);
        }
      }
    }
    return found;
  }
}
