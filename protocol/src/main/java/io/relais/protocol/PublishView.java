package io.relais.protocol;

import java.util.Arrays;

/// A PUBLISH as it lies in an array: offsets instead of copies, so that the message path decodes
/// without allocating. Reused: [PacketDecoder] sets all of it anew for each packet, and after a
/// [MalformedPacket] it holds nothing of use.
///
/// Owner: whoever reads the connection. Valid only as long as the array is left alone.
public final class PublishView {
  private byte[] array = {};
  private int start;
  private int end;
  private ProtocolVersion version = ProtocolVersion.MQTT_5;
  private int topicStart;
  private int topicEnd;
  private int packetIdStart = -1;
  private int propertiesStart;
  private int propertiesEnd;
  private int topicAlias;
  private long messageExpirySeconds = -1;
  private boolean subscriptionIdentified;
  private int firstUserProperty;
  private int forwardableLength;

  /// Sets everything up to the properties.
  void onHeader(
      ProtocolVersion version, byte[] array, int start, int end, int topicStart, int topicEnd) {
    this.version = version;
    this.array = array;
    this.start = start;
    this.end = end;
    this.topicStart = topicStart;
    this.topicEnd = topicEnd;
    packetIdStart = qos() == 0 ? -1 : topicEnd;
  }

  /// In 3.x both are where the payload begins.
  void onProperties(int start, int end) {
    propertiesStart = start;
    propertiesEnd = end;
    topicAlias = 0;
    messageExpirySeconds = -1;
    subscriptionIdentified = false;
    firstUserProperty = end;
    forwardableLength = end - start;
  }

  /// @param value where the property's value stands, one byte after its identifier
  /// @param next where the next property begins
  void onProperty(Property property, int value, int next) {
    switch (property) {
      case TOPIC_ALIAS -> topicAlias = Fields.unsignedShort(array, value);
      case MESSAGE_EXPIRY_INTERVAL -> messageExpirySeconds = Fields.unsignedInt(array, value);
      case SUBSCRIPTION_IDENTIFIER -> subscriptionIdentified = true;
      case USER_PROPERTY -> {
        firstUserProperty = Math.min(firstUserProperty, value - 1);
        return;
      }
      default -> {
        return;
      }
    }
    forwardableLength -= next - (value - 1);
  }

  public byte[] array() {
    return array;
  }

  /// Where the fixed header stands.
  public int start() {
    return start;
  }

  /// Where the packet and its payload end.
  public int end() {
    return end;
  }

  public ProtocolVersion version() {
    return version;
  }

  public boolean dup() {
    return (array[start] & 0x08) != 0;
  }

  public int qos() {
    return array[start] >> 1 & 0x03;
  }

  public boolean retain() {
    return (array[start] & 0x01) != 0;
  }

  public int topicStart() {
    return topicStart;
  }

  public int topicEnd() {
    return topicEnd;
  }

  /// 1 to 65,535, or 0 at QoS 0.
  public int packetId() {
    return packetIdStart < 0 ? 0 : Fields.unsignedShort(array, packetIdStart);
  }

  /// -1 at QoS 0.
  public int packetIdStart() {
    return packetIdStart;
  }

  /// Where the first property stands, after their length; in 3.x where the payload begins.
  public int propertiesStart() {
    return propertiesStart;
  }

  public int propertiesEnd() {
    return propertiesEnd;
  }

  public int payloadStart() {
    return propertiesEnd;
  }

  /// 1 to 65,535, or 0 where none stands.
  public int topicAlias() {
    return topicAlias;
  }

  /// 0 to 4,294,967,295, or -1 where none stands.
  public long messageExpirySeconds() {
    return messageExpirySeconds;
  }

  /// Whether there are user properties at all.
  public boolean hasUserProperty() {
    return firstUserProperty < propertiesEnd;
  }

  /// Looks for a user property by the bytes of its name.
  ///
  /// @param from where to begin: [#propertiesStart], or [#userPropertyEnd] of the one found before
  /// @return where its value begins, or -1 if there is no further one
  public int userProperty(byte[] name, int from) {
    int at = Math.max(from, firstUserProperty);
    while (at < propertiesEnd) {
      int next = Fields.trustedPropertyEnd(array, at);
      if (Fields.trustedProperty(array, at) == Property.USER_PROPERTY) {
        int nameStart = at + 3;
        int nameEnd = nameStart + Fields.unsignedShort(array, at + 1);
        if (Arrays.equals(array, nameStart, nameEnd, name, 0, name.length)) {
          return nameEnd + 2;
        }
      }
      at = next;
    }
    return -1;
  }

  /// Where the value ends that begins at `valueStart`, as [#userProperty] gave it.
  public int userPropertyEnd(int valueStart) {
    return valueStart + Fields.unsignedShort(array, valueStart - 2);
  }

  /// Whether the properties may be sent on byte for byte, as long as the message has not waited:
  /// nothing stands in them that holds for the sender's connection only. A message expiry interval
  /// may, and is to be lowered if the message did wait.
  public boolean forwardsAsIs() {
    return topicAlias == 0 && !subscriptionIdentified;
  }

  /// The bytes that [#copyForwardable] writes.
  public int forwardableLength() {
    return forwardableLength;
  }

  /// Copies the properties, without a length before them, that go on to every subscriber unchanged
  /// and in their order: all but TOPIC_ALIAS, MESSAGE_EXPIRY_INTERVAL and SUBSCRIPTION_IDENTIFIER.
  ///
  /// @return the position in `to` after the last
  public int copyForwardable(byte[] to, int at) {
    if (forwardableLength == propertiesEnd - propertiesStart) {
      System.arraycopy(array, propertiesStart, to, at, forwardableLength);
      return at + forwardableLength;
    }
    for (int from = propertiesStart; from < propertiesEnd; ) {
      int next = Fields.trustedPropertyEnd(array, from);
      switch (Fields.trustedProperty(array, from)) {
        case TOPIC_ALIAS, MESSAGE_EXPIRY_INTERVAL, SUBSCRIPTION_IDENTIFIER -> {}
        default -> {
          // [MQTT-3.3.2-4] [MQTT-3.3.2-15] [MQTT-3.3.2-16] [MQTT-3.3.2-17] [MQTT-3.3.2-18]
          // [MQTT-3.3.2-20]
          System.arraycopy(array, from, to, at, next - from);
          at += next - from;
        }
      }
      from = next;
    }
    return at;
  }

  /// The one check that the decoder leaves to its caller, who may know the topic's bytes from
  /// before: UTF-8 without U+0000, no wildcards, not empty unless an alias stands for it.
  public void checkTopic() throws MalformedPacket {
    Fields.checkTopic(version, array, topicStart, topicEnd, topicAlias);
  }

  /// The topic name, which must have been checked.
  public String topic() {
    return Fields.string(array, topicStart, topicEnd);
  }

  /// The packet as a value, a copy; the topic must have been checked.
  public Packet.Publish toPacket() {
    return new Packet.Publish(
        dup(),
        qos(),
        retain(),
        topic(),
        packetId(),
        Fields.trustedProperties(array, propertiesStart, propertiesEnd),
        Arrays.copyOfRange(array, payloadStart(), end));
  }
}
