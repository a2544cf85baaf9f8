package io.relais.storage;

import io.relais.storage.table.ByteReader;
import io.relais.storage.table.StoreFailure;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// Messages that stand in more than one place: kept once, with a count of those places that changes
/// in the same batch as they do.
///
/// Owner: the applier. Limits: counts of [#KNOWN_MAX] messages are held in memory, besides those of
/// the batch.
final class SharedMessages {
  private static final int KNOWN_MAX = 50_000;

  private static final class Count {
    final int bytes;
    int references;
    boolean changed;

    Count(int bytes, int references) {
      this.bytes = bytes;
      this.references = references;
    }
  }

  private final Batch batch;
  private final Map<Long, Count> known = new LinkedHashMap<>();
  private final List<Long> changed = new ArrayList<>();

  SharedMessages(Batch batch) {
    this.batch = batch;
  }

  /// Keeps a message that nothing refers to yet; at least one reference follows.
  void add(long id, Message message) {
    Keys.number(batch.key, Keys.SHARED, id);
    Records.writeMessage(batch.value.clear(), message);
    batch.put();
    known.put(id, new Count(message.bytes(), 0));
  }

  /// @return how many references there are now
  int reference(long id) {
    Count count = count(id);
    count.references++;
    note(id, count);
    return count.references;
  }

  /// @return the bytes that this set free
  int unreference(long id) {
    Count count = count(id);
    count.references--;
    if (count.references > 0) {
      note(id, count);
      return 0;
    }
    Keys.number(batch.key, Keys.SHARED, id);
    batch.deleteOnce();
    Keys.number(batch.key, Keys.COUNT, id);
    batch.delete();
    known.remove(id);
    return count.bytes;
  }

  private void note(long id, Count count) {
    if (!count.changed) {
      count.changed = true;
      changed.add(id);
    }
  }

  private Count count(long id) {
    Count count = known.get(id);
    if (count == null) {
      Keys.number(batch.key, Keys.COUNT, id);
      byte[] stored = batch.get();
      if (stored == null) {
        throw new StoreFailure("Message " + id + " is referred to and is not there");
      }
      var record = new ByteReader(stored);
      int references = record.variableInt();
      count = new Count(record.variableInt(), references);
      known.put(id, count);
    }
    return count;
  }

  Message read(long id) {
    Keys.number(batch.key, Keys.SHARED, id);
    byte[] stored = batch.get();
    if (stored == null) {
      throw new StoreFailure("Message " + id + " is referred to and is not there");
    }
    return Records.readMessage(new ByteReader(stored));
  }

  /// Puts what changed into the batch.
  void flush() {
    for (long id : changed) {
      Count count = known.get(id);
      if (count != null && count.changed) {
        count.changed = false;
        Keys.number(batch.key, Keys.COUNT, id);
        batch.value.clear().variable(count.references).variable(count.bytes);
        batch.put();
      }
    }
    changed.clear();
  }

  /// After the batch was written.
  void trim() {
    Iterator<Long> oldest = known.keySet().iterator();
    while (known.size() > KNOWN_MAX) {
      oldest.next();
      oldest.remove();
    }
  }
}
