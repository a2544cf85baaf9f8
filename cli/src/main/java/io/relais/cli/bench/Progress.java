package io.relais.cli.bench;

import java.io.PrintStream;
import java.util.Locale;
import org.HdrHistogram.Histogram;

/// One line a second on a terminal, written over itself; nothing where there is none.
///
/// Owner: the main thread.
final class Progress {
  private static final int WIDTH = 100;

  private final PrintStream out;
  private final boolean shown;
  private boolean open;
  private long sent;
  private long received;

  Progress(PrintStream out, boolean shown) {
    this.out = out;
    this.shown = shown;
  }

  /// @param seconds since the last line
  /// @param latency of this interval
  /// @param missing sent, and not received yet: on the way or lost
  void show(Tally tally, double seconds, Histogram latency, long missing) {
    long sentNow = tally.written.sum();
    long receivedNow = tally.received.sum();
    String line =
        String.format(
            Locale.ROOT,
            "%,d connected  sent %,.0f/s  received %,.0f/s  p99 %.3f ms  missing %,d",
            tally.connected.sum() - tally.closed.sum(),
            (sentNow - sent) / seconds,
            (receivedNow - received) / seconds,
            latency.getTotalCount() == 0 ? 0 : latency.getValueAtPercentile(99) / 1e6,
            Math.max(0, missing));
    sent = sentNow;
    received = receivedNow;
    if (shown) {
      out.print("\r" + line + " ".repeat(Math.max(0, WIDTH - line.length())));
      out.flush();
      open = true;
    }
  }

  /// Leaves the terminal for what comes next.
  void close() {
    if (open) {
      out.print("\r" + " ".repeat(WIDTH) + "\r");
      out.flush();
      open = false;
    }
  }
}
