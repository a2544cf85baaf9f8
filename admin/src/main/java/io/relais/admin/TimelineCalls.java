package io.relais.admin;

import io.relais.api.Role;
import io.relais.broker.Administration;
import io.relais.broker.TimelineEntry;
import io.relais.broker.Watch;
import java.io.IOException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// What a client did, packet by packet: of late, and as it happens.
final class TimelineCalls {
  static final int PAYLOAD_BYTES_MAX = 65_536;

  private final Administration broker;
  private final EventStream.Places places =
      new EventStream.Places(20, "timelines are followed already");

  TimelineCalls(Administration broker) {
    this.broker = broker;
  }

  void addTo(Operations operations) {
    operations
        .get(
            "/api/v1/clients/{clientId}/timeline",
            Role.OPERATOR,
            "What a client did of late, the oldest first")
        .givesPageOf(io.relais.api.TimelineEntry.class)
        .by(this::timeline);
    operations
        .get(
            "/api/v1/clients/{clientId}/timeline/live",
            Role.OPERATOR,
            "What a client does, as server-sent events; it need not be connected yet")
        .query("payloadBytes", int.class, "Of each message, up to 65536; default 0")
        .givesOther("text/event-stream")
        .by(this::live);
  }

  private Object timeline(Call call) {
    String cursor = call.cursor();
    List<TimelineEntry> behind =
        Answers.await(broker.timeline(call.path("clientId"))).stream()
            .filter(entry -> cursor == null || id(entry).compareTo(cursor) > 0)
            .limit(call.limit() + 1L)
            .toList();
    return Pages.first(behind, call, TimelineCalls::id, entry -> WaitingEntries.told(entry, 0));
  }

  /// In the order of time.
  private static String id(TimelineEntry entry) {
    return "%019d.%03d".formatted(entry.micros(), entry.loop());
  }

  private @Nullable Object live(Call call) throws IOException, InterruptedException {
    String clientId = call.path("clientId");
    int payloadBytes = call.number("payloadBytes", 0, 0, PAYLOAD_BYTES_MAX);
    var waiting = new WaitingEntries();
    Watch watch = Watch.client(clientId, payloadBytes, waiting);
    try (var _ = places.take()) {
      var _ = Answers.await(broker.watch(watch));
      send(call, payloadBytes, waiting);
    } finally {
      var _ = broker.unwatch(watch);
    }
    return null;
  }

  private static void send(Call call, int payloadBytes, WaitingEntries waiting)
      throws IOException, InterruptedException {
    try (EventStream events = EventStream.begin(call, "watching")) {
      for (TimelineEntry entry = waiting.next(EventStream.LOOK_NANOS);
          events.goesOn();
          entry = waiting.next(EventStream.LOOK_NANOS)) {
        if (entry != null) {
          events.send("packet", WaitingEntries.told(entry, payloadBytes));
        }
        events.tellDropped(waiting.dropped());
        if (waiting.isEmpty()) {
          events.flush();
        }
      }
    }
  }
}
