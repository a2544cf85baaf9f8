package io.relais.cli.bench;

import java.time.Instant;
import java.util.function.LongSupplier;

/// Nanoseconds since 1970 that advance as the monotonic clock does: due times which another
/// process, or a machine whose clock agrees, can read too.
final class WallNanos implements LongSupplier {
  private final long offset;

  WallNanos() {
    Instant now = Instant.now();
    offset = now.getEpochSecond() * 1_000_000_000 + now.getNano() - System.nanoTime();
  }

  @Override
  public long getAsLong() {
    return System.nanoTime() + offset;
  }
}
