package io.relais.testkit;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.ByteArrayOutputStream;
import java.util.HexFormat;

/// Builds bytes by hand, above all packets that no encoder would write.
///
/// Owner: the thread that builds.
public final class Bytes {
  private final ByteArrayOutputStream out = new ByteArrayOutputStream();

  /// @param hex pairs of hex digits; blanks between them do not count
  public static byte[] hex(String hex) {
    return HexFormat.of().parseHex(hex.replaceAll("\\s+", ""));
  }

  public Bytes u8(int value) {
    out.write(value);
    return this;
  }

  public Bytes u16(int value) {
    out.write(value >>> 8);
    out.write(value);
    return this;
  }

  public Bytes u32(long value) {
    return u16((int) (value >>> 16)).u16((int) value);
  }

  /// A Variable Byte Integer in its shortest form.
  public Bytes variable(int value) {
    int rest = value;
    while (rest >= 0x80) {
      out.write((rest & 0x7F) | 0x80);
      rest >>>= 7;
    }
    out.write(rest);
    return this;
  }

  /// A string with its two bytes of length.
  public Bytes string(String value) {
    return binary(value.getBytes(UTF_8));
  }

  /// Bytes with their two bytes of length; the way to write a string that is not UTF-8.
  public Bytes binary(byte[] value) {
    if (value.length > 0xFFFF) {
      throw new IllegalArgumentException(
          "a length of two bytes holds up to 65,535, not " + value.length);
    }
    return u16(value.length).raw(value);
  }

  public Bytes raw(byte[] value) {
    out.writeBytes(value);
    return this;
  }

  public Bytes raw(String hex) {
    return raw(hex(hex));
  }

  public int size() {
    return out.size();
  }

  public byte[] toArray() {
    return out.toByteArray();
  }

  /// These bytes as the body of a packet: the first byte and a correct Remaining Length before
  /// them.
  public byte[] packet(int firstByte) {
    byte[] body = toArray();
    return new Bytes().u8(firstByte).variable(body.length).raw(body).toArray();
  }
}
