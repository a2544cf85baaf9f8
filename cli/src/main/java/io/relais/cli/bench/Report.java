package io.relais.cli.bench;

import com.fasterxml.jackson.annotation.JsonPropertyOrder;
import java.io.PrintWriter;
import java.util.Locale;
import java.util.Map;
import org.HdrHistogram.Histogram;
import org.jspecify.annotations.Nullable;

/// What a run came to. The names of the components are those of the JSON. Nothing of the warm-up is
/// in it but connections.
///
/// @param scheduled messages, or visits, that the schedule had
/// @param sent of those, written to a socket
/// @param expected deliveries: what was sent, for each receiver that should have got it
/// @param received deliveries, each counted once
/// @param foreign messages that should not have come, or of a wrong size
/// @param heldBack were due while too much was unacknowledged or the socket was full, and sent
///   later
/// @param connects visits of `connect`, `login`, `takeover` that the server accepted
/// @param drainMillis of `offline`: from when the first came back to the last message
/// @param sendDelayMicros how late the generator looked at what was due
/// @param keptSchedule whether that was at most 10 ms, but for one in a hundred
@JsonPropertyOrder(alphabetic = false)
record Report(
    String scenario,
    String server,
    String protocolVersion,
    int qos,
    int sizeBytes,
    long rate,
    int publishers,
    int subscribers,
    int clients,
    long elapsedMillis,
    boolean interrupted,
    boolean passed,
    boolean keptSchedule,
    long scheduled,
    long sent,
    long acknowledged,
    long unacknowledged,
    long refused,
    long heldBack,
    long expected,
    long received,
    long lost,
    long duplicates,
    long reordered,
    long foreign,
    double sentPerSecond,
    double receivedPerSecond,
    long connects,
    long connectionsOpened,
    long connectionsFailed,
    long connectionsLost,
    long connectionsTakenOver,
    long connectionsLeftOpen,
    long subscriptionsFailed,
    @Nullable Long drainMillis,
    @Nullable Durations latencyMicros,
    @Nullable Durations acknowledgementMicros,
    @Nullable Durations connectMicros,
    @Nullable Durations sendDelayMicros,
    Map<String, Long> errors) {

  static final long DELAY_NANOS_MAX = 10_000_000;

  /// Of a histogram, in microseconds.
  record Durations(
      long count, double min, double p50, double p90, double p99, double p999, double max) {
    static @Nullable Durations of(Histogram h) {
      if (h.getTotalCount() == 0) {
        return null;
      }
      return new Durations(
          h.getTotalCount(),
          micros(h.getMinValue()),
          micros(h.getValueAtPercentile(50)),
          micros(h.getValueAtPercentile(90)),
          micros(h.getValueAtPercentile(99)),
          micros(h.getValueAtPercentile(99.9)),
          micros(h.getMaxValue()));
    }

    private static double micros(long nanos) {
      return Math.round(nanos / 100.0) / 10.0;
    }

    private String line(String name) {
      return String.format(
          Locale.ROOT,
          "%-12s %10.3f %10.3f %10.3f %10.3f %10.3f %10.3f",
          name,
          min / 1000,
          p50 / 1000,
          p90 / 1000,
          p99 / 1000,
          p999 / 1000,
          max / 1000);
    }
  }

  /// Whether all went as it must: all connections, nothing lost at QoS 1 and 2, nothing twice at 2.
  static boolean passes(
      int qos, long connectionsMissing, long lost, long unacknowledged, long duplicates) {
    return connectionsMissing == 0
        && (qos == 0 || (lost == 0 && unacknowledged == 0))
        && (qos < 2 || duplicates == 0);
  }

  void print(PrintWriter out) {
    print(
        out,
        "%s at %s, MQTT %s%s, %.1f s%s%n",
        scenario,
        server,
        protocolVersion,
        messages() ? ", QoS " + qos + ", " + sizeBytes + " bytes" : "",
        elapsedMillis / 1000.0,
        interrupted ? ", interrupted" : "");
    if (publishers > 0) {
      print(out, "  %,d publishers: sent %,d of %,d", publishers, sent, scheduled);
      print(out, " (%,.0f/s)", sentPerSecond);
      out.print(qos > 0 ? text(", acknowledged %,d", acknowledged) : "");
      out.print(unacknowledged > 0 ? text(", not acknowledged %,d", unacknowledged) : "");
      out.print(refused > 0 ? text(", refused %,d", refused) : "");
      out.println(heldBack > 0 ? text(", held back %,d", heldBack) : "");
    }
    if (subscribers > 0) {
      print(out, "  %,d subscribers: received %,d of %,d", subscribers, received, expected);
      print(out, " (%,.0f/s)", receivedPerSecond);
      print(out, ", lost %,d, duplicates %,d, reordered %,d", lost, duplicates, reordered);
      out.println(foreign > 0 ? text(", foreign %,d", foreign) : "");
    }
    if (clients > 0) {
      print(out, "  %,d clients: accepted %,d of %,d", clients, connects, scheduled);
      out.println(heldBack > 0 ? text(", held back %,d", heldBack) : "");
    }
    if (drainMillis != null) {
      print(out, "  drained in %,d ms after coming back%n", drainMillis);
    }
    print(
        out,
        "  connections: opened %,d, failed %,d, lost %,d",
        connectionsOpened,
        connectionsFailed,
        connectionsLost);
    out.print(
        connectionsTakenOver + connectionsLeftOpen > 0
            ? text(", taken over %,d, left open %,d", connectionsTakenOver, connectionsLeftOpen)
            : "");
    out.println(subscriptionsFailed > 0 ? "; subscriptions failed " + subscriptionsFailed : "");
    print(
        out,
        "%n  %-12s %10s %10s %10s %10s %10s %10s%n",
        "ms",
        "min",
        "p50",
        "p90",
        "p99",
        "p99.9",
        "max");
    row(out, "latency", latencyMicros);
    row(out, "acknowledged", acknowledgementMicros);
    row(out, "connect", connectMicros);
    row(out, "send delay", sendDelayMicros);
    if (!errors.isEmpty()) {
      print(out, "%n  errors%n");
      errors.forEach((kind, count) -> print(out, "  %,10d  %s%n", count, kind));
    }
    if (!keptSchedule) {
      print(
          out,
          "%nThe generator did not keep its schedule: one in a hundred sends was more than %d ms late.%n"
              + "The latencies count that in. Use a lower rate, fewer clients or a machine of its own.%n",
          DELAY_NANOS_MAX / 1_000_000);
    }
    if (publishers > 0 && sent < scheduled && !interrupted) {
      print(
          out,
          "%n%,d messages were due and could not be sent: the server did not take them in time, or a publisher had no connection.%n",
          scheduled - sent);
    }
    out.flush();
  }

  private static void print(PrintWriter out, String format, Object... values) {
    out.print(text(format, values));
  }

  @SuppressWarnings(
      "AnnotateFormatMethod") // the annotation is Error Prone's, no part of the program
  private static String text(String format, Object... values) {
    return String.format(Locale.ROOT, format, values);
  }

  private boolean messages() {
    return publishers + subscribers > 0;
  }

  private static void row(PrintWriter out, String name, @Nullable Durations durations) {
    if (durations != null) {
      out.println("  " + durations.line(name));
    }
  }
}
