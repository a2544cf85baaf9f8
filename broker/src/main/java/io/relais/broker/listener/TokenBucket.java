package io.relais.broker.listener;

import java.util.function.LongSupplier;

/// Lets as many through per second as it says, and as many at once after a quiet second.
///
/// Owner: one thread.
final class TokenBucket {
  private final long nanosPerToken;
  private final long nanosMax;
  private final LongSupplier nanoTime;
  private long savedNanos;
  private long lastNanos;

  /// @param perSecond at least 1
  TokenBucket(int perSecond, LongSupplier nanoTime) {
    this.nanosPerToken = Math.max(1, 1_000_000_000L / perSecond);
    this.nanosMax = nanosPerToken * perSecond;
    this.nanoTime = nanoTime;
    this.savedNanos = nanosMax;
    this.lastNanos = nanoTime.getAsLong();
  }

  boolean take() {
    long now = nanoTime.getAsLong();
    savedNanos = Math.min(nanosMax, savedNanos + Math.max(0, now - lastNanos));
    lastNanos = now;
    if (savedNanos < nanosPerToken) {
      return false;
    }
    savedNanos -= nanosPerToken;
    return true;
  }
}
