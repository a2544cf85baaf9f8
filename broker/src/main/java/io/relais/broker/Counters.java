package io.relais.broker;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;

/// Counts of one owner. Only the owner adds, without a lock or an atomic operation; anyone reads,
/// and sees a value of not long ago.
///
/// Owner: a loop, or the applier's thread.
public final class Counters {
  private static final VarHandle VALUES = MethodHandles.arrayElementVarHandle(long[].class);
  private static final int PADDING = 16; // keeps neighbours on other cache lines

  private final long[] values = new long[Counter.ALL.length + 2 * PADDING];

  void add(Counter counter, long n) {
    int at = PADDING + counter.ordinal();
    VALUES.setOpaque(values, at, values[at] + n);
  }

  void increment(Counter counter) {
    add(counter, 1);
  }

  public long get(Counter counter) {
    return (long) VALUES.getOpaque(values, PADDING + counter.ordinal());
  }
}
