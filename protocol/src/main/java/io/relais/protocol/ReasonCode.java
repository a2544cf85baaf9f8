package io.relais.protocol;

import static io.relais.protocol.PacketType.AUTH;
import static io.relais.protocol.PacketType.CONNACK;
import static io.relais.protocol.PacketType.DISCONNECT;
import static io.relais.protocol.PacketType.PUBACK;
import static io.relais.protocol.PacketType.PUBCOMP;
import static io.relais.protocol.PacketType.PUBREC;
import static io.relais.protocol.PacketType.PUBREL;
import static io.relais.protocol.PacketType.SUBACK;
import static io.relais.protocol.PacketType.UNSUBACK;

import org.jspecify.annotations.Nullable;

/// Reason codes of MQTT 5.0 [section 2.4] and the packets that each may stand in. The return codes
/// of 3.x are expressed by the same values: see [#connackCodeV3()].
public enum ReasonCode {
  /// also Normal disconnection and Granted QoS 0
  SUCCESS(0x00, CONNACK, PUBACK, PUBREC, PUBREL, PUBCOMP, SUBACK, UNSUBACK, AUTH, DISCONNECT),
  GRANTED_QOS_1(0x01, SUBACK),
  GRANTED_QOS_2(0x02, SUBACK),
  DISCONNECT_WITH_WILL(0x04, DISCONNECT),
  NO_MATCHING_SUBSCRIBERS(0x10, PUBACK, PUBREC),
  NO_SUBSCRIPTION_EXISTED(0x11, UNSUBACK),
  CONTINUE_AUTHENTICATION(0x18, AUTH),
  REAUTHENTICATE(0x19, AUTH),
  UNSPECIFIED_ERROR(0x80, CONNACK, PUBACK, PUBREC, SUBACK, UNSUBACK, DISCONNECT),
  MALFORMED_PACKET(0x81, CONNACK, DISCONNECT),
  PROTOCOL_ERROR(0x82, CONNACK, DISCONNECT),
  IMPLEMENTATION_SPECIFIC_ERROR(0x83, CONNACK, PUBACK, PUBREC, SUBACK, UNSUBACK, DISCONNECT),
  UNSUPPORTED_PROTOCOL_VERSION(0x84, CONNACK),
  CLIENT_IDENTIFIER_NOT_VALID(0x85, CONNACK),
  BAD_USER_NAME_OR_PASSWORD(0x86, CONNACK),
  NOT_AUTHORIZED(0x87, CONNACK, PUBACK, PUBREC, SUBACK, UNSUBACK, DISCONNECT),
  SERVER_UNAVAILABLE(0x88, CONNACK),
  SERVER_BUSY(0x89, CONNACK, DISCONNECT),
  BANNED(0x8A, CONNACK),
  SERVER_SHUTTING_DOWN(0x8B, DISCONNECT),
  BAD_AUTHENTICATION_METHOD(0x8C, CONNACK, DISCONNECT),
  KEEP_ALIVE_TIMEOUT(0x8D, DISCONNECT),
  SESSION_TAKEN_OVER(0x8E, DISCONNECT),
  TOPIC_FILTER_INVALID(0x8F, SUBACK, UNSUBACK, DISCONNECT),
  TOPIC_NAME_INVALID(0x90, CONNACK, PUBACK, PUBREC, DISCONNECT),
  PACKET_IDENTIFIER_IN_USE(0x91, PUBACK, PUBREC, SUBACK, UNSUBACK),
  PACKET_IDENTIFIER_NOT_FOUND(0x92, PUBREL, PUBCOMP),
  RECEIVE_MAXIMUM_EXCEEDED(0x93, DISCONNECT),
  TOPIC_ALIAS_INVALID(0x94, DISCONNECT),
  PACKET_TOO_LARGE(0x95, CONNACK, DISCONNECT),
  MESSAGE_RATE_TOO_HIGH(0x96, DISCONNECT),
  QUOTA_EXCEEDED(0x97, CONNACK, PUBACK, PUBREC, SUBACK, DISCONNECT),
  ADMINISTRATIVE_ACTION(0x98, DISCONNECT),
  PAYLOAD_FORMAT_INVALID(0x99, CONNACK, PUBACK, PUBREC, DISCONNECT),
  RETAIN_NOT_SUPPORTED(0x9A, CONNACK, DISCONNECT),
  QOS_NOT_SUPPORTED(0x9B, CONNACK, DISCONNECT),
  USE_ANOTHER_SERVER(0x9C, CONNACK, DISCONNECT),
  SERVER_MOVED(0x9D, CONNACK, DISCONNECT),
  SHARED_SUBSCRIPTIONS_NOT_SUPPORTED(0x9E, SUBACK, DISCONNECT),
  CONNECTION_RATE_EXCEEDED(0x9F, CONNACK, DISCONNECT),
  MAXIMUM_CONNECT_TIME(0xA0, DISCONNECT),
  SUBSCRIPTION_IDENTIFIERS_NOT_SUPPORTED(0xA1, SUBACK, DISCONNECT),
  WILDCARD_SUBSCRIPTIONS_NOT_SUPPORTED(0xA2, SUBACK, DISCONNECT);

  private static final @Nullable ReasonCode[] BY_CODE = new ReasonCode[0x100];

  static {
    for (ReasonCode reason : values()) {
      BY_CODE[reason.code] = reason;
    }
  }

  private final int code;
  private final int packets;

  ReasonCode(int code, PacketType... packets) {
    this.code = code;
    int bits = 0;
    for (PacketType packet : packets) {
      bits |= 1 << packet.number();
    }
    this.packets = bits;
  }

  /// The byte on the wire of MQTT 5.0.
  public int code() {
    return code;
  }

  public boolean isError() {
    return code >= 0x80;
  }

  public boolean mayStandIn(PacketType packet) {
    return (packets & 1 << packet.number()) != 0;
  }

  /// The return code of a CONNACK of 3.1 and 3.1.1 that says the same, or -1 where none does and
  /// the connection is closed without one.
  public int connackCodeV3() {
    return switch (this) {
      case SUCCESS -> 0;
      case UNSUPPORTED_PROTOCOL_VERSION -> 1;
      case CLIENT_IDENTIFIER_NOT_VALID -> 2;
      case SERVER_UNAVAILABLE,
          SERVER_BUSY,
          USE_ANOTHER_SERVER,
          SERVER_MOVED,
          SERVER_SHUTTING_DOWN,
          QUOTA_EXCEEDED,
          CONNECTION_RATE_EXCEEDED ->
          3;
      case BAD_USER_NAME_OR_PASSWORD -> 4;
      case NOT_AUTHORIZED, BANNED, BAD_AUTHENTICATION_METHOD -> 5;
      default -> -1;
    };
  }

  /// The reason that a CONNACK of 3.x gives, or null for a number above 5.
  static @Nullable ReasonCode ofConnackV3(int code) {
    return switch (code) {
      case 0 -> SUCCESS;
      case 1 -> UNSUPPORTED_PROTOCOL_VERSION;
      case 2 -> CLIENT_IDENTIFIER_NOT_VALID;
      case 3 -> SERVER_UNAVAILABLE;
      case 4 -> BAD_USER_NAME_OR_PASSWORD;
      case 5 -> NOT_AUTHORIZED;
      default -> null;
    };
  }

  /// The reason with this byte, or null where the standard knows none.
  public static @Nullable ReasonCode of(int code) {
    return BY_CODE[code & 0xFF];
  }

  /// The SUBACK code that grants a QoS.
  ///
  /// @param qos 0, 1 or 2
  public static ReasonCode granted(int qos) {
    return switch (qos) {
      case 0 -> SUCCESS;
      case 1 -> GRANTED_QOS_1;
      case 2 -> GRANTED_QOS_2;
      default -> throw new IllegalArgumentException("QoS is 0, 1 or 2, not " + qos);
    };
  }
}
