package io.relais.broker;

import java.time.Duration;

/// How often a client id may connect.
///
/// @param attempts accepted CONNECTs within the window; 0: any number
/// @param ban how long an id that connects more often is banned
public record FlappingLimits(int attempts, Duration window, Duration ban) {
  public static final FlappingLimits OFF =
      new FlappingLimits(0, Duration.ofMinutes(1), Duration.ofMinutes(5));
}
