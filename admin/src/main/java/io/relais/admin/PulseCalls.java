package io.relais.admin;

import io.relais.api.History;
import io.relais.api.Json;
import io.relais.api.Overview;
import io.relais.api.Role;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ArrayNode;

/// How the node is, was, and goes on to be.
final class PulseCalls {
  private static final int NAMES_MAX = 20;
  private static final String USUAL = "messagesReceived,messagesSent";
  private static final Pattern AGO = Pattern.compile("-(\\d{1,9})([smhd])");

  private final Pulse pulse;
  private final EventStream.Places places = new EventStream.Places(100, "streams are open already");

  PulseCalls(Pulse pulse) {
    this.pulse = pulse;
  }

  void addTo(Operations operations) {
    operations
        .get("/api/v1/metrics", Role.VIEWER, "What the node counts and measures, as of this second")
        .gives(Overview.class)
        .by(call -> pulse.latest());
    operations
        .get("/api/v1/metrics/history", Role.VIEWER, "How metrics were, of a day at most")
        .query(
            "name",
            String.class,
            "Names of counters or gauges, with commas between; default " + USUAL)
        .query("from", String.class, "A time, or how long ago like -10m; default -1h")
        .query("to", String.class, "A time, or how long ago; default now")
        .gives(History.class)
        .by(this::history);
    operations
        .get("/api/v1/metrics/live", Role.VIEWER, "The same each second, as server-sent events")
        .givesOther("text/event-stream")
        .by(this::live);
  }

  private Object history(Call call) {
    var check = new Check();
    String given = call.query("name") == null ? USUAL : String.valueOf(call.query("name"));
    List<String> names = List.of(given.split(",", -1));
    check.require(names.size() <= NAMES_MAX, "name", "has more than " + NAMES_MAX + " names");
    for (String name : names) {
      check.require(
          pulse.names().contains(name),
          "name",
          "'%s' is none of %s".formatted(name, String.join(", ", pulse.names())));
    }
    Instant now = Instant.now();
    Instant from = time("from", call.query("from"), now.minus(Duration.ofHours(1)), now, check);
    Instant to = time("to", call.query("to"), now.plusSeconds(1), now, check);
    check.require(!from.isAfter(to), "from", "is after 'to'");
    check.throwIfAny();
    List<History.Series> series = new ArrayList<>();
    int step = 0;
    for (String name : names) {
      ArrayNode points = Json.MAPPER.createArrayNode();
      step =
          pulse.history(
              name,
              from.toEpochMilli(),
              to.toEpochMilli(),
              (millis, value) -> points.addArray().add(millis).add(value));
      series.add(new History.Series(name, points));
    }
    return new History(step, series);
  }

  private static Instant time(
      String field, @Nullable String text, Instant standard, Instant now, Check check) {
    if (text == null) {
      return standard;
    }
    if (text.equals("now")) {
      return now;
    }
    Matcher ago = AGO.matcher(text);
    if (ago.matches()) {
      long count = Long.parseLong(ago.group(1));
      return now.minus(
          switch (ago.group(2)) {
            case "s" -> Duration.ofSeconds(count);
            case "m" -> Duration.ofMinutes(count);
            case "h" -> Duration.ofHours(count);
            default -> Duration.ofDays(count);
          });
    }
    try {
      Instant at = Instant.parse(text);
      check.require(
          at.isAfter(Instant.EPOCH) && at.isBefore(Instant.parse("9999-12-31T00:00:00Z")),
          field,
          "is '" + text + "', which is out of range");
      return check.isClean() ? at : standard;
    } catch (DateTimeParseException e) {
      check.require(false, field, "is '" + text + "'; write it like 2027-01-31T12:00:00Z or -10m");
      return standard;
    }
  }

  private @Nullable Object live(Call call) throws IOException, InterruptedException {
    try (var _ = places.take();
        EventStream events = EventStream.begin(call, "each second")) {
      for (Overview now = pulse.latest(); events.goesOn(); now = pulse.after(now)) {
        events.send("metrics", now);
        events.flush();
      }
    }
    return null;
  }
}
