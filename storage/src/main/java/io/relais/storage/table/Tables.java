package io.relais.storage.table;

import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/// Sorted keys with values, changed in whole batches: what the state is kept in. Keys are compared
/// as unsigned bytes; all tables of the state share one key space and differ in the first byte.
///
/// Owner: one thread, the applier's. Failures are [StoreFailure]s; after one of a write nothing may
/// be written any more.
public interface Tables extends AutoCloseable {
  /// Whether a synced write survives the end of the process and of the machine.
  boolean isDurable();

  byte @Nullable [] get(byte[] key);

  /// A cursor over keys from `from` on and below `below`, at the first of them. It sees what was
  /// written before it was made.
  Cursor cursor(byte[] from, byte[] below);

  /// Applies a batch as a whole, and empties it.
  ///
  /// @param sync return only when this write and all before it are on disk
  void write(Writes writes, boolean sync);

  /// Bytes that may still be written to where this is kept, without what writes so far will need
  /// for a while when they are put in order.
  long usableBytes();

  /// Gives space of what was deleted back to the disk, in its own time.
  void reclaim();

  /// Copies everything as it is at a moment, while writes go on; any thread, but not once this is
  /// being closed.
  ///
  /// @param into a folder that is not there, on the same disk
  void checkpoint(Path into);

  @Override
  void close();
}
