package io.relais.protocol;

import static io.relais.protocol.Fields.malformed;

import java.util.Arrays;

/// Reads the checked fields of one packet one after another into values, for the records.
///
/// Owner: the decoding method that made it.
final class Reader {
  private final byte[] a;
  private int at;
  private final int end;

  Reader(byte[] a, int at, int end) {
    this.a = a;
    this.at = at;
    this.end = end;
  }

  boolean atEnd() {
    return at == end;
  }

  int unsignedByte(String what) throws MalformedPacket {
    int start = at;
    at = Fields.bytesEnd(a, at, end, 1, what);
    return a[start] & 0xFF;
  }

  int unsignedShort(String what) throws MalformedPacket {
    int start = at;
    at = Fields.bytesEnd(a, at, end, 2, what);
    return Fields.unsignedShort(a, start);
  }

  int packetId(PacketType type) throws MalformedPacket {
    int id = Fields.packetId(a, at, end, type);
    at += 2;
    return id;
  }

  String string(String what) throws MalformedPacket {
    int start = at + 2;
    at = Fields.stringEnd(a, at, end, what);
    return Fields.string(a, start, at);
  }

  /// A topic name that is no pattern and not empty.
  String topic(String what) throws MalformedPacket {
    int start = at + 2;
    String topic = string(what);
    if (topic.isEmpty()) { // [MQTT-4.7.3-1] [v3:MQTT-4.7.3-1]
      throw new MalformedPacket(ReasonCode.TOPIC_NAME_INVALID, what + " is empty");
    }
    Fields.checkNoWildcard(a, start, at, ReasonCode.TOPIC_NAME_INVALID, what);
    return topic;
  }

  byte[] binary(String what) throws MalformedPacket {
    int start = at + 2;
    at = Fields.binaryEnd(a, at, end, what);
    return Arrays.copyOfRange(a, start, at);
  }

  ReasonCode reason(PacketType in) throws MalformedPacket {
    return Fields.reason(unsignedByte("The Reason Code of " + in), in);
  }

  /// Properties with their length before them.
  Properties properties(PacketType in, boolean will, Sender from) throws MalformedPacket {
    int length = Fields.variable(a, at, end, "The Property Length of " + in);
    int start = at + PacketEncoder.variableSize(length);
    at = Fields.bytesEnd(a, start, end, length, "The properties of " + in);
    Fields.checkProperties(a, start, at, in, will, from, null);
    return Fields.trustedProperties(a, start, at);
  }

  void expectEnd(PacketType type) throws MalformedPacket {
    if (at != end) {
      throw malformed("%d bytes stand after the last field of %s".formatted(end - at, type));
    }
  }
}
