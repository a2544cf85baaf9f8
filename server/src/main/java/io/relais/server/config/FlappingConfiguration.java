package io.relais.server.config;

import java.time.Duration;

/// How often a client id may connect before it is banned for a while.
public record FlappingConfiguration(
    @Key(
            value =
                "How often a client id may connect within the window. One that does so more often is banned. `0`: as often as"
                    + " it likes. Up to 100.",
            standard = "0")
        int attempts,
    @Key(value = "The time in which attempts are counted, 1s to 1h.", standard = "1m")
        Duration window,
    @Key(value = "How long the client id is banned, 1s to 30d.", standard = "5m") Duration ban) {
  static final int ATTEMPTS_MAX = 100;

  public FlappingConfiguration {
    Violations violations = new Violations();
    violations.range("attempts", attempts, 0, ATTEMPTS_MAX);
    violations.range("window", window, Duration.ofSeconds(1), Duration.ofHours(1));
    violations.range("ban", ban, Duration.ofSeconds(1), Duration.ofDays(30));
    violations.throwIfAny();
  }
}
