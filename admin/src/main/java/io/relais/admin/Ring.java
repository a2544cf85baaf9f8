package io.relais.admin;

/// Values of several series at the same times, the newest so many.
///
/// Owner: whoever guards it. Limits: its capacity.
final class Ring {
  private final int stepSeconds;
  private final long[] times;
  private final double[][] values; // by series
  private long next;

  Ring(int series, int capacity, int stepSeconds) {
    this.stepSeconds = stepSeconds;
    this.times = new long[capacity];
    this.values = new double[series][capacity];
  }

  int stepSeconds() {
    return stepSeconds;
  }

  void add(long timeMillis, double[] row) {
    int at = (int) (next++ % times.length);
    times[at] = timeMillis;
    for (int i = 0; i < values.length; i++) {
      values[i][at] = row[i];
    }
  }

  /// Sees points of one series, the oldest first.
  interface Visitor {
    void see(long timeMillis, double value);
  }

  void forEach(int series, long fromMillis, long toMillis, Visitor visitor) {
    for (long i = Math.max(0, next - times.length); i < next; i++) {
      int at = (int) (i % times.length);
      if (times[at] >= fromMillis && times[at] <= toMillis) {
        visitor.see(times[at], values[series][at]);
      }
    }
  }
}
