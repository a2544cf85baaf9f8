package io.relais.storage;

import io.relais.storage.table.ByteReader;
import io.relais.storage.table.Cursor;
import io.relais.storage.table.Tables;
import java.util.Arrays;
import java.util.function.LongPredicate;

/// Counts from how many places shared messages are referred to, by reading all of them: once for
/// each window of messages, so that memory does not depend on how many there are.
///
/// Owner: the thread that made it. Limits: [#WINDOW] messages are counted at a time.
final class References {
  static final int WINDOW = 1_000_000;

  /// What was found.
  interface Found {
    /// @param references may be 0
    void message(long id, int references);

    /// Somebody refers to a message that is not there.
    ///
    /// @param key of the entry or the retained message
    void missing(byte[] key, long id);
  }

  private final Tables tables;
  private final int window;
  private final LongPredicate queues;

  /// @param window how many messages to count at a time
  /// @param queues those whose entries count
  References(Tables tables, int window, LongPredicate queues) {
    this.tables = tables;
    this.window = window;
    this.queues = queues;
  }

  void count(Found found) {
    long[] ids = new long[1024];
    long above = -1; // the last message of the window before
    while (true) {
      int size = 0;
      byte[] from = key(above + 1);
      try (Cursor cursor = tables.cursor(from, Keys.behind(Keys.SHARED))) {
        for (; cursor.isValid() && size < window; cursor.next()) {
          if (size == ids.length) {
            ids = Arrays.copyOf(ids, Math.min(window, size * 2));
          }
          ids[size++] = new ByteReader(cursor.key(), 1).u8();
        }
      }
      boolean isLast = size < window;
      long most = isLast ? Long.MAX_VALUE : ids[size - 1];
      int[] counts = count(ids, size, above, most, found);
      for (int i = 0; i < size; i++) {
        found.message(ids[i], counts[i]);
      }
      if (isLast) {
        return;
      }
      above = most;
    }
  }

  private static byte[] key(long id) {
    return Keys.number(new io.relais.storage.table.ByteWriter(16), Keys.SHARED, id).copy();
  }

  /// Of references to messages above one and up to another.
  private int[] count(long[] ids, int size, long above, long most, Found found) {
    int[] counts = new int[size];
    try (Cursor entries = tables.cursor(Keys.first(Keys.ENTRY), Keys.behind(Keys.ENTRY))) {
      for (; entries.isValid(); entries.next()) {
        byte[] key = entries.key();
        if (queues.test(new ByteReader(key, 1).u8())) {
          long id = Records.readEntryHead(new ByteReader(entries.value())).shared();
          count(ids, counts, id, id > above && id <= most, key, found);
        }
      }
    }
    try (Cursor retained = tables.cursor(Keys.first(Keys.RETAINED), Keys.behind(Keys.RETAINED))) {
      for (; retained.isValid(); retained.next()) {
        long id = Records.readRetainedHead(new ByteReader(retained.value())).shared();
        count(ids, counts, id, id > above && id <= most, retained.key(), found);
      }
    }
    return counts;
  }

  private static void count(
      long[] ids, int[] counts, long id, boolean isWithin, byte[] key, Found found) {
    if (id == 0 || !isWithin) {
      return;
    }
    int at = Arrays.binarySearch(ids, 0, counts.length, id);
    if (at >= 0) {
      counts[at]++;
    } else {
      found.missing(key, id);
    }
  }
}
