package io.relais.storage;

import java.util.ArrayDeque;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/// What the applier knows of a queue without reading it: where it begins and ends, how much it
/// holds, and of the entries at its head, which are acknowledged soon, what their removal needs.
/// The entries themselves are in the tables.
///
/// Owner: the applier. Limits: [#NEAR_MAX] entries near the head of a queue that is being read.
final class Queue {
  private static final int NEAR_MAX = 4096;
  private static final int NEAR_MIN = 8;
  private static final int[] NO_BYTES = {};
  private static final long[] NO_IDS = {};

  final long id;
  private long head; // no entry is below; equals `next` if there is none
  private long next;
  private int count;
  private long bytes;
  private @Nullable TreeMap<Long, Long> holes; // above the head: from a sequence to one behind
  private @Nullable Set<Long> released;
  boolean changed; // since the batch began

  // Entries from here to there are in the tables.
  long writtenHead;
  long writtenNext;

  // Of entries from `nearFrom` to below `nearTo`: bytes (0: unknown or gone) and shared message.
  private int[] nearBytes = NO_BYTES;
  private long[] nearShared = NO_IDS;
  private long nearFrom;
  private long nearTo;
  private boolean isRead;

  /// The oldest entries behind the window, to be dropped when there is no room; emptied when
  /// anything else is removed.
  @Nullable ArrayDeque<QueueEntry> droppable;

  long dropsFrom; // behind the last one dropped, as long as `droppable` is there
  boolean gone;

  Queue(long id) {
    this(id, 0);
  }

  Queue(long id, long firstSequence) {
    this(id, firstSequence, firstSequence, 0, 0);
  }

  Queue(long id, long head, long next, int count, long bytes) {
    this.id = id;
    this.head = head;
    this.next = next;
    this.count = count;
    this.bytes = bytes;
    this.writtenHead = head;
    this.writtenNext = next;
  }

  void written() {
    writtenHead = head;
    writtenNext = next;
  }

  long head() {
    return head;
  }

  long next() {
    return next;
  }

  int count() {
    return count;
  }

  long bytes() {
    return bytes;
  }

  /// From now on somebody takes entries from it, or nobody does.
  void read(boolean isBeingRead) {
    isRead = isBeingRead;
    if (!isBeingRead) {
      nearBytes = NO_BYTES;
      nearShared = NO_IDS;
      nearFrom = nearTo;
    }
  }

  /// @param shared id of the message, 0 if it is in the entry itself
  void added(int entryBytes, long shared) {
    noteNear(next, entryBytes, shared);
    next++;
    count++;
    bytes += entryBytes;
  }

  /// An entry went in before the first, perhaps far before it.
  void addedFirst(long sequence, int entryBytes) {
    if (sequence + 1 < head) {
      TreeMap<Long, Long> all = holes;
      if (all == null) {
        all = new TreeMap<>();
        holes = all;
      }
      all.put(sequence + 1, head);
    }
    head = sequence;
    count++;
    bytes += entryBytes;
    droppable = null;
  }

  /// No entry is below this sequence, as a look at the tables showed.
  void startsAt(long sequence) {
    head = Math.max(head, sequence);
  }

  /// Whether this sequence is known to hold nothing.
  boolean isGone(long sequence) {
    if (sequence < head || sequence >= next) {
      return true;
    }
    if (holes == null) {
      return false;
    }
    Map.Entry<Long, Long> hole = holes.floorEntry(sequence);
    return hole != null && hole.getValue() > sequence;
  }

  /// The first sequence from this one on that may hold an entry.
  long firstFrom(long sequence) {
    long from = Math.max(sequence, head);
    if (holes != null) {
      Map.Entry<Long, Long> hole = holes.floorEntry(from);
      if (hole != null && hole.getValue() > from) {
        return hole.getValue();
      }
    }
    return from;
  }

  void removed(long sequence, int entryBytes) {
    count--;
    bytes -= entryBytes;
    if (sequence >= nearFrom && sequence < nearTo) {
      nearBytes[slot(sequence)] = 0;
    }
    if (released != null) {
      released.remove(sequence);
    }
    if (count == 0) {
      head = next;
      holes = null;
    } else if (sequence == head) {
      head++;
      while (holes != null && !holes.isEmpty() && holes.firstKey() <= head) {
        Map.Entry<Long, Long> hole = holes.pollFirstEntry();
        head = Math.max(head, hole.getValue());
      }
    } else {
      addHole(sequence);
    }
    if (nearFrom < head) {
      nearFrom = Math.min(head, nearTo);
    }
  }

  private void addHole(long sequence) {
    TreeMap<Long, Long> all = holes;
    if (all == null) {
      all = new TreeMap<>();
      holes = all;
    }
    long from = sequence;
    long to = sequence + 1;
    Map.Entry<Long, Long> before = all.lowerEntry(sequence);
    if (before != null && before.getValue() == sequence) {
      from = before.getKey();
    }
    Long after = all.remove(to);
    all.put(from, after == null ? to : after);
  }

  void noteNear(long sequence, int entryBytes, long shared) {
    if (!isRead) {
      return;
    }
    if (nearTo == nearFrom) {
      nearFrom = sequence;
      nearTo = sequence;
    }
    if (sequence < nearTo || sequence - nearFrom >= NEAR_MAX) {
      return; // known, or too far away
    }
    int needed = (int) (sequence - nearFrom + 1);
    if (needed > nearBytes.length) {
      grow(needed);
    }
    for (; nearTo < sequence; nearTo++) {
      nearBytes[slot(nearTo)] = 0;
    }
    nearBytes[slot(sequence)] = entryBytes;
    nearShared[slot(sequence)] = shared;
    nearTo = sequence + 1;
  }

  private void grow(int needed) {
    int size = Math.max(NEAR_MIN, nearBytes.length);
    while (size < needed) {
      size *= 2;
    }
    int[] moreBytes = new int[size];
    long[] moreShared = new long[size];
    for (long i = nearFrom; i < nearTo; i++) {
      moreBytes[(int) (i & size - 1)] = nearBytes[slot(i)];
      moreShared[(int) (i & size - 1)] = nearShared[slot(i)];
    }
    nearBytes = moreBytes;
    nearShared = moreShared;
  }

  /// Bytes of an entry near the head; 0: not known.
  int nearBytes(long sequence) {
    return sequence >= nearFrom && sequence < nearTo ? nearBytes[slot(sequence)] : 0;
  }

  /// Of an entry whose [#nearBytes] are known.
  long nearShared(long sequence) {
    return nearShared[slot(sequence)];
  }

  private int slot(long sequence) {
    return (int) (sequence & nearBytes.length - 1);
  }

  void release(long sequence) {
    Set<Long> all = released;
    if (all == null) {
      all = new HashSet<>(4);
      released = all;
    }
    all.add(sequence);
  }

  boolean isReleased(long sequence) {
    return released != null && released.contains(sequence);
  }

  Set<Long> released() {
    return released == null ? Set.of() : released;
  }
}
