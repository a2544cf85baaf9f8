package io.relais.broker;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;

/// So much of one thing in a second, shared by all loops without a lock. It knows up to which
/// moment what was taken is paid for, which lies up to a second back after a quiet time. What comes
/// as messages is always taken, and whoever brought it waits until that moment; what can be refused
/// is refused while the moment lies ahead.
///
/// For messages each loop takes a millisecond's worth ahead, so that the moment, which all loops
/// share, moves once for many of them.
///
/// Owner: any loop; of `ahead` each has its own place. Limits: none of its own.
final class Rate {
  private static final VarHandle PAID;
  private static final long SECOND_NANOS = 1_000_000_000;
  private static final long MILLI_NANOS = 1_000_000;
  private static final int APART = 8; // keeps loops on other cache lines
  private static final long[] NONE = {};

  static {
    try {
      PAID = MethodHandles.lookup().findVarHandle(Rate.class, "paidNanos", long.class);
    } catch (ReflectiveOperationException e) {
      throw new ExceptionInInitializerError(e);
    }
  }

  private final long perSecond;
  private final long aheadMax;
  private final long[] ahead;
  private volatile long paidNanos = Long.MIN_VALUE / 2; // long ago

  /// @param perSecond at least 1
  /// @param loops that share it and take ahead; 0: nothing is taken ahead
  Rate(long perSecond, int loops) {
    this.perSecond = perSecond;
    this.aheadMax = loops == 0 ? 0 : perSecond / 1_000;
    this.ahead = aheadMax == 0 ? NONE : new long[(loops + 1) * APART];
  }

  /// Takes what is there already.
  ///
  /// @return for how long nothing more should be taken, nanoseconds; 0: go on
  long charge(long n, int loop, long nowMillis) {
    long taken = n;
    if (aheadMax > 0) {
      int own = (loop + 1) * APART - 1;
      long left = ahead[own] - n;
      if (left >= 0) {
        ahead[own] = left;
        return 0;
      }
      ahead[own] = aheadMax;
      taken = aheadMax - left;
    }
    long nowNanos = nowMillis * MILLI_NANOS;
    long cost = cost(taken);
    while (true) {
      long before = paidNanos;
      long after = Math.max(before, nowNanos - SECOND_NANOS) + cost;
      if (PAID.compareAndSet(this, before, after)) {
        return Math.max(0, after - nowNanos);
      }
    }
  }

  /// Takes one, if the rate allows it.
  boolean take(long nowMillis) {
    long nowNanos = nowMillis * MILLI_NANOS;
    while (true) {
      long before = paidNanos;
      long after = Math.max(before, nowNanos - SECOND_NANOS) + cost(1);
      if (after > nowNanos) {
        return false;
      }
      if (PAID.compareAndSet(this, before, after)) {
        return true;
      }
    }
  }

  private long cost(long n) {
    return n * SECOND_NANOS / perSecond;
  }

  /// Until what was taken is paid for, nanoseconds; 0: it is.
  long owedNanos(long nowMillis) {
    return Math.max(0, paidNanos - nowMillis * MILLI_NANOS);
  }

  /// Whether it is as good as new.
  boolean isQuiet(long nowMillis) {
    return paidNanos <= nowMillis * MILLI_NANOS - SECOND_NANOS;
  }
}
