package io.relais.protocol;

import static io.relais.protocol.PacketType.AUTH;
import static io.relais.protocol.PacketType.CONNACK;
import static io.relais.protocol.PacketType.CONNECT;
import static io.relais.protocol.PacketType.DISCONNECT;
import static io.relais.protocol.PacketType.PUBACK;
import static io.relais.protocol.PacketType.PUBCOMP;
import static io.relais.protocol.PacketType.PUBLISH;
import static io.relais.protocol.PacketType.PUBREC;
import static io.relais.protocol.PacketType.PUBREL;
import static io.relais.protocol.PacketType.SUBACK;
import static io.relais.protocol.PacketType.SUBSCRIBE;
import static io.relais.protocol.PacketType.UNSUBACK;
import static io.relais.protocol.PacketType.UNSUBSCRIBE;

import org.jspecify.annotations.Nullable;

/// The properties of MQTT 5.0 with their identifiers, wire types and the packets they may stand in
/// [MQTT 5.0 section 2.2.2.2]. Where a property may stand in the will, `inWill` says so.
public enum Property {
  PAYLOAD_FORMAT_INDICATOR(0x01, Kind.BYTE, true, PUBLISH),
  MESSAGE_EXPIRY_INTERVAL(0x02, Kind.FOUR_BYTES, true, PUBLISH),
  CONTENT_TYPE(0x03, Kind.STRING, true, PUBLISH),
  RESPONSE_TOPIC(0x08, Kind.STRING, true, PUBLISH),
  CORRELATION_DATA(0x09, Kind.BINARY, true, PUBLISH),
  SUBSCRIPTION_IDENTIFIER(0x0B, Kind.VARIABLE, false, PUBLISH, SUBSCRIBE),
  SESSION_EXPIRY_INTERVAL(0x11, Kind.FOUR_BYTES, false, CONNECT, CONNACK, DISCONNECT),
  ASSIGNED_CLIENT_IDENTIFIER(0x12, Kind.STRING, false, CONNACK),
  SERVER_KEEP_ALIVE(0x13, Kind.TWO_BYTES, false, CONNACK),
  AUTHENTICATION_METHOD(0x15, Kind.STRING, false, CONNECT, CONNACK, AUTH),
  AUTHENTICATION_DATA(0x16, Kind.BINARY, false, CONNECT, CONNACK, AUTH),
  REQUEST_PROBLEM_INFORMATION(0x17, Kind.BYTE, false, CONNECT),
  WILL_DELAY_INTERVAL(0x18, Kind.FOUR_BYTES, true),
  REQUEST_RESPONSE_INFORMATION(0x19, Kind.BYTE, false, CONNECT),
  RESPONSE_INFORMATION(0x1A, Kind.STRING, false, CONNACK),
  SERVER_REFERENCE(0x1C, Kind.STRING, false, CONNACK, DISCONNECT),
  REASON_STRING(
      0x1F,
      Kind.STRING,
      false,
      CONNACK,
      PUBACK,
      PUBREC,
      PUBREL,
      PUBCOMP,
      SUBACK,
      UNSUBACK,
      DISCONNECT,
      AUTH),
  RECEIVE_MAXIMUM(0x21, Kind.TWO_BYTES, false, CONNECT, CONNACK),
  TOPIC_ALIAS_MAXIMUM(0x22, Kind.TWO_BYTES, false, CONNECT, CONNACK),
  TOPIC_ALIAS(0x23, Kind.TWO_BYTES, false, PUBLISH),
  MAXIMUM_QOS(0x24, Kind.BYTE, false, CONNACK),
  RETAIN_AVAILABLE(0x25, Kind.BYTE, false, CONNACK),
  USER_PROPERTY(
      0x26,
      Kind.STRING_PAIR,
      true,
      CONNECT,
      CONNACK,
      PUBLISH,
      PUBACK,
      PUBREC,
      PUBREL,
      PUBCOMP,
      SUBSCRIBE,
      SUBACK,
      UNSUBSCRIBE,
      UNSUBACK,
      DISCONNECT,
      AUTH),
  MAXIMUM_PACKET_SIZE(0x27, Kind.FOUR_BYTES, false, CONNECT, CONNACK),
  WILDCARD_SUBSCRIPTION_AVAILABLE(0x28, Kind.BYTE, false, CONNACK),
  SUBSCRIPTION_IDENTIFIER_AVAILABLE(0x29, Kind.BYTE, false, CONNACK),
  SHARED_SUBSCRIPTION_AVAILABLE(0x2A, Kind.BYTE, false, CONNACK);

  /// How a property's value is laid out on the wire, and its Java type in [Properties].
  public enum Kind {
    /// `Integer`, 0 to 255
    BYTE,
    /// `Integer`, 0 to 65,535
    TWO_BYTES,
    /// `Long`, 0 to 4,294,967,295
    FOUR_BYTES,
    /// `Integer`, 0 to 268,435,455
    VARIABLE,
    /// `String`
    STRING,
    /// `byte[]`
    BINARY,
    /// [Properties.UserProperty]
    STRING_PAIR
  }

  private static final @Nullable Property[] BY_ID = new Property[0x2B];

  static {
    for (Property p : values()) {
      BY_ID[p.id] = p;
    }
  }

  private final int id;
  private final Kind kind;
  private final boolean inWill;
  private final int packets;

  Property(int id, Kind kind, boolean inWill, PacketType... packets) {
    this.id = id;
    this.kind = kind;
    this.inWill = inWill;
    int bits = 0;
    for (PacketType packet : packets) {
      bits |= 1 << packet.number();
    }
    this.packets = bits;
  }

  /// The identifier on the wire.
  public int id() {
    return id;
  }

  public Kind kind() {
    return kind;
  }

  public boolean mayStandIn(PacketType packet) {
    return (packets & 1 << packet.number()) != 0;
  }

  public boolean mayStandInWill() {
    return inWill;
  }

  static @Nullable Property of(int id) {
    return id >= 0 && id < BY_ID.length ? BY_ID[id] : null;
  }
}
