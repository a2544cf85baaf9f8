package io.relais.storage;

import io.relais.storage.table.ByteReader;
import io.relais.storage.table.ByteWriter;
import io.relais.storage.table.Cursor;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// The entries of all queues: added at the end, read from anywhere, removed one by one, at the same
/// cost however many there are and were.
///
/// Owner: the applier. Limits are the caller's duty.
final class Queues {
  private static final int DROPPABLE_READ = 64;
  private static final long DROPPABLE_BYTES = 256 * 1024;

  /// What removing an entry left to do.
  ///
  /// @param shared the message that is referred to once less; 0: it was in the entry
  record Removed(int messageBytes, long shared) {}

  private final Batch batch;
  private final SharedMessages shared;
  private final Runnable settle;
  private final List<Queue> changed = new ArrayList<>();

  /// @param settle writes the batch so far, so that reads see it
  Queues(Batch batch, SharedMessages shared, Runnable settle) {
    this.batch = batch;
    this.shared = shared;
    this.settle = settle;
  }

  private void note(Queue queue) {
    if (!queue.changed) {
      queue.changed = true;
      changed.add(queue);
    }
  }

  /// Adds an entry behind the last, or before the first.
  ///
  /// @param sharedId where the message is kept; 0: in the entry
  void add(Queue queue, QueueEntry entry, long sharedId) {
    Keys.pair(batch.key, Keys.ENTRY, queue.id, entry.sequence());
    Message message = entry.message();
    Records.writeEntry(
        batch.value.clear(),
        new Records.EntryHead(
            entry.qos(), entry.retain(), message.bytes(), sharedId, entry.subscriptionIds()),
        sharedId == 0 ? message : null);
    batch.put();
    if (entry.sequence() == queue.next()) {
      queue.added(entry.bytes(), sharedId);
    } else if (entry.sequence() < queue.head()) {
      queue.addedFirst(entry.sequence(), entry.bytes());
    } else {
      throw new IllegalStateException(
          "An entry goes to the end of the queue, %d, or before its head, %d, not to %d"
              .formatted(queue.next(), queue.head(), entry.sequence()));
    }
    note(queue);
  }

  /// @return null if it is not there
  @Nullable Removed remove(Queue queue, long sequence) {
    return remove(queue, sequence, true);
  }

  private @Nullable Removed remove(Queue queue, long sequence, boolean endsDroppable) {
    if (queue.isGone(sequence)) {
      return null;
    }
    int entryBytes = queue.nearBytes(sequence);
    Removed removed;
    if (entryBytes != 0) {
      removed = new Removed(entryBytes - QueueEntry.OVERHEAD_BYTES, queue.nearShared(sequence));
    } else {
      byte[] stored = get(queue, sequence);
      if (stored == null) {
        return null; // removed before the last start
      }
      removed = removed(stored);
    }
    Keys.pair(batch.key, Keys.ENTRY, queue.id, sequence);
    batch.deleteOnce();
    if (queue.isReleased(sequence)) {
      Keys.pair(batch.key, Keys.RELEASED, queue.id, sequence);
      batch.deleteOnce();
    }
    queue.removed(sequence, removed.messageBytes + QueueEntry.OVERHEAD_BYTES);
    if (endsDroppable) {
      queue.droppable = null;
    }
    note(queue);
    return removed;
  }

  private static Removed removed(byte[] stored) {
    Records.EntryHead head = Records.readEntryHead(new ByteReader(stored));
    return new Removed(head.messageBytes(), head.shared());
  }

  private byte @Nullable [] get(Queue queue, long sequence) {
    if (sequence >= queue.writtenNext || sequence < queue.writtenHead) {
      settle.run();
    }
    Keys.pair(batch.key, Keys.ENTRY, queue.id, sequence);
    return batch.get();
  }

  /// @return -1 if it is not there
  int qos(Queue queue, long sequence) {
    byte[] stored = queue.isGone(sequence) ? null : get(queue, sequence);
    return stored == null ? -1 : Records.readEntryHead(new ByteReader(stored)).qos();
  }

  /// An entry that was taken out.
  record Taken(QueueEntry entry, long shared) {}

  /// Takes an entry out, to be put into another queue.
  ///
  /// @return null if it is not there
  @Nullable Taken take(Queue queue, long sequence) {
    if (queue.isGone(sequence)) {
      return null;
    }
    byte[] stored = get(queue, sequence);
    if (stored == null) {
      return null;
    }
    QueueEntry entry = decode(queue, sequence, stored);
    Removed removed = remove(queue, sequence);
    return removed == null ? null : new Taken(entry, removed.shared);
  }

  /// PUBREC came for an entry.
  ///
  /// @return false if it is not there
  boolean release(Queue queue, long sequence) {
    if (queue.isGone(sequence) || queue.nearBytes(sequence) == 0 && get(queue, sequence) == null) {
      return false;
    }
    if (!queue.isReleased(sequence)) {
      queue.release(sequence);
      Keys.pair(batch.key, Keys.RELEASED, queue.id, sequence);
      batch.value.clear();
      batch.put();
    }
    return true;
  }

  /// A page of the entries from a sequence on; all that was written.
  List<QueueEntry> read(Queue queue, long from, int entriesMax, long bytesMax) {
    List<QueueEntry> page = new ArrayList<>(Math.min(entriesMax, queue.count()));
    long first = queue.firstFrom(from);
    if (first >= queue.next() || entriesMax <= 0) {
      return page;
    }
    long size = 0;
    try (Cursor cursor = entries(queue, first)) {
      while (cursor.isValid() && page.size() < entriesMax && size < bytesMax) {
        long sequence = sequence(cursor.key());
        if (queue.isGone(sequence)) { // in this batch, or many before: step over them at once
          cursor.seek(entryKey(queue, queue.firstFrom(sequence)));
          continue;
        }
        QueueEntry entry = decode(queue, sequence, cursor.value());
        page.add(entry);
        size += entry.bytes();
        cursor.next();
      }
    }
    return page;
  }

  /// The sequence of the first entry. What the queue knows without a look may be lower: of entries
  /// that were removed behind the head before the last start it knows nothing.
  long first(Queue queue) {
    if (queue.count() == 0 || queue.head() < queue.writtenHead) {
      return queue.head();
    }
    long first = queue.writtenNext;
    try (Cursor cursor = entries(queue, queue.head())) {
      for (; cursor.isValid(); cursor.next()) {
        long sequence = sequence(cursor.key());
        if (!queue.isGone(sequence)) {
          first = sequence;
          break;
        }
      }
    }
    queue.startsAt(first);
    return first;
  }

  /// The sequence behind the first `window` entries.
  long endOfWindow(Queue queue, int window) {
    if (queue.count() <= window) {
      return queue.next();
    }
    int ahead = 0;
    try (Cursor cursor = entries(queue, queue.head())) {
      for (; cursor.isValid(); cursor.next()) {
        long sequence = sequence(cursor.key());
        if (!queue.isGone(sequence) && ++ahead > window) {
          return sequence;
        }
      }
    }
    // Those of this batch: whether it was written so far must not matter.
    for (long sequence = queue.writtenNext; sequence < queue.next(); sequence++) {
      if (!queue.isGone(sequence) && ++ahead > window) {
        return sequence;
      }
    }
    return queue.next();
  }

  /// An entry that was dropped.
  record Dropped(QueueEntry entry, Removed removed) {}

  /// Removes the oldest entry that stands behind the first `window` ones.
  ///
  /// @return null if there is none
  @Nullable Dropped dropOldestBehind(Queue queue, int window) {
    if (queue.count() <= window) {
      return null;
    }
    ArrayDeque<QueueEntry> droppable = queue.droppable;
    if (droppable == null || droppable.isEmpty()) {
      if (queue.head() < queue.writtenHead) {
        settle.run(); // what came to the front in this batch is the oldest
      }
      long behind = droppable == null ? endOfWindow(queue, window) : queue.dropsFrom;
      List<QueueEntry> found = read(queue, behind, DROPPABLE_READ, DROPPABLE_BYTES);
      if (found.isEmpty()) { // they came in this batch
        settle.run();
        found = read(queue, endOfWindow(queue, window), DROPPABLE_READ, DROPPABLE_BYTES);
      }
      droppable = new ArrayDeque<>(found);
      queue.droppable = droppable;
    }
    QueueEntry oldest = droppable.poll();
    Removed removed = oldest == null ? null : remove(queue, oldest.sequence(), false);
    if (oldest == null || removed == null) {
      return null;
    }
    queue.dropsFrom = oldest.sequence() + 1;
    return new Dropped(oldest, removed);
  }

  private Cursor entries(Queue queue, long from) {
    return batch.cursor(entryKey(queue, from), entryKey(queue, queue.next()));
  }

  private byte[] entryKey(Queue queue, long sequence) {
    return Keys.pair(batch.key, Keys.ENTRY, queue.id, sequence).copy();
  }

  private static long sequence(byte[] entryKey) {
    return new ByteReader(entryKey, 9).u8();
  }

  private QueueEntry decode(Queue queue, long sequence, byte[] stored) {
    var record = new ByteReader(stored);
    Records.EntryHead head = Records.readEntryHead(record);
    Message message = head.shared() == 0 ? Records.readMessage(record) : shared.read(head.shared());
    queue.noteNear(sequence, head.messageBytes() + QueueEntry.OVERHEAD_BYTES, head.shared());
    return new QueueEntry(
        sequence, message, head.qos(), head.retain(), head.ids(), queue.isReleased(sequence));
  }

  /// Ends a queue. Its entries are removed bit by bit by [#sweep].
  void discard(Queue queue) {
    Keys.number(batch.key, Keys.QUEUE, queue.id);
    batch.delete();
    for (long sequence : queue.released()) {
      Keys.pair(batch.key, Keys.RELEASED, queue.id, sequence);
      batch.deleteOnce();
    }
    queue.gone = true;
    if (queue.count() > 0) {
      Keys.number(batch.key, Keys.GARBAGE, queue.id);
      batch.value.clear();
      batch.put();
    }
  }

  /// Removes entries of a queue that is gone; those that were written.
  ///
  /// @param removed gets what is left to do for each
  /// @return whether none is left
  boolean sweep(long queueId, int most, java.util.function.Consumer<Removed> removed) {
    byte[] first = Keys.number(batch.key, Keys.ENTRY, queueId).copy();
    int swept = 0;
    try (Cursor cursor = batch.cursor(first, Keys.behind(first))) {
      for (; cursor.isValid() && swept < most; cursor.next(), swept++) {
        removed.accept(removed(cursor.value()));
        batch.key.clear().bytes(cursor.key());
        batch.deleteOnce();
      }
    }
    if (swept == most) {
      return false;
    }
    Keys.number(batch.key, Keys.GARBAGE, queueId);
    batch.delete();
    return true;
  }

  /// Puts what changed into the batch.
  void flush() {
    for (Queue queue : changed) {
      queue.changed = false;
      queue.written();
      if (queue.gone) {
        continue;
      }
      Keys.number(batch.key, Keys.QUEUE, queue.id);
      encode(batch.value.clear(), queue.head(), queue.next(), queue.count(), queue.bytes());
      batch.put();
    }
    changed.clear();
  }

  /// Writes a record of [Keys#QUEUE].
  static void encode(ByteWriter to, long head, long next, int count, long bytes) {
    to.variable(head).variable(next).variable(count).variable(bytes);
  }

  /// @param key of a record of [Keys#QUEUE]
  static Queue decode(byte[] key, byte[] value) {
    long id = new ByteReader(key, 1).u8();
    var record = new ByteReader(value);
    return new Queue(
        id, record.variable(), record.variable(), record.variableInt(), record.variable());
  }
}
