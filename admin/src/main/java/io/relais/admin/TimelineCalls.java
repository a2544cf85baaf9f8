package io.relais.admin;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.sun.net.httpserver.HttpExchange;
import io.relais.api.Items;
import io.relais.api.Json;
import io.relais.api.Role;
import io.relais.broker.Administration;
import io.relais.broker.TimelineEntry;
import io.relais.broker.Watch;
import java.io.IOException;
import java.io.OutputStream;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/// What a client did, packet by packet: of late, and as it happens.
final class TimelineCalls {
  static final int PAYLOAD_BYTES_MAX = 65_536;
  private static final int STREAMS_MAX = 20;
  private static final long SIGN_OF_LIFE_NANOS = TimeUnit.SECONDS.toNanos(15);

  private final Administration broker;
  private final AtomicInteger streams = new AtomicInteger();

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
    int limit = call.limit();
    List<TimelineEntry> behind =
        Answers.await(broker.timeline(call.path("clientId"))).stream()
            .filter(entry -> cursor == null || id(entry).compareTo(cursor) > 0)
            .limit(limit + 1L)
            .toList();
    List<TimelineEntry> page = behind.subList(0, Math.min(limit, behind.size()));
    return new Items<>(
        page.stream().map(entry -> WaitingEntries.told(entry, 0)).toList(),
        behind.size() > limit ? Call.cursor(id(page.getLast())) : null);
  }

  /// In the order of time.
  private static String id(TimelineEntry entry) {
    return "%019d.%03d".formatted(entry.micros(), entry.loop());
  }

  private @Nullable Object live(Call call) throws IOException, InterruptedException {
    String clientId = call.path("clientId");
    int payloadBytes = call.number("payloadBytes", 0, 0, PAYLOAD_BYTES_MAX);
    if (streams.incrementAndGet() > STREAMS_MAX) {
      streams.decrementAndGet();
      throw Failure.unavailable(STREAMS_MAX + " timelines are followed already");
    }
    var waiting = new WaitingEntries();
    Watch watch = Watch.client(clientId, payloadBytes, waiting);
    try {
      var _ = Answers.await(broker.watch(watch));
      send(call.exchange(), payloadBytes, waiting);
    } finally {
      var _ = broker.unwatch(watch);
      streams.decrementAndGet();
    }
    return null;
  }

  private static void send(HttpExchange exchange, int payloadBytes, WaitingEntries waiting)
      throws IOException, InterruptedException {
    exchange.getResponseHeaders().set("Content-Type", "text/event-stream");
    exchange.getResponseHeaders().set("Cache-Control", "no-store");
    exchange.sendResponseHeaders(200, 0);
    try (OutputStream out = exchange.getResponseBody()) {
      out.write(": watching\n\n".getBytes(UTF_8));
      out.flush();
      long told = 0;
      while (!Thread.currentThread().isInterrupted()) {
        TimelineEntry entry = waiting.next(SIGN_OF_LIFE_NANOS);
        if (entry == null) {
          out.write(": nothing came\n\n".getBytes(UTF_8));
        } else {
          event(out, "packet", WaitingEntries.told(entry, payloadBytes));
        }
        long dropped = waiting.dropped();
        if (dropped > told) {
          event(out, "dropped", Map.of("dropped", dropped - told));
          told = dropped;
        }
        if (waiting.isEmpty()) {
          out.flush();
        }
      }
    }
  }

  private static void event(OutputStream out, String kind, Object data) throws IOException {
    String json = Json.MAPPER.writeValueAsString(data);
    out.write(("event: " + kind + "\ndata: " + json + "\n\n").getBytes(UTF_8));
  }
}
