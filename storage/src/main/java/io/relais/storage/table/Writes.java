package io.relais.storage.table;

import java.util.Arrays;

/// The changes of one batch, gathered as the bytes that RocksDB takes in a single call: eight bytes
/// for its sequence number, four for the count of records (little-endian), then the records, each a
/// tag, the key and, for a put, the value, both with their length before them.
///
/// The first record is the batch's own: the key [#HEAD_KEY] with numbers of fixed size, the first
/// of which say where the batch stands, and what was known to be synced when it was written. By
/// those [LogCheck] tells the torn end of a log from damage.
///
/// Owner: the applier.
public final class Writes {
  static final int HEADER = 12;
  static final int DELETE = 0;
  static final int PUT = 1;
  static final int DELETE_ONCE = 7;
  private static final int KEPT_MAX = 4 << 20;

  /// The key of the head.
  public static final byte HEAD_KEY = 'm';

  /// Numbers in the head.
  public static final int HEAD_NUMBERS = 10;

  /// Where the value of the head stands: behind the header, tag, key with length, and own length.
  static final int HEAD_AT = HEADER + 4;

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
    bytes.u1(PUT).u1(1).u1(HEAD_KEY).u1(HEAD_NUMBERS * Long.BYTES);
    for (int i = 0; i < HEAD_NUMBERS; i++) {
      bytes.u8(0);
    }
    count = 1;
  }

  /// Sets the numbers of the head: the position of the batch, the last position that is synced, and
  /// what else there is.
  public void head(long... numbers) {
    if (numbers.length != HEAD_NUMBERS) {
      throw new IllegalArgumentException("The head has " + HEAD_NUMBERS + " numbers");
    }
    var head = new ByteWriter(HEAD_NUMBERS * Long.BYTES);
    for (long number : numbers) {
      head.u8(number);
    }
    System.arraycopy(head.array(), 0, bytes.array(), HEAD_AT, head.length());
  }

  public boolean isEmpty() {
    return count == 1;
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
