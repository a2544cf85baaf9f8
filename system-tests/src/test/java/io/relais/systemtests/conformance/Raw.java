package io.relais.systemtests.conformance;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.relais.protocol.ProtocolVersion;
import io.relais.testkit.Bytes;

/// Packets by hand, with strings given as bytes, so that anything can be wrong in them. What a
/// method does not take is right: lengths, and an empty property block in 5.0.
final class Raw {
  /// Byte sequences that are no UTF-8: an overlong U+0000, a surrogate, a byte that never stands.
  static final byte[][] NOT_UTF8 = {
    Bytes.hex("61 c0 80"), Bytes.hex("ed a0 80"), Bytes.hex("61 ff"), Bytes.hex("61 e2 82")
  };

  static final byte[] WITH_NUL = {'a', 0, 'b'};

  private Raw() {}

  /// @param flags of the variable header
  /// @param payload from the client id on
  static byte[] connect(ProtocolVersion version, int flags, Bytes payload) {
    return connect(version, version.protocolName(), version.level(), flags, payload);
  }

  static byte[] connect(ProtocolVersion version, String name, int level, int flags, Bytes payload) {
    Bytes body = new Bytes().string(name).u8(level).u8(flags).u16(0);
    return noProperties(body, version).raw(payload.toArray()).packet(0x10);
  }

  /// A CONNECT of 5.0 with a property block of this content.
  static byte[] connect(Bytes properties, String clientId) {
    return new Bytes()
        .string("MQTT")
        .u8(5)
        .u8(2)
        .u16(0)
        .variable(properties.size())
        .raw(properties.toArray())
        .string(clientId)
        .packet(0x10);
  }

  /// @param packetId left out at QoS 0
  static byte[] publish(
      ProtocolVersion version, int firstByte, byte[] topic, int packetId, String payload) {
    Bytes body = new Bytes().binary(topic);
    if ((firstByte & 6) != 0) {
      body.u16(packetId);
    }
    return noProperties(body, version).raw(payload.getBytes(UTF_8)).packet(firstByte);
  }

  /// A PUBLISH of 5.0 at QoS 0 with a property block of this content.
  static byte[] publish(String topic, Bytes properties, String payload) {
    return new Bytes()
        .string(topic)
        .variable(properties.size())
        .raw(properties.toArray())
        .raw(payload.getBytes(UTF_8))
        .packet(0x30);
  }

  static byte[] subscribe(
      ProtocolVersion version, int firstByte, int packetId, byte[] filter, int options) {
    return noProperties(new Bytes().u16(packetId), version)
        .binary(filter)
        .u8(options)
        .packet(firstByte);
  }

  static byte[] unsubscribe(ProtocolVersion version, int firstByte, int packetId, byte[] filter) {
    return noProperties(new Bytes().u16(packetId), version).binary(filter).packet(firstByte);
  }

  /// The property block that is empty in 5.0 and absent in 3.x.
  static Bytes noProperties(Bytes to, ProtocolVersion version) {
    return version.isV5() ? to.u8(0) : to;
  }
}
