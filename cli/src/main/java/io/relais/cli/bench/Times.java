package io.relais.cli.bench;

import org.HdrHistogram.Histogram;
import org.HdrHistogram.SingleWriterRecorder;
import org.jspecify.annotations.Nullable;

/// One histogram of durations, three digits exact, up to an hour.
///
/// Owner: [#record] its loop, the rest the main thread.
final class Times {
  private static final long MAX_NANOS = 3_600_000_000_000L;
  private static final int DIGITS = 3;

  private final SingleWriterRecorder recorder = new SingleWriterRecorder(MAX_NANOS, DIGITS);
  private @Nullable Histogram interval;

  void record(long nanos) {
    recorder.recordValue(Math.clamp(nanos, 0, MAX_NANOS));
  }

  /// Moves what was recorded since the last call.
  void drainTo(Histogram total) {
    interval = recorder.getIntervalHistogram(interval);
    total.add(interval);
  }

  static Histogram empty() {
    return new Histogram(MAX_NANOS, DIGITS);
  }
}
