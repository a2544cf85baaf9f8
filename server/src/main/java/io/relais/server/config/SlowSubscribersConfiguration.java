package io.relais.server.config;

import io.relais.broker.SlowLimits;
import java.time.Duration;

/// Who counts as a slow subscriber.
public record SlowSubscribersConfiguration(
    @Key(
            value =
                "How long a message takes at least, until it is acknowledged or at QoS 0 written, for its subscriber to count as"
                    + " slow. `0`: nobody is watched. Up to 1h.",
            standard = "500ms")
        Duration threshold,
    @Key(value = "How many are told, the worst first. 1 to 1000.", standard = "100") int count,
    @Key(value = "How long what was measured counts, 10s to 1h.", standard = "5m")
        Duration window) {

  public SlowSubscribersConfiguration {
    Violations violations = new Violations();
    violations.range("threshold", threshold, Duration.ZERO, Duration.ofHours(1));
    violations.range("count", count, 1, SlowLimits.COUNT_MAX);
    violations.range("window", window, Duration.ofSeconds(10), Duration.ofHours(1));
    violations.throwIfAny();
  }
}
