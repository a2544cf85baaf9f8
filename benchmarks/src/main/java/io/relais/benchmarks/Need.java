package io.relais.benchmarks;

/// What a scenario asks of a broker beyond MQTT 3.1.1 with clean sessions.
enum Need {
  MQTT_5,
  SHARED_SUBSCRIPTIONS,
  SESSIONS,
  RETAINED_MESSAGES,
  /// Matching that does not look at every subscription.
  MANY_SUBSCRIPTIONS
}
