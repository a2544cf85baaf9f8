package io.relais.storage;

import io.relais.storage.table.ByteReader;

/// The one record of [Keys#META]: how far the state is, and how much it holds.
///
/// @param syncedPosition the last that was known to be synced when it was written
/// @param logTimeMillis the greatest seen
/// @param wallMillis when the last batch was committed; 0: never
/// @param lastNumber the last that was given to a queue, a message or something that is due
/// @param queuedMessages entries in all queues but those that are gone
/// @param bytes of all messages that are kept, each counted once
record Meta(
    long position,
    long syncedPosition,
    long logTimeMillis,
    long wallMillis,
    long lastNumber,
    long queuedMessages,
    long bytes,
    int retainedMessages,
    long retainedBytes,
    int delayedMessages) {

  static final Meta EMPTY = new Meta(0, 0, 0, 0, 0, 0, 0, 0, 0, 0);

  /// As the head of a batch has them.
  long[] numbers() {
    return new long[] {
      position,
      syncedPosition,
      logTimeMillis,
      wallMillis,
      lastNumber,
      queuedMessages,
      bytes,
      retainedMessages,
      retainedBytes,
      delayedMessages
    };
  }

  static Meta read(ByteReader from) {
    return new Meta(
        from.u8(),
        from.u8(),
        from.u8(),
        from.u8(),
        from.u8(),
        from.u8(),
        from.u8(),
        (int) from.u8(),
        from.u8(),
        (int) from.u8());
  }
}
