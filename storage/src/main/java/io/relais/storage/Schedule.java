package io.relais.storage;

import io.relais.storage.Command.Due;
import io.relais.storage.table.ByteReader;
import io.relais.storage.table.ByteWriter;
import io.relais.storage.table.Cursor;
import io.relais.storage.table.Tables;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;

/// What is due when, sorted by log time. It stays in the tables: only the time of what comes next
/// is in memory.
///
/// Owner: the applier.
final class Schedule {
  private final Batch batch;
  private long firstMillis = Long.MAX_VALUE; // nothing is due before
  private long lowest = Long.MAX_VALUE; // no record is below

  Schedule(Batch batch) {
    this.batch = batch;
  }

  /// Finds what comes first.
  void restore() {
    byte[] from = Keys.first(Keys.DUE);
    try (Cursor cursor = batch.cursor(from, Keys.behind(Keys.DUE))) {
      firstMillis = cursor.isValid() ? new ByteReader(cursor.key(), 1).u8() : Long.MAX_VALUE;
      lowest = firstMillis;
    }
  }

  /// Log time before which nothing is due.
  long nextMillis() {
    return firstMillis;
  }

  void add(long atMillis, long number, Due what) {
    Keys.pair(batch.key, Keys.DUE, atMillis, number);
    Records.writeDue(batch.value.clear(), what);
    batch.put();
    firstMillis = Math.min(firstMillis, atMillis);
    lowest = Math.min(lowest, atMillis);
  }

  void remove(long atMillis, long number) {
    Keys.pair(batch.key, Keys.DUE, atMillis, number);
    batch.delete();
  }

  /// The number of what is due at a time and is as wanted; 0: nothing is.
  static long numberOf(Tables tables, long atMillis, Predicate<Due> wanted) {
    var key = new ByteWriter(32);
    byte[] from = Keys.number(key, Keys.DUE, atMillis).copy();
    try (Cursor cursor = tables.cursor(from, Keys.behind(from))) {
      for (; cursor.isValid(); cursor.next()) {
        long number = new ByteReader(cursor.key(), 9).u8();
        if (wanted.test(Records.readDue(atMillis, number, new ByteReader(cursor.value())))) {
          return number;
        }
      }
    }
    return 0;
  }

  /// What is due; all that was written. At the beginning of a batch.
  List<Due> due(long nowMillis, int most) {
    if (firstMillis > nowMillis) {
      return List.of();
    }
    List<Due> found = new ArrayList<>();
    byte[] from = Keys.pair(batch.key, Keys.DUE, lowest, 0).copy();
    try (Cursor cursor = batch.cursor(from, Keys.behind(Keys.DUE))) {
      for (; cursor.isValid(); cursor.next()) {
        var key = new ByteReader(cursor.key(), 1);
        long at = key.u8();
        if (found.isEmpty()) {
          lowest = at;
        }
        if (at > nowMillis || found.size() == most) {
          firstMillis = at;
          return found;
        }
        found.add(Records.readDue(at, key.u8(), new ByteReader(cursor.value())));
      }
    }
    firstMillis = Long.MAX_VALUE;
    return found;
  }
}
