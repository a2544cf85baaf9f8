package io.relais.storage;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.relais.storage.table.ByteReader;
import io.relais.storage.table.Cursor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// The retained message of each topic. They stay in the tables, sorted by topic, so that neither
/// start nor memory depends on how many there are; a match with wildcards skips from one possible
/// topic to the next.
///
/// Owner: the applier. Limits: what [#KNOWN_MAX] topics hold is remembered; a page of a match looks
/// at [#STEPS_MAX] topics at most.
final class RetainedMessages {
  private static final int KNOWN_MAX = 50_000;
  private static final int STEPS_MAX = 20_000;

  /// What a topic holds.
  ///
  /// @param shared where the message is kept; 0: in the record itself
  record Held(int bytes, long expiresAtMillis, long shared) {}

  /// One page of a match.
  ///
  /// @param next to give as `after`; null: that was all
  record Page(List<Found> messages, @Nullable String next) {}

  /// @param shared where the message is kept; 0: in the record itself
  record Found(Message message, long shared, long storedAtMillis) {}

  private final Batch batch;
  private final SharedMessages sharedMessages;
  private final Map<String, Held> known = new LinkedHashMap<>(); // all of this batch, and some more
  private int count;
  private long bytes;

  RetainedMessages(Batch batch, SharedMessages sharedMessages) {
    this.batch = batch;
    this.sharedMessages = sharedMessages;
  }

  void restore(int storedCount, long storedBytes) {
    count = storedCount;
    bytes = storedBytes;
  }

  int count() {
    return count;
  }

  long bytes() {
    return bytes;
  }

  private static final Held NOTHING = new Held(0, 0, -1);

  /// What a topic holds, or null.
  @Nullable Held held(String topic, byte[] topicBytes) {
    Held held = known.get(topic);
    if (held == null) {
      Keys.retained(batch.key, topicBytes);
      byte[] stored = batch.get();
      held = stored == null ? NOTHING : decodeHeld(stored);
      known.put(topic, held);
    }
    return held == NOTHING ? null : held;
  }

  private static Held decodeHeld(byte[] stored) {
    Records.RetainedHead head = Records.readRetainedHead(new ByteReader(stored));
    return new Held(head.messageBytes(), head.expiresAtMillis(), head.shared());
  }

  /// Puts a message in the place of what `before` says stood there.
  ///
  /// @param shared where the message is kept; 0: here
  void put(Message message, long shared, long nowMillis, @Nullable Held before) {
    write(message, shared, nowMillis);
    count += before == null ? 1 : 0;
    bytes += message.bytes() - (before == null ? 0 : before.bytes);
  }

  private void write(Message message, long shared, long storedAtMillis) {
    Keys.retained(batch.key, message.topicBytes());
    Records.writeRetained(batch.value.clear(), message, storedAtMillis, shared);
    batch.put();
    known.put(message.topic(), new Held(message.bytes(), message.expiresAtMillis(), shared));
  }

  /// The message of a topic, which stood in its record, is kept elsewhere from now on.
  void share(Found found, long shared) {
    write(found.message, shared, found.storedAtMillis);
  }

  void remove(String topic, byte[] topicBytes, Held before) {
    Keys.retained(batch.key, topicBytes);
    batch.delete();
    known.put(topic, NOTHING);
    count--;
    bytes -= before.bytes;
  }

  /// After the batch was written.
  void trim() {
    Iterator<String> oldest = known.keySet().iterator();
    while (known.size() > KNOWN_MAX) {
      oldest.next();
      oldest.remove();
    }
  }

  /// The messages whose topics match a filter, in order of their topics; what was written.
  ///
  /// @param after the last topic that the page before looked at; null: from the first
  Page match(String filter, @Nullable String after, int limit, long nowMillis) {
    var levels = Levels.of(filter.getBytes(UTF_8));
    List<Found> found = new ArrayList<>();
    byte[] from =
        after == null
            ? levels.first()
            : Keys.retained(batch.key, after.getBytes(UTF_8)).u1(0).copy();
    // A 0 behind the topic is the first key below it, or sorts before the next topic.
    int steps = 0;
    try (Cursor cursor = batch.cursor(from, Keys.behind(Keys.RETAINED))) {
      while (cursor.isValid()) {
        byte[] key = cursor.key();
        byte[] goOn = levels.match(key);
        if (goOn == Levels.END) {
          return new Page(found, null);
        }
        if (goOn == null) {
          if (found.size() >= limit) {
            return new Page(found, found.getLast().message.topic());
          }
          Found match = decode(cursor.value());
          if (!match.message.isExpired(nowMillis)) {
            found.add(match);
          }
          cursor.next();
        } else {
          cursor.seek(goOn);
        }
        if (++steps >= STEPS_MAX) {
          return new Page(found, topic(key));
        }
      }
    }
    return new Page(found, null);
  }

  /// @param key of a record of [Keys#RETAINED]
  static String topic(byte[] key) {
    byte[] topic = Arrays.copyOfRange(key, 1, key.length);
    for (int i = 0; i < topic.length; i++) {
      topic[i] = topic[i] == 0 ? (byte) '/' : topic[i];
    }
    return new String(topic, UTF_8);
  }

  private Found decode(byte[] stored) {
    var record = new ByteReader(stored);
    Records.RetainedHead head = Records.readRetainedHead(record);
    Message message =
        head.shared() == 0 ? Records.readMessage(record) : sharedMessages.read(head.shared());
    return new Found(message, head.shared(), head.storedAtMillis());
  }

  /// A filter, to be compared with the keys of retained messages.
  ///
  /// @param levels of the filter
  private record Levels(byte[][] levels) {
    /// Nothing behind this key matches.
    static final byte[] END = {};

    private static final byte[] PLUS = {'+'};
    private static final byte[] HASH = {'#'};

    static Levels of(byte[] filter) {
      List<byte[]> levels = new ArrayList<>();
      int start = 0;
      for (int i = 0; i <= filter.length; i++) {
        if (i == filter.length || filter[i] == '/') {
          levels.add(Arrays.copyOfRange(filter, start, i));
          start = i + 1;
        }
      }
      return new Levels(levels.toArray(byte[][]::new));
    }

    private boolean isWild(int level) {
      return Arrays.equals(levels[level], PLUS) || Arrays.equals(levels[level], HASH);
    }

    /// The first key that may match: the levels before the first wildcard.
    byte[] first() {
      int length = 1;
      int fixed = 0;
      while (fixed < levels.length && !isWild(fixed)) {
        length += levels[fixed].length + 1;
        fixed++;
      }
      byte[] key = new byte[length];
      key[0] = (byte) Keys.RETAINED;
      int at = 1;
      for (int i = 0; i < fixed; i++) {
        System.arraycopy(levels[i], 0, key, at, levels[i].length);
        at += levels[i].length + 1;
      }
      // Without the separator behind the last level: a topic of just these levels may match too.
      return fixed == 0 ? key : Arrays.copyOf(key, length - 1);
    }

    /// @return null if the key matches, [#END], or the next key that may match
    byte @Nullable [] match(byte[] key) {
      if (isWild(0) && key.length > 1 && key[1] == '$') { // [MQTT-4.7.2-1]
        return new byte[] {key[0], '$' + 1};
      }
      int start = 1;
      int plusEnd = -1; // where the last level ends that a '+' matched
      for (int level = 0; ; level++) {
        if (Arrays.equals(levels[level], HASH)) {
          return null;
        }
        int end = start;
        while (end < key.length && key[end] != 0) {
          end++;
        }
        boolean lastOfKey = end == key.length;
        if (Arrays.equals(levels[level], PLUS)) {
          plusEnd = end;
        } else {
          int order =
              Arrays.compareUnsigned(key, start, end, levels[level], 0, levels[level].length);
          if (order < 0) { // the level wanted comes later under the same parent
            return join(key, start, levels[level]);
          }
          if (order > 0) {
            return plusEnd < 0 ? END : behind(key, plusEnd);
          }
        }
        boolean lastOfFilter = level == levels.length - 1;
        if (lastOfFilter && lastOfKey) {
          return null;
        }
        if (lastOfFilter) { // what is deeper does not match
          return behind(key, end);
        }
        if (lastOfKey) {
          if (level == levels.length - 2 && Arrays.equals(levels[level + 1], HASH)) {
            return null; // `a/#` matches `a` too
          }
          byte[] below = Arrays.copyOf(key, key.length + 1);
          return below; // the first key below this one
        }
        start = end + 1;
      }
    }

    private static byte[] join(byte[] key, int length, byte[] level) {
      byte[] joined = Arrays.copyOf(key, length + level.length);
      System.arraycopy(level, 0, joined, length, level.length);
      return joined;
    }

    /// The first key that is neither the beginning of this one nor below it.
    private static byte[] behind(byte[] key, int length) {
      byte[] behind = Arrays.copyOf(key, length + 1);
      behind[length] = 1;
      return behind;
    }
  }
}
