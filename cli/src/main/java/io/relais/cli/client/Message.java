package io.relais.cli.client;

import java.util.List;
import java.util.Map.Entry;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// An application message, sent or received, the same for every protocol version.
///
/// The payload array is shared, not copied: nobody writes to it.
record Message(String topic, byte[] payload, int qos, boolean retain, Properties properties) {
  Message {
    Objects.requireNonNull(topic);
    if (qos < 0 || qos > 2) {
      throw new IllegalArgumentException("QoS is 0, 1 or 2, not " + qos);
    }
  }

  static Message of(String topic, byte[] payload, int qos, boolean retain) {
    return new Message(topic, payload, qos, retain, Properties.NONE);
  }

  Message withPayload(byte[] other) {
    return new Message(topic, other, qos, retain, properties);
  }

  /// The MQTT 5 properties of a message; null where the property is absent.
  record Properties(
      @Nullable String contentType,
      byte @Nullable [] correlation,
      @Nullable Integer payloadFormat,
      @Nullable String responseTopic,
      @Nullable Long expirySeconds,
      List<Entry<String, String>> user) {
    static final Properties NONE = new Properties(null, null, null, null, null, List.of());

    Properties withResponseTopic(String topic) {
      return new Properties(contentType, correlation, payloadFormat, topic, expirySeconds, user);
    }

    boolean isEmpty() {
      return equals(NONE);
    }
  }
}
