package io.relais.server.config;

/// Who of a shared subscription's group gets a message.
public enum SharedSubscriptionPolicy {
  ROUND_ROBIN,
  RANDOM,
  STICKY,
  HASH_CLIENT,
  HASH_TOPIC,
  LEAST_IN_FLIGHT
}
