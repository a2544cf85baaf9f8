package io.relais.storage.table;

import java.util.Arrays;

/// The changes of one batch, gathered as the bytes that RocksDB takes in a single call: eight bytes
/// for its sequence number, four for the count of records (little-endian), then the records, each a
/// tag, the key and, for a put, the value, both with their length before them.
///
/// Owner: the applier.
public final class Writes {
  static final int HEADER = 12;
  static final int DELETE = 0;
  static final int PUT = 1;
  static final int DELETE_ONCE = 7;
  private static final int KEPT_MAX = 4 << 20;

  private ByteWriter bytes = new ByteWriter(64 * 1024);
  private int count;

  public Writes() {
    clear();
  }

  void clear() {
    if (bytes.array().length > KEPT_MAX) {
      bytes = new ByteWriter(64 * 1024);
    }
    bytes.clear().u8(0).u2(0).u2(0);
    count = 0;
  }

  public boolean isEmpty() {
    return count == 0;
  }

  public int length() {
    return bytes.length();
  }

  public void put(ByteWriter key, ByteWriter value) {
    count++;
    bytes.u1(PUT).variable(key.length()).bytes(key.array(), 0, key.length());
    bytes.variable(value.length()).bytes(value.array(), 0, value.length());
  }

  public void delete(ByteWriter key) {
    count++;
    bytes.u1(DELETE).variable(key.length()).bytes(key.array(), 0, key.length());
  }

  /// Deletes a key that was put exactly once since it was last deleted: then put and deletion go
  /// together when files are written, and leave nothing that readers would have to step over.
  public void deleteOnce(ByteWriter key) {
    count++;
    bytes.u1(DELETE_ONCE).variable(key.length()).bytes(key.array(), 0, key.length());
  }

  byte[] toByteArray() {
    byte[] all = Arrays.copyOf(bytes.array(), bytes.length());
    for (int i = 0; i < 4; i++) {
      all[8 + i] = (byte) (count >>> 8 * i);
    }
    return all;
  }
}
