package io.relais.protocol;

import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// From records to bytes: first [#size], which is exact and tells what cannot be written, then
/// [#write] into an array with as much room. The path of a PUBLISH writes its bytes itself and
/// takes only the small parts from here.
///
/// Stateless. What a version has no words for is left out: properties and the reasons of acks in
/// 3.x. A reason that a 3.x CONNACK or a 3.1 SUBACK cannot give is an [IllegalArgumentException].
public final class PacketEncoder {
  private static final int REMAINING_LENGTH_MAX = 268_435_455;
  private static final int BRIDGE_BIT = 0x80;

  private PacketEncoder() {}

  /// The bytes that [#write] will write.
  ///
  /// @param v of the connection; a CONNECT says its own
  /// @throws IllegalArgumentException if the packet cannot be written in this version
  public static int size(Packet p, ProtocolVersion v) {
    int remaining = remainingLength(p, v);
    return 1 + variableSize(remaining) + remaining;
  }

  /// @return the position in `out` after the packet
  public static int write(Packet p, ProtocolVersion v, byte[] out, int at) {
    at = writeVariable(out, writeByte(out, at, headerByte(p)), remainingLength(p, v));
    return switch (p) {
      case Packet.Connect connect -> writeConnect(connect, out, at);
      case Packet.Connack connack -> {
        boolean present = connack.sessionPresent() && v != ProtocolVersion.MQTT_3_1; // [MQIsdp-4]
        at = writeByte(out, at, present ? 1 : 0);
        at = writeByte(out, at, connackCode(connack.reason(), v));
        yield writeProperties(connack.properties(), v, out, at);
      }
      case Packet.Publish publish -> {
        at = writeString(publish.topic(), out, at);
        at = publish.qos() == 0 ? at : writeShort(out, at, publish.packetId());
        at = writeProperties(publish.properties(), v, out, at);
        yield writeBytes(publish.payload(), out, at);
      }
      case Packet.Puback(int id, ReasonCode reason, Properties properties) ->
          writeReason(reason, properties, v, out, writeShort(out, at, id));
      case Packet.Pubrec(int id, ReasonCode reason, Properties properties) ->
          writeReason(reason, properties, v, out, writeShort(out, at, id));
      case Packet.Pubrel(int id, ReasonCode reason, Properties properties) ->
          writeReason(reason, properties, v, out, writeShort(out, at, id));
      case Packet.Pubcomp(int id, ReasonCode reason, Properties properties) ->
          writeReason(reason, properties, v, out, writeShort(out, at, id));
      case Packet.Subscribe subscribe -> {
        at = writeShort(out, at, subscribe.packetId());
        at = writeProperties(subscribe.properties(), v, out, at);
        for (Packet.Subscription subscription : subscribe.subscriptions()) {
          at = writeString(subscription.filter(), out, at);
          at = writeByte(out, at, options(subscription, v));
        }
        yield at;
      }
      case Packet.Suback suback -> {
        at = writeShort(out, at, suback.packetId());
        at = writeProperties(suback.properties(), v, out, at);
        for (ReasonCode reason : suback.reasons()) {
          at = writeByte(out, at, subackCode(reason, v));
        }
        yield at;
      }
      case Packet.Unsubscribe unsubscribe -> {
        at = writeShort(out, at, unsubscribe.packetId());
        at = writeProperties(unsubscribe.properties(), v, out, at);
        for (String filter : unsubscribe.filters()) {
          at = writeString(filter, out, at);
        }
        yield at;
      }
      case Packet.Unsuback unsuback -> {
        at = writeShort(out, at, unsuback.packetId());
        at = writeProperties(unsuback.properties(), v, out, at);
        if (v.isV5()) {
          for (ReasonCode reason : unsuback.reasons()) {
            at = writeByte(out, at, reason.code());
          }
        }
        yield at;
      }
      case Packet.Pingreq() -> at;
      case Packet.Pingresp() -> at;
      case Packet.Disconnect(ReasonCode reason, Properties properties) ->
          writeReason(reason, properties, v, out, at);
      case Packet.Auth(ReasonCode reason, Properties properties) -> {
        if (reason == ReasonCode.SUCCESS && properties.isEmpty()) {
          yield at;
        }
        yield writeProperties(properties, v, out, writeByte(out, at, reason.code()));
      }
    };
  }

  private static int headerByte(Packet p) {
    return p instanceof Packet.Publish publish
        ? 0x30 | (publish.dup() ? 0x08 : 0) | publish.qos() << 1 | (publish.retain() ? 0x01 : 0)
        : p.type().headerByte(); // [MQTT-2.1.3-1] [v3:MQTT-2.2.2-1]
  }

  private static int remainingLength(Packet p, ProtocolVersion v) {
    long length =
        switch (p) {
          case Packet.Connect connect -> connectLength(connect);
          case Packet.Connack connack -> {
            connackCode(connack.reason(), v);
            yield 2L + propertiesSize(connack.properties(), v);
          }
          case Packet.Publish publish ->
              (long) stringSize(publish.topic())
                  + (publish.qos() == 0 ? 0 : 2)
                  + propertiesSize(publish.properties(), v)
                  + publish.payload().length;
          case Packet.Puback(int id, ReasonCode reason, Properties properties) ->
              2L + reasonSize(reason, properties, v);
          case Packet.Pubrec(int id, ReasonCode reason, Properties properties) ->
              2L + reasonSize(reason, properties, v);
          case Packet.Pubrel(int id, ReasonCode reason, Properties properties) ->
              2L + reasonSize(reason, properties, v);
          case Packet.Pubcomp(int id, ReasonCode reason, Properties properties) ->
              2L + reasonSize(reason, properties, v);
          case Packet.Subscribe subscribe -> {
            long sum = 2L + propertiesSize(subscribe.properties(), v);
            for (Packet.Subscription subscription : subscribe.subscriptions()) {
              sum += stringSize(subscription.filter()) + 1;
            }
            yield sum;
          }
          case Packet.Suback suback -> {
            for (ReasonCode reason : suback.reasons()) {
              subackCode(reason, v);
            }
            yield 2L + propertiesSize(suback.properties(), v) + suback.reasons().size();
          }
          case Packet.Unsubscribe unsubscribe -> {
            long sum = 2L + propertiesSize(unsubscribe.properties(), v);
            for (String filter : unsubscribe.filters()) {
              sum += stringSize(filter);
            }
            yield sum;
          }
          case Packet.Unsuback unsuback ->
              2L
                  + propertiesSize(unsuback.properties(), v)
                  + (v.isV5() ? unsuback.reasons().size() : 0);
          case Packet.Pingreq() -> 0L;
          case Packet.Pingresp() -> 0L;
          case Packet.Disconnect(ReasonCode reason, Properties properties) ->
              (long) reasonSize(reason, properties, v);
          case Packet.Auth(ReasonCode reason, Properties properties) -> {
            if (!v.isV5()) {
              throw new IllegalArgumentException("MQTT " + v.label() + " has no AUTH");
            }
            yield reason == ReasonCode.SUCCESS && properties.isEmpty()
                ? 0L
                : 1L + propertiesSize(properties, v);
          }
        };
    if (length > REMAINING_LENGTH_MAX) {
      throw new IllegalArgumentException(
          "A %s of %d bytes after the fixed header cannot be written; the most is %d"
              .formatted(p.type(), length, REMAINING_LENGTH_MAX));
    }
    return (int) length;
  }

  private static long connectLength(Packet.Connect p) {
    ProtocolVersion v = p.version();
    long sum =
        (long) stringSize(v.protocolName())
            + 4
            + propertiesSize(p.properties(), v)
            + stringSize(p.clientId());
    Packet.Will will = p.will();
    if (will != null) {
      sum += propertiesSize(will.properties(), v) + stringSize(will.topic());
      sum += binarySize(will.payload());
    }
    return sum
        + (p.username() == null ? 0 : stringSize(p.username()))
        + (p.password() == null ? 0 : binarySize(p.password()));
  }

  private static int writeConnect(Packet.Connect p, byte[] out, int at) {
    ProtocolVersion v = p.version();
    Packet.Will will = p.will();
    String username = p.username();
    byte @Nullable [] password = p.password();
    int flags = p.cleanStart() ? 0x02 : 0;
    if (will != null) {
      flags |= 0x04 | will.qos() << 3 | (will.retain() ? 0x20 : 0);
    }
    flags |= (username == null ? 0 : 0x80) | (password == null ? 0 : 0x40);
    at = writeString(v.protocolName(), out, at);
    at = writeByte(out, at, v.level() | (p.bridge() ? BRIDGE_BIT : 0));
    at = writeShort(out, writeByte(out, at, flags), p.keepAliveSeconds());
    at = writeString(p.clientId(), out, writeProperties(p.properties(), v, out, at));
    if (will != null) {
      at = writeString(will.topic(), out, writeProperties(will.properties(), v, out, at));
      at = writeBinary(will.payload(), out, at);
    }
    at = username == null ? at : writeString(username, out, at);
    return password == null ? at : writeBinary(password, out, at);
  }

  private static int connackCode(ReasonCode reason, ProtocolVersion v) {
    int code = v.isV5() ? reason.code() : reason.connackCodeV3();
    if (code < 0) { // [v3:MQTT-3.2.2-6]
      throw new IllegalArgumentException(
          "No CONNACK of MQTT %s says %s; the connection is closed without one"
              .formatted(v.label(), reason));
    }
    return code;
  }

  /// 3.1 has no code for a refusal: whoever answers gives the QoS that was asked for [MQIsdp-5].
  private static int subackCode(ReasonCode reason, ProtocolVersion v) {
    if (v.isV5() || !reason.isError()) {
      return reason.code();
    }
    if (v == ProtocolVersion.MQTT_3_1) {
      throw new IllegalArgumentException(
          "No SUBACK of MQTT 3.1 says " + reason + "; it gives a QoS for each filter");
    }
    return ReasonCode.UNSPECIFIED_ERROR.code(); // [v3:MQTT-3.9.3-2]
  }

  private static int options(Packet.Subscription s, ProtocolVersion v) {
    return v.isV5()
        ? s.qos()
            | (s.noLocal() ? 0x04 : 0)
            | (s.retainAsPublished() ? 0x08 : 0)
            | s.retainHandling() << 4
        : s.qos();
  }

  /// A reason and properties, of which what says nothing may be left out.
  private static int reasonSize(ReasonCode reason, Properties properties, ProtocolVersion v) {
    if (!v.isV5()) {
      return 0;
    }
    if (!properties.isEmpty()) {
      return 1 + propertiesSize(properties, v);
    }
    return reason == ReasonCode.SUCCESS ? 0 : 1;
  }

  private static int writeReason(
      ReasonCode reason, Properties properties, ProtocolVersion v, byte[] out, int at) {
    if (!v.isV5() || (properties.isEmpty() && reason == ReasonCode.SUCCESS)) {
      return at;
    }
    at = writeByte(out, at, reason.code());
    return properties.isEmpty() ? at : writeProperties(properties, v, out, at);
  }

  /// Properties as MQTT 5.0 has them, without their length before them.
  public static byte[] properties(Properties properties) {
    int length = propertiesLength(properties.entries());
    byte[] all = new byte[variableSize(length) + length];
    writeProperties(properties, ProtocolVersion.MQTT_5, all, 0);
    return Arrays.copyOfRange(all, variableSize(length), all.length);
  }

  /// Properties with their length before them; nothing in 3.x.
  private static int propertiesSize(Properties properties, ProtocolVersion v) {
    if (!v.isV5()) {
      return 0;
    }
    int length = propertiesLength(properties.entries());
    return variableSize(length) + length;
  }

  private static int propertiesLength(List<Properties.Entry> entries) {
    long sum = 0;
    for (Properties.Entry entry : entries) {
      sum +=
          1
              + switch (entry.property().kind()) {
                case BYTE -> 1;
                case TWO_BYTES -> 2;
                case FOUR_BYTES -> 4;
                case VARIABLE -> variableSize((int) entry.value());
                case STRING -> stringSize((String) entry.value());
                case BINARY -> binarySize((byte[]) entry.value());
                case STRING_PAIR -> {
                  Properties.UserProperty user = (Properties.UserProperty) entry.value();
                  yield stringSize(user.name()) + stringSize(user.value());
                }
              };
    }
    if (sum > REMAINING_LENGTH_MAX) {
      throw new IllegalArgumentException(
          "Properties of %d bytes cannot be written; the most is %d"
              .formatted(sum, REMAINING_LENGTH_MAX));
    }
    return (int) sum;
  }

  private static int writeProperties(Properties properties, ProtocolVersion v, byte[] out, int at) {
    if (!v.isV5()) {
      return at;
    }
    at = writeVariable(out, at, propertiesLength(properties.entries())); // [MQTT-2.2.2-1]
    for (Properties.Entry entry : properties.entries()) {
      at = writeByte(out, at, entry.property().id());
      at =
          switch (entry.property().kind()) {
            case BYTE -> writeByte(out, at, (int) entry.value());
            case TWO_BYTES -> writeShort(out, at, (int) entry.value());
            case FOUR_BYTES -> writeInt(out, at, (int) (long) entry.value());
            case VARIABLE -> writeVariable(out, at, (int) entry.value());
            case STRING -> writeString((String) entry.value(), out, at);
            case BINARY -> writeBinary((byte[]) entry.value(), out, at);
            case STRING_PAIR -> {
              Properties.UserProperty user = (Properties.UserProperty) entry.value();
              yield writeString(user.value(), out, writeString(user.name(), out, at));
            }
          };
    }
    return at;
  }

  private static int stringSize(String text) {
    return 2 + lengthField(Utf8.length(text), "string");
  }

  private static int binarySize(byte[] bytes) {
    return 2 + lengthField(bytes.length, "binary field");
  }

  private static int lengthField(int length, String what) {
    if (length > 0xFFFF) { // [MQTT-4.7.3-3] [v3:MQTT-4.7.3-3]
      throw new IllegalArgumentException(
          "A %s of %d bytes cannot be written; the most is 65535".formatted(what, length));
    }
    return length;
  }

  private static int writeString(String text, byte[] out, int at) {
    int stop = Utf8.write(text, out, at + 2);
    writeShort(out, at, stop - at - 2);
    return stop;
  }

  private static int writeBinary(byte[] bytes, byte[] out, int at) {
    return writeBytes(bytes, out, writeShort(out, at, bytes.length));
  }

  private static int writeBytes(byte[] bytes, byte[] out, int at) {
    System.arraycopy(bytes, 0, out, at, bytes.length);
    return at + bytes.length;
  }

  /// A PUBACK, PUBREC, PUBREL or PUBCOMP without properties: 4 bytes, or 5 in 5.0 where the reason
  /// is not 0.
  ///
  /// @param reasonCode 0 to 255; not written in 3.x
  /// @return the position in `out` after the packet
  public static int writeAck(
      byte[] out, int at, PacketType type, int packetId, int reasonCode, ProtocolVersion v) {
    boolean withReason = reasonCode != 0 && v.isV5();
    out[at] = (byte) type.headerByte();
    out[at + 1] = (byte) (withReason ? 3 : 2);
    at = writeShort(out, at + 2, packetId);
    return withReason ? writeByte(out, at, reasonCode) : at;
  }

  /// The bytes of a Variable Byte Integer.
  ///
  /// @param n 0 to 268,435,455
  public static int variableSize(int n) {
    return n < 0x80 ? 1 : n < 0x4000 ? 2 : n < 0x200000 ? 3 : 4;
  }

  /// @param n 0 to 268,435,455
  /// @return the position in `out` after it
  public static int writeVariable(byte[] out, int at, int n) {
    while (n > 0x7F) { // [MQTT-1.5.5-1]
      out[at++] = (byte) ((n & 0x7F) | 0x80);
      n >>>= 7;
    }
    out[at++] = (byte) n;
    return at;
  }

  /// @return the position in `out` after it
  public static int writeShort(byte[] out, int at, int n) {
    out[at] = (byte) (n >> 8);
    out[at + 1] = (byte) n;
    return at + 2;
  }

  /// @return the position in `out` after it
  public static int writeInt(byte[] out, int at, int n) {
    return writeShort(out, writeShort(out, at, n >>> 16), n);
  }

  private static int writeByte(byte[] out, int at, int n) {
    out[at] = (byte) n;
    return at + 1;
  }
}
