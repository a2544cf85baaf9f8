package io.relais.protocol;

import static io.relais.protocol.ReasonCode.MALFORMED_PACKET;
import static io.relais.protocol.ReasonCode.PROTOCOL_ERROR;
import static io.relais.protocol.ReasonCode.TOPIC_ALIAS_INVALID;
import static io.relais.protocol.ReasonCode.TOPIC_NAME_INVALID;
import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.Objects.requireNonNull;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// The checks of single fields on the bytes, in one place for both faces of a packet: views keep
/// the offsets, records copy what stands there. Methods named `...End` check a field that begins at
/// `at` and give the position after it. Nothing is read at or past `end`.
final class Fields {
  private Fields() {}

  static MalformedPacket malformed(String message) {
    return new MalformedPacket(MALFORMED_PACKET, message);
  }

  static MalformedPacket protocolError(String message) {
    return new MalformedPacket(PROTOCOL_ERROR, message);
  }

  /// Two bytes that are known to stand there.
  static int unsignedShort(byte[] a, int at) {
    return (a[at] & 0xFF) << 8 | (a[at + 1] & 0xFF);
  }

  /// Four bytes that are known to stand there.
  static long unsignedInt(byte[] a, int at) {
    return (long) unsignedShort(a, at) << 16 | unsignedShort(a, at + 2);
  }

  /// `length` bytes from `at`, whatever they are.
  static int bytesEnd(byte[] a, int at, int end, int length, String what) throws MalformedPacket {
    if (length > end - at) {
      throw malformed(
          "%s takes %d bytes, but the packet has only %d left".formatted(what, length, end - at));
    }
    return at + length;
  }

  /// A length of two bytes and as many bytes.
  static int binaryEnd(byte[] a, int at, int end, String what) throws MalformedPacket {
    int start = bytesEnd(a, at, end, 2, what);
    return bytesEnd(a, start, end, unsignedShort(a, at), what);
  }

  static int stringEnd(byte[] a, int at, int end, String what) throws MalformedPacket {
    int stop = binaryEnd(a, at, end, what);
    checkUtf8(a, at + 2, stop, what);
    return stop;
  }

  static void checkUtf8(byte[] a, int start, int stop, String what) throws MalformedPacket {
    int bad = Utf8.firstBadByte(a, start, stop);
    if (bad >= 0) { // [MQTT-1.5.4-1] [MQTT-1.5.4-2] [v3:MQTT-1.5.3-1] [v3:MQTT-1.5.3-2]
      throw malformed(
          "%s has 0x%02X as byte %d, which does not stand there in UTF-8 without U+0000"
              .formatted(what, a[bad] & 0xFF, bad - start));
    }
  }

  /// A topic name that is a checked string already.
  static void checkNoWildcard(byte[] a, int start, int stop, ReasonCode reason, String what)
      throws MalformedPacket {
    int wildcard = Utf8.firstWildcard(a, start, stop);
    if (wildcard >= 0) { // [MQTT-4.7.0-1] [v3:MQTT-4.7.1-1]
      throw new MalformedPacket(
          reason,
          "%s has the wildcard '%c' as byte %d; wildcards stand in filters only"
              .formatted(what, (char) a[wildcard], wildcard - start));
    }
  }

  /// The Topic Name of a PUBLISH.
  static void checkTopic(ProtocolVersion v, byte[] a, int start, int stop, int alias)
      throws MalformedPacket {
    if (start == stop) {
      if (alias != 0) {
        return;
      }
      if (v.isV5()) {
        throw protocolError("The Topic Name of PUBLISH is empty and no Topic Alias stands for it");
      }
      throw malformed("The Topic Name of PUBLISH is empty"); // [v3:MQTT-4.7.3-1]
    }
    checkUtf8(a, start, stop, "The Topic Name of PUBLISH"); // [MQTT-3.3.2-1] [v3:MQTT-3.3.2-1]
    checkNoWildcard( // [MQTT-3.3.2-2] [v3:MQTT-3.3.2-2]
        a, start, stop, TOPIC_NAME_INVALID, "The Topic Name of PUBLISH");
  }

  /// @param at where its two bytes stand
  static int packetId(byte[] a, int at, int end, PacketType type) throws MalformedPacket {
    bytesEnd(a, at, end, 2, "The Packet Identifier");
    int id = unsignedShort(a, at);
    if (id == 0) { // [MQTT-2.2.1-3] [MQTT-2.2.1-4] [v3:MQTT-2.3.1-1]
      throw malformed("The Packet Identifier of %s is 0; it is 1 to 65,535".formatted(type));
    }
    return id;
  }

  /// A Variable Byte Integer. Since it has its shortest form, [PacketEncoder#variableSize] tells
  /// how many bytes it took.
  static int variable(byte[] a, int at, int end, String what) throws MalformedPacket {
    int value = 0;
    for (int i = 0; i < 4; i++) {
      if (at + i >= end) {
        throw malformed("%s breaks off after %d bytes".formatted(what, i));
      }
      byte b = a[at + i];
      value |= (b & 0x7F) << (7 * i);
      if (b >= 0) {
        if (b == 0 && i > 0) { // [MQTT-1.5.5-1]
          throw malformed(
              "%s writes %d in %d bytes; the shortest form is the only one"
                  .formatted(what, value, i + 1));
        }
        return value;
      }
    }
    throw malformed("%s is longer than 4 bytes".formatted(what));
  }

  static ReasonCode reason(int code, PacketType in) throws MalformedPacket {
    ReasonCode reason = ReasonCode.of(code);
    if (reason == null || !reason.mayStandIn(in)) {
      // [MQTT-3.2.2-8] [MQTT-3.4.2-1] [MQTT-3.5.2-1] [MQTT-3.6.2-1] [MQTT-3.7.2-1] [MQTT-3.9.3-2]
      // [MQTT-3.11.3-2] [MQTT-3.14.2-1] [MQTT-3.15.2-1]
      throw malformed("Reason Code 0x%02X is none that %s may give".formatted(code & 0xFF, in));
    }
    return reason;
  }

  /// Checks properties that fill `at` to `end`, without their length.
  ///
  /// @param will the properties are those of a will, and `in` is CONNECT
  /// @param found takes what the message path asks of a PUBLISH
  /// @return the identifiers that stood there, as bits
  static long checkProperties(
      byte[] a,
      int at,
      int end,
      PacketType in,
      boolean will,
      Sender from,
      @Nullable PublishView found)
      throws MalformedPacket {
    long seen = 0;
    while (at < end) {
      Property property = property(a[at], in, will, from);
      if ((seen & bit(property)) != 0 && !mayRepeat(property, in)) {
        throw protocolError("%s stands more than once in %s".formatted(property, where(in, will)));
      }
      seen |= bit(property);
      int value = at + 1;
      at = valueEnd(property, a, value, end);
      if (found != null) {
        found.onProperty(property, value, at);
      }
    }
    if ((seen & bit(Property.AUTHENTICATION_DATA)) != 0
        && (seen & bit(Property.AUTHENTICATION_METHOD)) == 0) {
      throw protocolError(
          "AUTHENTICATION_DATA stands in %s without AUTHENTICATION_METHOD".formatted(in));
    }
    return seen;
  }

  static long bit(Property property) {
    return 1L << property.id();
  }

  private static Property property(byte id, PacketType in, boolean will, Sender from)
      throws MalformedPacket {
    Property property = Property.of(id); // identifiers of several bytes are none that exist
    if (property == null) {
      throw malformed("0x%02X is no property of MQTT 5.0".formatted(id & 0xFF));
    }
    if (will ? !property.mayStandInWill() : !property.mayStandIn(in)) {
      throw malformed("%s may not stand in %s".formatted(property, where(in, will)));
    }
    boolean wrongSide =
        switch (property) {
          // [MQTT-3.3.4-6]
          case SUBSCRIPTION_IDENTIFIER -> in == PacketType.PUBLISH && from == Sender.CLIENT;
          // [MQTT-3.14.2-2]
          case SESSION_EXPIRY_INTERVAL -> in == PacketType.DISCONNECT && from == Sender.SERVER;
          case SERVER_REFERENCE -> from == Sender.CLIENT;
          default -> false;
        };
    if (wrongSide) {
      throw protocolError("%s may not stand in %s of a %s".formatted(property, in, from));
    }
    return property;
  }

  private static boolean mayRepeat(Property property, PacketType in) {
    return property == Property.USER_PROPERTY
        || (property == Property.SUBSCRIPTION_IDENTIFIER && in == PacketType.PUBLISH);
  }

  private static String where(PacketType in, boolean will) {
    return will ? "the will" : in.name();
  }

  private static int valueEnd(Property property, byte[] a, int at, int end) throws MalformedPacket {
    String what = property.name();
    return switch (property.kind()) {
      case BYTE -> {
        int stop = bytesEnd(a, at, end, 1, what);
        if (a[at] != 0 && a[at] != 1) { // each byte property of the standard is a flag
          throw protocolError("%s is %d; it is 0 or 1".formatted(what, a[at] & 0xFF));
        }
        yield stop;
      }
      case TWO_BYTES -> {
        int stop = bytesEnd(a, at, end, 2, what);
        if (unsignedShort(a, at) == 0) {
          if (property == Property.TOPIC_ALIAS) { // [MQTT-3.3.2-8]
            throw new MalformedPacket(TOPIC_ALIAS_INVALID, "TOPIC_ALIAS is 0; it is 1 to 65,535");
          }
          if (property == Property.RECEIVE_MAXIMUM) {
            throw protocolError("RECEIVE_MAXIMUM is 0; it is 1 to 65,535");
          }
        }
        yield stop;
      }
      case FOUR_BYTES -> {
        int stop = bytesEnd(a, at, end, 4, what);
        if (property == Property.MAXIMUM_PACKET_SIZE && unsignedInt(a, at) == 0) {
          throw protocolError("MAXIMUM_PACKET_SIZE is 0; it is at least 1");
        }
        yield stop;
      }
      case VARIABLE -> {
        int value = variable(a, at, end, what);
        if (value == 0) { // the only one of this kind is the subscription identifier
          throw protocolError("%s is 0; it is 1 to 268,435,455".formatted(what));
        }
        yield at + PacketEncoder.variableSize(value);
      }
      case STRING -> {
        int stop = stringEnd(a, at, end, what); // [MQTT-3.3.2-13] [MQTT-3.3.2-19]
        if (property == Property.RESPONSE_TOPIC) {
          if (stop == at + 2) { // [MQTT-4.7.3-1]
            throw protocolError("RESPONSE_TOPIC is empty; a topic has at least one character");
          }
          checkNoWildcard(a, at + 2, stop, PROTOCOL_ERROR, what); // [MQTT-3.3.2-14]
        }
        yield stop;
      }
      case BINARY -> binaryEnd(a, at, end, what);
      case STRING_PAIR -> { // [MQTT-1.5.7-1]
        yield stringEnd(
            a,
            stringEnd(a, at, end, "The name of a user property"),
            end,
            "A user property's value");
      }
    };
  }

  /// The position after the property that begins at `at`, among properties checked before.
  static int trustedPropertyEnd(byte[] a, int at) {
    int value = at + 1;
    return switch (trustedProperty(a, at).kind()) {
      case BYTE -> value + 1;
      case TWO_BYTES -> value + 2;
      case FOUR_BYTES -> value + 4;
      case VARIABLE -> {
        while (a[value] < 0) {
          value++;
        }
        yield value + 1;
      }
      case STRING, BINARY -> trustedBinaryEnd(a, value);
      case STRING_PAIR -> trustedBinaryEnd(a, trustedBinaryEnd(a, value));
    };
  }

  static Property trustedProperty(byte[] a, int at) {
    return requireNonNull(Property.of(a[at]), "properties that were not checked");
  }

  private static int trustedBinaryEnd(byte[] a, int at) {
    return at + 2 + unsignedShort(a, at);
  }

  /// Makes the record of properties checked before.
  static Properties trustedProperties(byte[] a, int at, int end) {
    if (at == end) {
      return Properties.NONE;
    }
    List<Properties.Entry> entries = new ArrayList<>();
    while (at < end) {
      Property property = trustedProperty(a, at);
      int value = at + 1;
      at = trustedPropertyEnd(a, at);
      entries.add(new Properties.Entry(property, trustedValue(property.kind(), a, value, at)));
    }
    return Properties.of(entries);
  }

  private static Object trustedValue(Property.Kind kind, byte[] a, int at, int end) {
    return switch (kind) {
      case BYTE -> a[at] & 0xFF;
      case TWO_BYTES -> unsignedShort(a, at);
      case FOUR_BYTES -> unsignedInt(a, at);
      case VARIABLE -> trustedVariable(a, at);
      case STRING -> string(a, at + 2, end);
      case BINARY -> Arrays.copyOfRange(a, at + 2, end);
      case STRING_PAIR -> {
        int middle = trustedBinaryEnd(a, at);
        yield new Properties.UserProperty(string(a, at + 2, middle), string(a, middle + 2, end));
      }
    };
  }

  static int trustedVariable(byte[] a, int at) {
    int value = a[at] & 0x7F;
    for (int shift = 7; a[at] < 0; shift += 7) {
      value |= (a[++at] & 0x7F) << shift;
    }
    return value;
  }

  static String string(byte[] a, int start, int stop) {
    return new String(a, start, stop - start, UTF_8);
  }
}
