package io.relais.benchmarks;

/// What a scenario asks of a broker beyond QoS 0 and 1 of MQTT 3.1.1 with clean sessions.
enum Need {
  MQTT_5("MQTT 5"),
  QOS_2("QoS 2"),
  SHARED_SUBSCRIPTIONS("shared subscriptions"),
  SESSIONS("sessions"),
  RETAINED_MESSAGES("retained messages"),
  /// Matching that does not look at every subscription.
  MANY_SUBSCRIPTIONS("many subscriptions");

  private final String words;

  Need(String words) {
    this.words = words;
  }

  String words() {
    return words;
  }
}
