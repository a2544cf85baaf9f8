package io.relais.admin;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.sun.net.httpserver.HttpExchange;
import io.relais.api.Json;
import io.relais.api.Role;
import io.relais.api.TimelineEntry;
import io.relais.api.Trace;
import io.relais.api.TraceRequest;
import io.relais.protocol.Topics;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Objects;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// Recordings of what clients do.
final class TraceCalls {
  private static final Pattern NAME = Pattern.compile("[A-Za-z0-9_-][A-Za-z0-9._-]{0,63}");
  private static final int SECONDS = 300;
  private static final int SECONDS_MAX = 86_400;
  private static final long BYTES = 16 << 20;
  private static final long BYTES_MIN = 1_024;
  private static final int BUFFER_BYTES = 64 * 1024;

  private final Traces traces;
  private final Audit audit;

  TraceCalls(Traces traces, Audit audit) {
    this.traces = traces;
    this.audit = audit;
  }

  void addTo(Operations operations) {
    operations
        .get("/api/v1/traces", Role.OPERATOR, "Recordings of what clients did, by name")
        .givesPageOf(Trace.class)
        .by(call -> Pages.of(traces.names(), call, traces::get));
    operations
        .post(
            "/api/v1/traces",
            Role.OPERATOR,
            "Begins to record a client, a user, an address or a topic")
        .takes(TraceRequest.class)
        .gives(Trace.class)
        .creates()
        .by(this::start);
    operations
        .get("/api/v1/traces/{name}", Role.OPERATOR, "One recording")
        .gives(Trace.class)
        .by(this::one);
    operations
        .get(
            "/api/v1/traces/{name}/download",
            Role.OPERATOR,
            "What was recorded until now, a line for each entry")
        .query("format", String.class, "json (a TimelineEntry a line) or text; default json")
        .givesOther("application/x-ndjson")
        .by(this::download);
    operations
        .post(
            "/api/v1/traces/{name}/stop",
            Role.OPERATOR,
            "Ends a recording, if it runs; what was recorded stays")
        .gives(Trace.class)
        .by(this::stop);
    operations
        .delete(
            "/api/v1/traces/{name}", Role.OPERATOR, "Ends a recording, if it runs, and removes it")
        .by(this::remove);
  }

  private Object start(Call call) throws IOException {
    TraceRequest asked = call.body(TraceRequest.class);
    var check = new Check();
    String name = check.present("name", asked.name(), "x");
    check.require(
        NAME.matcher(name).matches(),
        "name",
        "has up to 64 letters, digits, '.', '_' and '-', and does not begin with '.'");
    long subjects =
        Stream.of(asked.clientId(), asked.username(), asked.address(), asked.topic())
            .filter(Objects::nonNull)
            .count();
    check.require(subjects == 1, "clientId", "give one of clientId, username, address and topic");
    if (asked.clientId() != null) {
      check.name("clientId", asked.clientId());
    }
    if (asked.username() != null) {
      check.name("username", asked.username());
    }
    var _ = check.range("address", asked.address());
    check.none("topic", asked.topic() == null ? null : Topics.problemWithFilter(asked.topic()));
    int seconds = asked.seconds() == null ? SECONDS : asked.seconds();
    check.require(seconds >= 1 && seconds <= SECONDS_MAX, "seconds", "must be 1 to " + SECONDS_MAX);
    long most = traces.bytesMax();
    long bytes = asked.maxBytes() == null ? Math.min(BYTES, most) : asked.maxBytes();
    check.require(
        bytes >= BYTES_MIN && bytes <= most,
        "maxBytes",
        "must be %d to %d".formatted(BYTES_MIN, most));
    int payloads = asked.payloadBytes() == null ? 0 : asked.payloadBytes();
    check.require(
        payloads >= 0 && payloads <= TimelineCalls.PAYLOAD_BYTES_MAX,
        "payloadBytes",
        "must be 0 to " + TimelineCalls.PAYLOAD_BYTES_MAX);
    check.throwIfAny();
    var trace =
        new Trace(
            name,
            asked.clientId(),
            asked.username(),
            asked.address(),
            asked.topic(),
            seconds,
            bytes,
            payloads,
            Traces.RUNNING,
            Instant.now().truncatedTo(ChronoUnit.MILLIS),
            null,
            null,
            0,
            0,
            0,
            call.caller().name());
    traces.start(trace);
    audit.note(call, null, trace);
    return trace;
  }

  private Object one(Call call) {
    Trace trace = traces.get(call.path("name"));
    if (trace == null) {
      throw notFound(call);
    }
    return trace;
  }

  private static Failure notFound(Call call) {
    return Failure.notFound("There is no trace '" + call.path("name") + "'");
  }

  private @Nullable Object download(Call call) throws IOException {
    String format = call.query("format") == null ? "json" : call.query("format");
    boolean text = "text".equals(format);
    new Check()
        .require(text || "json".equals(format), "format", "is '" + format + "'; json or text")
        .throwIfAny();
    try (InputStream lines = traces.read(call.path("name"))) {
      if (lines == null) {
        throw notFound(call);
      }
      audit.note(call, null, null); // it may hold what clients said to each other
      HttpExchange exchange = call.exchange();
      exchange
          .getResponseHeaders()
          .set("Content-Type", text ? "text/plain; charset=utf-8" : "application/x-ndjson");
      exchange.getResponseHeaders().set("Cache-Control", "no-store");
      exchange.getResponseHeaders().set("X-Content-Type-Options", "nosniff");
      exchange.sendResponseHeaders(200, 0);
      try (OutputStream out = exchange.getResponseBody()) {
        if (text) {
          writeText(lines, out);
        } else {
          lines.transferTo(out);
        }
      }
    }
    return null;
  }

  private static void writeText(InputStream from, OutputStream out) throws IOException {
    var lines = new BufferedReader(new InputStreamReader(from, UTF_8), BUFFER_BYTES);
    for (String line; (line = lines.readLine()) != null; ) {
      if (!line.endsWith("}")) {
        return; // the last one is still being written
      }
      TimelineEntry entry = Json.MAPPER.readValue(line, TimelineEntry.class);
      out.write((entry.line() + "\n").getBytes(UTF_8));
    }
  }

  private Object stop(Call call) {
    Trace ended = traces.stop(call.path("name"));
    if (ended == null) {
      throw notFound(call);
    }
    audit.note(call, null, ended);
    return ended;
  }

  private @Nullable Object remove(Call call) throws IOException {
    Trace before = traces.remove(call.path("name"));
    if (before == null) {
      throw notFound(call);
    }
    audit.note(call, before, null);
    return null;
  }
}
