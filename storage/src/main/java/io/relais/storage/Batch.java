package io.relais.storage;

import io.relais.storage.table.ByteWriter;
import io.relais.storage.table.Cursor;
import io.relais.storage.table.Tables;
import io.relais.storage.table.Writes;
import org.jspecify.annotations.Nullable;

/// The tables, and the changes of the batch being applied on their way to them. What reads see is
/// what was written before this batch: who may need more keeps it in memory, or has the batch so
/// far written first ([State#settle]).
///
/// Owner: the applier.
final class Batch {
  private final Tables tables;
  private final Writes writes = new Writes();

  // Reused for each record; nothing holds on to them.
  final ByteWriter key = new ByteWriter(256);
  final ByteWriter value = new ByteWriter(4096);

  Batch(Tables tables) {
    this.tables = tables;
  }

  /// Puts [#value] at [#key].
  void put() {
    writes.put(key, value);
  }

  /// Deletes [#key].
  void delete() {
    writes.delete(key);
  }

  /// Deletes [#key], which was put exactly once since it was last deleted.
  void deleteOnce() {
    writes.deleteOnce(key);
  }

  /// The value at [#key] before this batch.
  byte @Nullable [] get() {
    return tables.get(key.copy());
  }

  Cursor cursor(byte[] from, byte[] below) {
    return tables.cursor(from, below);
  }

  /// @param head numbers of the batch's own record, see [Writes#head]
  void write(boolean sync, long... head) {
    writes.head(head);
    tables.write(writes, sync);
  }
}
