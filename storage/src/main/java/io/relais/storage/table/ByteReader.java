package io.relais.storage.table;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/// Reads what a [ByteWriter] wrote. What ends too early is a [StoreFailure].
public final class ByteReader {
  private final byte[] array;
  private int at;

  public ByteReader(byte[] array) {
    this(array, 0);
  }

  public ByteReader(byte[] array, int from) {
    this.array = array;
    this.at = from;
  }

  public boolean isAtEnd() {
    return at == array.length;
  }

  /// How many bytes are left.
  public int left() {
    return array.length - at;
  }

  private void need(int count) {
    if (count < 0 || array.length - at < count) {
      throw new StoreFailure(
          "A record of %d bytes ends where %d more are due at %d"
              .formatted(array.length, count, at));
    }
  }

  public int u1() {
    need(1);
    return array[at++] & 0xFF;
  }

  public int u2() {
    return u1() << 8 | u1();
  }

  public long u8() {
    need(8);
    long value = 0;
    for (int i = 0; i < 8; i++) {
      value = value << 8 | array[at++] & 0xFF;
    }
    return value;
  }

  public long variable() {
    long value = 0;
    for (int shift = 0; shift < 70; shift += 7) {
      int next = u1();
      value |= (long) (next & 0x7F) << shift;
      if (next < 0x80) {
        return value;
      }
    }
    throw new StoreFailure("A number in a record has more than ten bytes");
  }

  public int variableInt() {
    long value = variable();
    if (value < 0 || value > Integer.MAX_VALUE) {
      throw new StoreFailure("A number in a record is out of range: " + value);
    }
    return (int) value;
  }

  public byte[] bytes(int count) {
    need(count);
    byte[] value = Arrays.copyOfRange(array, at, at + count);
    at += count;
    return value;
  }

  public byte[] sized() {
    return bytes(variableInt());
  }

  public String string() {
    return new String(sized(), StandardCharsets.UTF_8);
  }

  /// All that is left.
  public byte[] rest() {
    return bytes(array.length - at);
  }
}
