package io.relais.admin;

import io.relais.cluster.TimeCounts;
import java.util.List;
import java.util.function.DoubleSupplier;

/// What 99 of 100 took at most over the last seconds, in milliseconds; 0: nothing was counted.
///
/// Owner: who asks, once a second. Limits: the sums of [#SECONDS] looks.
final class RecentTimes implements DoubleSupplier {
  private static final int SECONDS = 10;
  private static final int PERCENT = 99;

  private final List<TimeCounts> sources;
  private final long[][] looks = new long[SECONDS][TimeCounts.COUNTS];
  private int next; // the oldest look

  RecentTimes(List<TimeCounts> sources) {
    this.sources = List.copyOf(sources);
  }

  @Override
  public double getAsDouble() {
    long[] now = new long[TimeCounts.COUNTS];
    sources.forEach(source -> source.addTo(now));
    long[] recent = now.clone();
    for (int i = 0; i < recent.length; i++) {
      recent[i] -= looks[next][i];
    }
    looks[next] = now;
    next = (next + 1) % SECONDS;
    return TimeCounts.millis(recent, PERCENT);
  }
}
