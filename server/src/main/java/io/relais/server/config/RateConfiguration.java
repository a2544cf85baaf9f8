package io.relais.server.config;

import io.relais.broker.RateLimits;

/// How much of each kind is taken within a second.
public record RateConfiguration(
    @Key(
            value =
                "Connections in a second; more are refused (0x9F; 3 on 3.x). `0`, here and below: any number. After a quiet"
                    + " second as many may come at once.",
            standard = "0")
        int connections,
    @Key(
            value =
                "Messages that are published in a second. Whoever is faster is read more slowly; nothing is lost.",
            standard = "0")
        int messages,
    @Key(
            value =
                "Bytes of PUBLISH packets in a second. A message that is larger is taken, and paid for by a longer pause.",
            standard = "0")
        long messageBytes,
    @Key(
            value =
                "Filters that are subscribed to in a second; more are refused (0x97 in SUBACK).",
            standard = "0")
        int subscribes) {
  private static final int MANY = 100_000_000;

  public RateConfiguration {
    Violations violations = new Violations();
    violations.range("connections", connections, 0, MANY);
    violations.range("messages", messages, 0, MANY);
    violations.size("message-bytes", messageBytes, 0, 1L << 40);
    violations.range("subscribes", subscribes, 0, MANY);
    violations.throwIfAny();
  }

  public RateLimits limits() {
    return new RateLimits(connections, messages, messageBytes, subscribes);
  }
}
