package io.relais.storage;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// The entries of one session in order of their sequence, some of which may be gone already:
/// acknowledged out of order, or dropped from the middle. Entries are found by sequence at the same
/// cost however many there are.
///
/// Owner: the applier. Limits are the caller's duty.
final class SessionQueue {
  private @Nullable QueueEntry[] ring = new QueueEntry[8];
  private long head; // sequence of the oldest entry, or `next` if there is none
  private long next;
  private int live;
  private long bytes;

  long head() {
    return head;
  }

  long next() {
    return next;
  }

  int size() {
    return live;
  }

  long bytes() {
    return bytes;
  }

  void add(QueueEntry entry) {
    if (entry.sequence() != next) {
      throw new IllegalStateException("The next sequence is " + next + ", not " + entry.sequence());
    }
    if (next - head == ring.length) {
      grow();
    }
    ring[slot(next)] = entry;
    next++;
    live++;
    bytes += entry.bytes();
  }

  @Nullable QueueEntry get(long sequence) {
    return sequence < head || sequence >= next ? null : ring[slot(sequence)];
  }

  @Nullable QueueEntry remove(long sequence) {
    QueueEntry entry = get(sequence);
    if (entry == null) {
      return null;
    }
    ring[slot(sequence)] = null;
    live--;
    bytes -= entry.bytes();
    while (head < next && ring[slot(head)] == null) {
      head++;
    }
    return entry;
  }

  void replace(QueueEntry entry) {
    ring[slot(entry.sequence())] = entry;
  }

  /// The oldest entry that stands behind the first `window` ones, or null.
  @Nullable QueueEntry oldestBehind(int window) {
    if (live <= window) {
      return null;
    }
    int ahead = 0;
    for (long sequence = head; sequence < next; sequence++) {
      QueueEntry entry = ring[slot(sequence)];
      if (entry != null && ++ahead > window) {
        return entry;
      }
    }
    return null;
  }

  /// The sequence behind the first `window` entries.
  long endOfWindow(int window) {
    QueueEntry behind = oldestBehind(window);
    return behind == null ? next : behind.sequence();
  }

  List<QueueEntry> read(long from, int entriesMax, long bytesMax) {
    List<QueueEntry> page = new ArrayList<>();
    long size = 0;
    for (long sequence = Math.max(from, head);
        sequence < next && page.size() < entriesMax && size < bytesMax;
        sequence++) {
      QueueEntry entry = ring[slot(sequence)];
      if (entry != null) {
        page.add(entry);
        size += entry.bytes();
      }
    }
    return page;
  }

  void forEach(Consumer<QueueEntry> each) {
    read(head, Integer.MAX_VALUE, Long.MAX_VALUE).forEach(each);
  }

  private int slot(long sequence) {
    return (int) (sequence & ring.length - 1);
  }

  private void grow() {
    @Nullable QueueEntry[] larger = new QueueEntry[ring.length * 2];
    for (long sequence = head; sequence < next; sequence++) {
      larger[(int) (sequence & larger.length - 1)] = ring[slot(sequence)];
    }
    ring = larger;
  }
}
