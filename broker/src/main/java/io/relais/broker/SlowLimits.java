package io.relais.broker;

import java.time.Duration;

/// From when on a subscriber counts as slow.
///
/// @param threshold latency at least; zero: nobody is watched
/// @param count how many are told, of the worst
/// @param window how long what was measured counts
public record SlowLimits(Duration threshold, int count, Duration window) {
  public static final int COUNT_MAX = 1_000;

  public SlowLimits {
    if (threshold.isNegative()
        || count < 1
        || count > COUNT_MAX
        || window.compareTo(Duration.ofSeconds(1)) < 0) {
      throw new IllegalArgumentException(
          "threshold %s, count %d, window %s: expected 0 or more, 1 to %d, 1 s or more"
              .formatted(threshold, count, window, COUNT_MAX));
    }
  }
}
