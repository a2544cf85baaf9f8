package io.relais.cluster;

import java.util.concurrent.atomic.AtomicLongArray;

/// How often something took how long. Lengths are told apart by an eighth of their doubling, from a
/// microsecond on, so that a look says what most took without any being kept.
///
/// Owner: one thread adds; any thread reads. Limits: [#COUNTS] counts, the last of them for all
/// that took 19 hours and more.
public final class TimeCounts {
  private static final int PARTS_BITS = 3;
  private static final int PARTS = 1 << PARTS_BITS;
  private static final int DOUBLINGS_MAX = 35;

  /// How many lengths are told apart.
  public static final int COUNTS = (DOUBLINGS_MAX - PARTS_BITS + 2) * PARTS;

  private final AtomicLongArray counts = new AtomicLongArray(COUNTS);

  /// On the one thread that adds.
  public void add(long nanos) {
    int place = place(nanos / 1_000);
    counts.setRelease(place, counts.getPlain(place) + 1);
  }

  private static int place(long micros) {
    if (micros < PARTS) {
      return (int) Math.max(0, micros);
    }
    int doublings = 63 - Long.numberOfLeadingZeros(micros);
    if (doublings > DOUBLINGS_MAX) {
      return COUNTS - 1;
    }
    int part = (int) (micros >>> doublings - PARTS_BITS) & PARTS - 1;
    return (doublings - PARTS_BITS + 1) * PARTS + part;
  }

  /// Adds what was counted until now to [#COUNTS] sums.
  public void addTo(long[] sums) {
    for (int i = 0; i < COUNTS; i++) {
      sums[i] += counts.getAcquire(i);
    }
  }

  /// What so many percent of some counts took at most, in milliseconds; 0: nothing was counted.
  public static double millis(long[] counts, int percent) {
    long all = 0;
    for (long count : counts) {
      all += count;
    }
    if (all == 0) {
      return 0;
    }
    long wanted = Math.ceilDiv(all * percent, 100);
    int place = 0;
    for (long seen = counts[0]; seen < wanted; seen += counts[place]) {
      place++;
    }
    return atMostMicros(place) / 1_000.0;
  }

  private static long atMostMicros(int place) {
    if (place < PARTS) {
      return place + 1L;
    }
    return (PARTS + place % PARTS + 1L) << place / PARTS - 1;
  }
}
