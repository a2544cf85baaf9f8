package io.relais.storage.table;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/// Bytes that grow. Numbers of fixed width are big-endian, so that keys sort by them.
public final class ByteWriter {
  private byte[] array;
  private int length;

  public ByteWriter(int capacity) {
    array = new byte[capacity];
  }

  public byte[] array() {
    return array;
  }

  public int length() {
    return length;
  }

  public ByteWriter clear() {
    length = 0;
    return this;
  }

  public byte[] copy() {
    return Arrays.copyOf(array, length);
  }

  private void room(int more) {
    if (array.length - length < more) {
      array = Arrays.copyOf(array, Math.max(array.length * 2, length + more));
    }
  }

  public ByteWriter u1(int value) {
    room(1);
    array[length++] = (byte) value;
    return this;
  }

  public ByteWriter u2(int value) {
    return u1(value >> 8).u1(value);
  }

  public ByteWriter u8(long value) {
    room(8);
    for (int shift = 56; shift >= 0; shift -= 8) {
      array[length++] = (byte) (value >>> shift);
    }
    return this;
  }

  /// Seven bits a byte, the lowest first; at most ten bytes.
  public ByteWriter variable(long value) {
    room(10);
    long rest = value;
    while ((rest & ~0x7FL) != 0) {
      array[length++] = (byte) (rest & 0x7F | 0x80);
      rest >>>= 7;
    }
    array[length++] = (byte) rest;
    return this;
  }

  public ByteWriter bytes(byte[] value) {
    return bytes(value, 0, value.length);
  }

  public ByteWriter bytes(byte[] value, int from, int count) {
    room(count);
    System.arraycopy(value, from, array, length, count);
    length += count;
    return this;
  }

  /// With its length before it.
  public ByteWriter sized(byte[] value) {
    return variable(value.length).bytes(value);
  }

  public ByteWriter sized(String value) {
    return sized(value.getBytes(StandardCharsets.UTF_8));
  }
}
