package io.relais.broker;

/// How a shared group chooses the member that gets a message.
public enum SharedPolicy {
  ROUND_ROBIN,
  RANDOM,
  /// the same member as long as it stays
  STICKY,
  /// by the publisher's client id
  HASH_CLIENT,
  HASH_TOPIC,
  /// the member with the fewest messages that wait or are not acknowledged
  LEAST_IN_FLIGHT
}
