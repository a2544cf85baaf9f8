package io.relais.cluster;

/// How long batches took to be written and synced.
///
/// Owner: the applier; any thread reads.
public final class SyncTimes {
  private volatile long count;
  private volatile long nanos;
  private volatile long sinceNanos; // of the one under way
  private volatile boolean underWay;
  private final TimeCounts counts = new TimeCounts();

  SyncTimes() {}

  void begin() {
    sinceNanos = System.nanoTime();
    underWay = true;
  }

  @SuppressWarnings("NonAtomicVolatileUpdate") // only the applier writes
  void end() {
    long took = System.nanoTime() - sinceNanos;
    nanos += took;
    counts.add(took);
    count++;
    underWay = false;
  }

  /// Batches that were synced.
  public long count() {
    return count;
  }

  /// What they took together.
  public long nanos() {
    return nanos;
  }

  /// How many of them took how long.
  public TimeCounts counts() {
    return counts;
  }

  /// How long the one takes that is under way; 0: none is.
  public long underWayNanos() {
    return underWay ? Math.max(0, System.nanoTime() - sinceNanos) : 0;
  }
}
