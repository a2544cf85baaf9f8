package io.relais.storage;

import static java.nio.charset.StandardCharsets.UTF_8;

import org.jspecify.annotations.Nullable;

/// An application message as it is kept and routed, independent of the version that brought it.
/// Immutable; arrays must not be changed.
public final class Message {
  /// What a message costs in memory besides its bytes, for limits; bytes.
  static final int OVERHEAD_BYTES = 112;

  private static final byte[] EMPTY = {};

  private final String topic;
  private final byte[] topicBytes;
  private final byte[] payload;
  private final byte[] properties;
  private final int qos;
  private final boolean retain;
  private final long expiresAtMillis;
  private final @Nullable String publisher;

  /// @param topicBytes the topic in UTF-8
  /// @param properties what is forwarded unchanged, encoded as in a PUBLISH of MQTT 5.0 without its
  ///   length: no topic alias, expiry or subscription identifier
  /// @param qos as published
  /// @param retain as published
  /// @param expiresAtMillis in log time; 0: never
  /// @param publisher client id of the publisher, for no-local; null: the broker itself
  public Message(
      String topic,
      byte[] topicBytes,
      byte[] payload,
      byte[] properties,
      int qos,
      boolean retain,
      long expiresAtMillis,
      @Nullable String publisher) {
    this.topic = topic;
    this.topicBytes = topicBytes;
    this.payload = payload;
    this.properties = properties;
    this.qos = qos;
    this.retain = retain;
    this.expiresAtMillis = expiresAtMillis;
    this.publisher = publisher;
  }

  /// A topic as messages have it.
  public static byte[] topicBytes(String topic) {
    return topic.getBytes(UTF_8);
  }

  /// A message without properties, expiry or publisher.
  public static Message of(String topic, byte[] payload, int qos, boolean retain) {
    return new Message(topic, topicBytes(topic), payload, EMPTY, qos, retain, 0, null);
  }

  public Message withExpiry(long atMillis) {
    return new Message(topic, topicBytes, payload, properties, qos, retain, atMillis, publisher);
  }

  /// The same for another topic, and so much later.
  public Message delayed(String laterTopic, long millis) {
    return new Message(
        laterTopic,
        topicBytes(laterTopic),
        payload,
        properties,
        qos,
        retain,
        expiresAtMillis == 0 ? 0 : expiresAtMillis + millis,
        publisher);
  }

  public String topic() {
    return topic;
  }

  public byte[] topicBytes() {
    return topicBytes;
  }

  public byte[] payload() {
    return payload;
  }

  public byte[] properties() {
    return properties;
  }

  public int qos() {
    return qos;
  }

  public boolean retain() {
    return retain;
  }

  public long expiresAtMillis() {
    return expiresAtMillis;
  }

  public @Nullable String publisher() {
    return publisher;
  }

  public boolean isExpired(long nowMillis) {
    return expiresAtMillis != 0 && nowMillis >= expiresAtMillis;
  }

  /// What counts against limits of bytes.
  public int bytes() {
    return OVERHEAD_BYTES + topicBytes.length + payload.length + properties.length;
  }

  @Override
  public String toString() {
    return "Message[%s, qos=%d, retain=%s, %d bytes]".formatted(topic, qos, retain, payload.length);
  }
}
