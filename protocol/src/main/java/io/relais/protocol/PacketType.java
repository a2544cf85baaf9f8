package io.relais.protocol;

/// Control packet types by their number in the fixed header [MQTT 5.0 section 2.1.2].
public enum PacketType {
  CONNECT(1, 0),
  CONNACK(2, 0),
  PUBLISH(3, 0),
  PUBACK(4, 0),
  PUBREC(5, 0),
  PUBREL(6, 2),
  PUBCOMP(7, 0),
  SUBSCRIBE(8, 2),
  SUBACK(9, 0),
  UNSUBSCRIBE(10, 2),
  UNSUBACK(11, 0),
  PINGREQ(12, 0),
  PINGRESP(13, 0),
  DISCONNECT(14, 0),
  AUTH(15, 0);

  private static final PacketType[] BY_NUMBER = values();

  private final int number;
  private final int flags;

  PacketType(int number, int flags) {
    this.number = number;
    this.flags = flags;
  }

  public int number() {
    return number;
  }

  /// The whole first byte of the fixed header, for all types but PUBLISH.
  public int headerByte() {
    return number << 4 | flags;
  }

  /// @param number 1 to 15
  public static PacketType of(int number) {
    return BY_NUMBER[number - 1];
  }
}
