package io.relais.storage;

import io.relais.storage.table.ByteWriter;
import io.relais.storage.table.Writes;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/// The keys of the state: a letter for the table, then what finds the record in it. Part of the
/// on-disk format: see docs/store.md.
final class Keys {
  static final char META = (char) Writes.HEAD_KEY; // one record: position, times, counts
  static final char NODE = 'n'; // node -> incarnation
  static final char USER = 'u'; // user name -> password hash, groups
  static final char DOCUMENT = 'a'; // collection, id -> content
  static final char SESSION = 's'; // client id -> session
  static final char SUBSCRIPTION = 'b'; // client id, filter -> options
  static final char EXCLUSIVE = 'e'; // filter -> holder
  static final char QUEUE = 'h'; // queue -> head, next, count, bytes
  static final char ENTRY = 'q'; // queue, sequence -> entry
  static final char RELEASED = 'x'; // queue, sequence: PUBREC came
  static final char GROUP = 'g'; // shared filter -> its queue
  static final char ORIGIN = 'o'; // queue, sequence -> shared filter that the entry came from
  static final char RECEIVED = 'i'; // queue of the session, packet id: QoS 2, inbound
  static final char GARBAGE = 'k'; // queue that is gone -> where its entries are
  static final char SHARED = 'p'; // message id -> message
  static final char COUNT = 'c'; // message id -> references, bytes
  static final char RETAINED = 'r'; // topic -> message
  static final char DELAYED = 'y'; // number -> time, message
  static final char DUE = 'd'; // time, number -> what is due

  private Keys() {}

  static ByteWriter start(ByteWriter key, char table) {
    return key.clear().u1(table);
  }

  static ByteWriter number(ByteWriter key, char table, long number) {
    return start(key, table).u8(number);
  }

  static ByteWriter pair(ByteWriter key, char table, long first, long second) {
    return start(key, table).u8(first).u8(second);
  }

  static ByteWriter text(ByteWriter key, char table, String text) {
    return start(key, table).bytes(text.getBytes(StandardCharsets.UTF_8));
  }

  static ByteWriter document(ByteWriter key, String collection, String id) {
    return start(key, DOCUMENT).sized(collection).bytes(id.getBytes(StandardCharsets.UTF_8));
  }

  static ByteWriter subscription(ByteWriter key, String clientId, String filter) {
    return start(key, SUBSCRIPTION).sized(clientId).bytes(filter.getBytes(StandardCharsets.UTF_8));
  }

  /// Levels are separated by 0, which no topic holds, so that a topic stands right before those
  /// below it.
  static ByteWriter retained(ByteWriter key, byte[] topic) {
    start(key, RETAINED);
    for (byte b : topic) {
      key.u1(b == '/' ? 0 : b);
    }
    return key;
  }

  /// The first key of a table.
  static byte[] first(char table) {
    return new byte[] {(byte) table};
  }

  /// The first key behind a table.
  static byte[] behind(char table) {
    return new byte[] {(byte) (table + 1)};
  }

  /// The first key behind those that begin with a prefix whose last byte is not 255.
  static byte[] behind(byte[] prefix) {
    byte[] behind = Arrays.copyOf(prefix, prefix.length);
    for (int i = behind.length - 1; i >= 0; i--) {
      if (++behind[i] != 0) {
        return Arrays.copyOf(behind, i + 1);
      }
    }
    throw new IllegalArgumentException("Nothing is behind a prefix of 255s");
  }
}
