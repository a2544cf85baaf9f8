package io.relais.broker;

import io.relais.broker.TimelineEntry.Direction;
import io.relais.protocol.PacketType;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/// What became of the messages of late that one loop published. Of all that come, so many in a
/// second are noted down, and besides as many that are refused, so that the cost is the same at any
/// load; and those whose topic somebody watches.
///
/// Owner: the loop. Limits: the messages of [TraceLimits], the newest.
final class Stories {
  private final Timeline timeline;
  private final ArrayDeque<Story> ring = new ArrayDeque<>(0);
  private final int most;
  private final int ofTick;
  private int left;
  private int leftOfRefused;

  /// @param most messages, on this loop; 0: none
  /// @param ofTick as many in a [Loop#TICK_MILLIS]
  Stories(Timeline timeline, int most, int ofTick) {
    this.timeline = timeline;
    this.most = most;
    this.ofTick = most == 0 ? 0 : ofTick;
    onTick();
  }

  void onTick() {
    left = ofTick;
    leftOfRefused = ofTick;
  }

  /// Whether a message on this route is to be noted down.
  boolean wants(Route route) {
    return left > 0 || route.watches() != Watches.NONE;
  }

  /// The same of a message of the broker's: what it says of itself is no news.
  boolean wantsOwn(Route route) {
    return route.watches() != Watches.NONE || left > 0 && route.use() != Route.Use.RESERVED;
  }

  boolean wantsRefused(Route route) {
    return leftOfRefused > 0 || route.watches() != Watches.NONE;
  }

  /// @param clientId of the publisher; null: an operator, or the broker
  Story begin(
      Route route,
      @Nullable String clientId,
      int qos,
      boolean retain,
      int packetId,
      byte[] from,
      int payloadStart,
      int payloadEnd) {
    left = Math.max(0, left - 1);
    int payloadBytes = payloadEnd - payloadStart;
    var story =
        new Story(
            timeline,
            clientId,
            route.topic(),
            qos,
            retain,
            packetId,
            payloadBytes,
            route.watches());
    for (Watch watch : route.watches()) {
      tell(watch, story, from, payloadStart);
    }
    keep(story);
    return story;
  }

  /// A message that goes nowhere.
  Story refused(
      Route route, @Nullable String clientId, int qos, boolean retain, int packetId, int bytes) {
    leftOfRefused = Math.max(0, leftOfRefused - 1);
    var story =
        new Story(timeline, clientId, route.topic(), qos, retain, packetId, bytes, route.watches());
    keep(story);
    return story;
  }

  private void keep(Story story) {
    if (most == 0) {
      return;
    }
    if (ring.size() >= most) {
      ring.removeFirst();
    }
    ring.addLast(story);
  }

  private static void tell(Watch watch, Story story, byte[] from, int payloadStart) {
    int copied = Math.min(watch.payloadBytesMax(), story.payloadBytes());
    byte[] payload =
        watch.payloadBytesMax() == 0
            ? null
            : java.util.Arrays.copyOfRange(from, payloadStart, payloadStart + copied);
    String who = story.clientId();
    watch
        .told()
        .accept(
            new TimelineEntry(
                story.micros(),
                story.loop(),
                who == null ? "" : who,
                null,
                "",
                Direction.IN,
                PacketType.PUBLISH,
                0,
                story.packetId(),
                story.topic(),
                "PUBLISH q%d%s %s (%d bytes)%s"
                    .formatted(
                        story.qos(),
                        story.retain() ? " retain" : "",
                        story.topic(),
                        story.payloadBytes(),
                        who == null ? " of the broker's own" : ""),
                payload));
  }

  /// The newest first.
  List<Story> newest(Predicate<Story> wanted, int limit) {
    List<Story> found = new ArrayList<>();
    for (var all = ring.descendingIterator(); all.hasNext() && found.size() < limit; ) {
      Story one = all.next();
      if (wanted.test(one)) {
        found.add(one);
      }
    }
    return found;
  }
}
