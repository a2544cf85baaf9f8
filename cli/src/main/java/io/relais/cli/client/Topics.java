package io.relais.cli.client;

import com.hivemq.client.mqtt.datatypes.MqttTopic;
import com.hivemq.client.mqtt.datatypes.MqttTopicFilter;

/// Checks of what the user names, before anything is sent.
final class Topics {
  private Topics() {}

  static void checkName(String topic, ConnectOptions options) {
    try {
      MqttTopic.of(topic);
    } catch (IllegalArgumentException e) {
      throw options.wrong(
          "'"
              + topic
              + "' is not a topic to publish to: it must not be empty nor contain '+' or '#'.");
    }
  }

  static void checkFilter(String filter, ConnectOptions options) {
    try {
      MqttTopicFilter.of(filter);
    } catch (IllegalArgumentException e) {
      throw options.wrong(
          "'"
              + filter
              + "' is not a topic filter: '+' stands alone in a level, '#' alone in the last.");
    }
  }

  static void checkQos(int qos, ConnectOptions options) {
    if (qos < 0 || qos > 2) {
      throw options.wrong("The QoS is 0, 1 or 2, not " + qos + ".");
    }
  }
}
