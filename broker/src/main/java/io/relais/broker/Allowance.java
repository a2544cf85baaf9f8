package io.relais.broker;

import org.jspecify.annotations.Nullable;

/// What one client, user, address or listener may take; null: any.
///
/// Owner: any loop; `connections` and `waits` change within the map that holds it.
final class Allowance {
  final @Nullable Rate connects;
  final @Nullable Rate messages;
  final @Nullable Rate messageBytes;
  final @Nullable Rate subscribes;
  int connections; // that use it
  boolean waits; // to be looked at again, and forgotten

  Allowance(RateLimits limits, int loops) {
    this.connects = rate(limits.connections(), loops);
    this.messages = rate(limits.messages(), loops);
    this.messageBytes = rate(limits.messageBytes(), loops);
    this.subscribes = rate(limits.subscribes(), loops);
  }

  private static @Nullable Rate rate(long perSecond, int loops) {
    return perSecond == 0 ? null : new Rate(perSecond, loops);
  }

  boolean mayConnect(long nowMillis) {
    return connects == null || connects.take(nowMillis);
  }

  boolean isQuiet(long nowMillis) {
    return isQuiet(connects, nowMillis)
        && isQuiet(messages, nowMillis)
        && isQuiet(messageBytes, nowMillis)
        && isQuiet(subscribes, nowMillis);
  }

  private static boolean isQuiet(@Nullable Rate rate, long nowMillis) {
    return rate == null || rate.isQuiet(nowMillis);
  }
}
