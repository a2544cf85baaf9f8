package io.relais.storage;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.relais.protocol.MalformedPacket;
import io.relais.protocol.SubscriptionFilter;
import io.relais.storage.Command.Due;
import io.relais.storage.table.ByteReader;
import io.relais.storage.table.ByteWriter;
import io.relais.storage.table.Cursor;
import io.relais.storage.table.StoreFailure;
import io.relais.storage.table.Tables;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/// Reads every record of a state and compares them with each other: what refers to something finds
/// it, and what was counted is there.
///
/// One thing may refer to nothing, because it is not searched for when it becomes so: a due record
/// of a retained message that was replaced, until its time.
///
/// Owner: one thread, while nothing is written. Limits: in memory are the client ids of sessions,
/// the numbers of queues, and what [References] needs.
final class RecordCheck {
  private static final String TABLES = "abcdeghikmnopqrsuxy"; // in their order

  /// What has a queue.
  ///
  /// @param isSession else a shared group
  private record Place(String name, boolean isSession) {}

  private final Tables tables;
  private final StoreCheck.Findings found;
  private final ByteWriter key = new ByteWriter(64);
  private final Set<String> clients = new HashSet<>();
  private final Map<Long, Place> places = new HashMap<>(); // by queue
  private final Set<Long> gone = new HashSet<>(); // queues to be swept
  private final Map<String, Integer> members = new HashMap<>(); // by shared filter
  private final Set<String> holding = new HashSet<>(); // shared groups with entries
  private Meta meta = Meta.EMPTY;
  private long queuedCount;
  private long bytes;
  private int retainedCount;
  private long retainedBytes;
  private int delayedCount;

  RecordCheck(Tables tables, StoreCheck.Findings found) {
    this.tables = tables;
    this.found = found;
  }

  void run() {
    unknown();
    byte[] stored = tables.get(Keys.first(Keys.META));
    if (stored == null) {
      nothing();
      return;
    }
    attempt("the record of the whole", () -> meta = end(new ByteReader(stored), Meta::read));
    found.meta = meta;
    each(Keys.NODE, "node", (at, value) -> end(new ByteReader(value), ByteReader::variable));
    each(Keys.USER, "user", this::user);
    each(Keys.DOCUMENT, "document", this::document);
    each(Keys.GARBAGE, "queue to be swept", this::garbage);
    each(Keys.SESSION, "session", this::session);
    each(Keys.GROUP, "group", this::group);
    each(Keys.SUBSCRIPTION, "subscription", this::subscription);
    each(Keys.EXCLUSIVE, "exclusive filter", this::exclusive);
    attempt("the queues", this::queues);
    members.forEach(this::hasPurpose);
    each(Keys.RELEASED, "PUBREC", this::released);
    each(Keys.RECEIVED, "packet id", this::received);
    each(Keys.ORIGIN, "origin", this::origin);
    each(Keys.SHARED, "message", this::message);
    each(Keys.COUNT, "count of references", this::count);
    each(Keys.RETAINED, "retained message", this::retained);
    each(Keys.DELAYED, "delayed message", this::delayed);
    each(Keys.DUE, "due", this::due);
    attempt("the references to messages", this::references);
    sums();
  }

  // ---- how records are gone through

  private static final class Wrong extends RuntimeException {
    private static final long serialVersionUID = 1;

    Wrong(String what) {
      super(what);
    }
  }

  private void attempt(String where, Runnable work) {
    try {
      work.run();
    } catch (StoreFailure | Wrong e) {
      found.damage(where, String.valueOf(e.getMessage()));
    }
  }

  private void each(char table, String what, BiConsumer<byte[], byte[]> record) {
    attempt(
        "the table '%c' (%s)".formatted(table, what),
        () -> {
          try (Cursor cursor = tables.cursor(Keys.first(table), Keys.behind(table))) {
            for (; cursor.isValid(); cursor.next()) {
              byte[] at = cursor.key();
              byte[] value = cursor.value();
              if (at.length > 1 || table == Keys.META) {
                attempt(name(what, at), () -> record.accept(at, value));
              } else {
                found.damage(name(what, at), "the record has no key");
              }
            }
          }
        });
  }

  /// A record, as a reader finds it again.
  private static String name(String what, byte[] at) {
    return switch (at[0]) {
      case Keys.SESSION, Keys.NODE, Keys.USER, Keys.GROUP, Keys.EXCLUSIVE ->
          "%s '%s'".formatted(what, text(at));
      case Keys.RETAINED -> "%s of '%s'".formatted(what, RetainedMessages.topic(at));
      case Keys.SUBSCRIPTION -> subscriptionName(what, at);
      default -> {
        var name = new StringBuilder(what);
        int i = 1;
        for (; at.length - i >= Long.BYTES; i += Long.BYTES) {
          name.append(i == 1 ? " " : ":").append(new ByteReader(at, i).u8());
        }
        if (at.length - i == 2) {
          name.append(':').append(new ByteReader(at, i).u2());
        }
        yield name.toString();
      }
    };
  }

  private static String subscriptionName(String what, byte[] at) {
    try {
      var parts = new ByteReader(at, 1);
      String clientId = parts.string();
      return "%s '%s' of client '%s'".formatted(what, new String(parts.rest(), UTF_8), clientId);
    } catch (StoreFailure e) {
      return what + " " + Arrays.toString(at);
    }
  }

  private static String text(byte[] at) {
    return new String(at, 1, at.length - 1, UTF_8);
  }

  private interface Reading<T> {
    T read(ByteReader from);
  }

  /// Reads a value that must end where its parts do.
  private static <T> T end(ByteReader from, Reading<T> parts) {
    T read = parts.read(from);
    if (!from.isAtEnd()) {
      throw new Wrong("%d bytes more than it should have".formatted(from.left()));
    }
    return read;
  }

  @SuppressWarnings("AnnotateFormatMethod") // the annotation would be a dependency
  private static void require(boolean right, String wrong, Object... values) {
    if (!right) {
      throw new Wrong(wrong.formatted(values));
    }
  }

  /// Goes on after what is wrong.
  @SuppressWarnings("AnnotateFormatMethod")
  private void expect(String where, boolean right, String wrong, Object... values) {
    if (!right) {
      found.damage(where, wrong.formatted(values));
    }
  }

  private void unknown() {
    attempt(
        "the tables",
        () -> {
          for (int i = 0; i <= TABLES.length(); i++) {
            byte[] from = i == 0 ? new byte[0] : Keys.behind(TABLES.charAt(i - 1));
            byte[] below =
                i == TABLES.length() ? new byte[] {(byte) 255} : Keys.first(TABLES.charAt(i));
            try (Cursor cursor = tables.cursor(from, below)) {
              if (cursor.isValid()) {
                found.damage(
                    "the record " + Arrays.toString(cursor.key()),
                    "no table of this format has such a key");
              }
            }
          }
        });
  }

  private void nothing() {
    attempt(
        "the record of the whole",
        () -> {
          try (Cursor cursor = tables.cursor(new byte[0], new byte[] {(byte) 255})) {
            require(!cursor.isValid(), "it is not there, and other records are");
          }
        });
  }

  private SubscriptionFilter filter(String text) {
    try {
      return SubscriptionFilter.parse(text);
    } catch (MalformedPacket e) {
      throw new Wrong("'%s' is no filter: %s".formatted(text, e.getMessage()));
    }
  }

  private void numberOf(long number, String what) {
    require(
        number > 0 && number <= meta.lastNumber(),
        "%s has the number %d, and the last that was given is %d",
        what,
        number,
        meta.lastNumber());
  }

  // ---- who is there

  private void user(byte[] at, byte[] value) {
    Users.Kept user = end(new ByteReader(value), Records::user);
    require(!user.passwordHash().isEmpty(), "it has no hash");
    require(!user.groups().contains(""), "it is in a group without a name");
    found.users++;
  }

  private void document(byte[] at, byte[] value) {
    var parts = new ByteReader(at, 1);
    require(!parts.string().isEmpty(), "it is in no collection");
    require(parts.left() > 0, "it has no id");
    end(new ByteReader(value), ByteReader::string);
  }

  private void garbage(byte[] at, byte[] value) {
    gone.add(end(new ByteReader(at, 1), ByteReader::u8));
  }

  private void session(byte[] at, byte[] value) {
    String clientId = text(at);
    clients.add(clientId);
    found.sessions++;
    StoredSession session =
        end(new ByteReader(value), from -> StoredSession.read(clientId, from, Queue::new));
    place(session.queue.id, new Place("client '" + clientId + "'", true));
    require(
        session.epoch > 0 && session.epoch <= meta.position(),
        "its epoch is %d, and the position is %d",
        session.epoch,
        meta.position());
    require(session.window >= 1, "its window is 0");
    var willDue = new Due.WillDue(clientId, session.epoch);
    isDue(session.willAt, willDue, "its will");
    isDue(session.endAt, new Due.SessionExpired(clientId, session.epoch), "its end");
    require(
        session.owner != null || session.endAt.isSet() || session.expirySeconds == Command.NEVER,
        "nobody is connected, and nothing will end it");
    require(!session.willAt.isSet() || session.will != null, "a will is due that it does not have");
  }

  private void place(long queue, Place place) {
    numberOf(queue, "its queue");
    Place other = places.putIfAbsent(queue, place);
    require(other == null, "its queue %d belongs to %s too", queue, other);
  }

  private void isDue(StoredSession.At scheduled, Due what, String whose) {
    if (!scheduled.isSet()) {
      return;
    }
    byte[] due =
        tables.get(Keys.pair(key, Keys.DUE, scheduled.millis(), scheduled.number()).copy());
    require(
        due != null
            && Records.readDue(scheduled.millis(), scheduled.number(), new ByteReader(due))
                .equals(what),
        "%s is due at %d, and nothing of it is scheduled then",
        whose,
        scheduled.millis());
  }

  private void group(byte[] at, byte[] value) {
    SubscriptionFilter filter = filter(text(at));
    require(filter.kind() == SubscriptionFilter.Kind.SHARED, "it is no shared filter");
    members.put(filter.text(), 0);
    place(end(new ByteReader(value), ByteReader::u8), new Place(filter.text(), false));
  }

  private void subscription(byte[] at, byte[] value) {
    found.subscriptions++;
    var parts = new ByteReader(at, 1);
    String clientId = parts.string();
    String text = new String(parts.rest(), UTF_8);
    SubscriptionFilter filter = filter(text);
    StoredSubscription subscription =
        end(
            new ByteReader(value),
            from -> {
              StoredSubscription read = Records.readSubscription(text, from);
              if (Records.readOwed(value) != null) {
                from.string(); // what it is owed stands behind
              }
              return read;
            });
    require(clients.contains(clientId), "the client has no session");
    require(
        subscription.qos() <= 2 && subscription.retainHandling() <= 2,
        "its options are no options");
    switch (filter.kind()) {
      case PLAIN -> {}
      case SHARED -> {
        if (subscription.qos() > 0) {
          require(members.containsKey(text), "its group has no queue");
          members.merge(text, 1, Integer::sum);
        }
      }
      case EXCLUSIVE -> {
        byte[] holder = tables.get(Keys.text(key, Keys.EXCLUSIVE, filter.filter()).copy());
        require(
            holder != null
                && ExclusiveHolder.read(new ByteReader(holder)).clientId().equals(clientId),
            "the client does not hold this filter");
      }
    }
  }

  /// One that lost its last persistent member ends when its queue is empty.
  private void hasPurpose(String filter, int count) {
    expect(
        "group '" + filter + "'",
        count > 0 || holding.contains(filter),
        "it has no persistent member, and nothing in its queue");
  }

  private void exclusive(byte[] at, byte[] value) {
    String filter = text(at);
    ExclusiveHolder holder = end(new ByteReader(value), ExclusiveHolder::read);
    if (holder.node() == null) {
      byte[] held =
          Keys.subscription(key, holder.clientId(), filter("$exclusive/" + filter).text()).copy();
      require(
          tables.get(held) != null,
          "client '%s' holds it, and does not subscribe to it",
          holder.clientId());
    }
  }

  // ---- queues

  /// Goes through the records of queues and through their entries side by side.
  private void queues() {
    try (Cursor heads = tables.cursor(Keys.first(Keys.QUEUE), Keys.behind(Keys.QUEUE));
        Cursor entries = tables.cursor(Keys.first(Keys.ENTRY), Keys.behind(Keys.ENTRY))) {
      while (heads.isValid() || entries.isValid()) {
        boolean isHead = heads.isValid();
        if (isHead && entries.isValid()) {
          isHead =
              Arrays.compareUnsigned(
                      heads.key(), 1, heads.key().length, entries.key(), 1, entries.key().length)
                  <= 0;
        }
        byte[] at = isHead ? heads.key() : entries.key();
        if (at.length < 1 + Long.BYTES) {
          found.damage("the record " + Arrays.toString(at), "its key is too short");
          (isHead ? heads : entries).next();
          continue;
        }
        long id = new ByteReader(at, 1).u8();
        Queue queue = null;
        if (isHead) {
          queue = head(heads);
          heads.next();
        }
        queue(id, queue, entries);
      }
    }
  }

  private @Nullable Queue head(Cursor heads) {
    byte[] at = heads.key();
    byte[] value = heads.value();
    Queue[] read = new Queue[1];
    attempt(
        name("queue", at),
        () -> {
          end(new ByteReader(value), from -> variables(from, 4));
          read[0] = Queues.decode(at, value);
        });
    return read[0];
  }

  private static int variables(ByteReader from, int count) {
    for (int i = 0; i < count; i++) {
      from.variable();
    }
    return count;
  }

  /// @param queue what its record says; null: it has none that could be read
  private void queue(long id, @Nullable Queue queue, Cursor entries) {
    Place place = places.get(id);
    String where =
        "queue %d%s".formatted(id, place == null || gone.contains(id) ? "" : " of " + place.name());
    boolean isGone = gone.contains(id);
    int count = 0;
    long size = 0;
    for (; entries.isValid(); entries.next()) {
      byte[] at = entries.key();
      if (at.length < 1 + Long.BYTES || new ByteReader(at, 1).u8() != id) {
        break;
      }
      byte[] value = entries.value();
      int[] messageBytes = {0};
      attempt(
          "entry %s of %s".formatted(name("", at).strip(), where),
          () -> messageBytes[0] = entry(at, value, isGone ? null : queue));
      count++;
      size += messageBytes[0] + QueueEntry.OVERHEAD_BYTES;
    }
    if (isGone) {
      expect(where, queue == null, "it is to be swept, and still has a record");
      return;
    }
    found.queues++;
    found.queuedMessages += count;
    queuedCount += count;
    expect(where, place != null, "it belongs to no session and to no group");
    if (place != null && !place.isSession() && count > 0) {
      holding.add(place.name());
    }
    if (queue == null) {
      expect(where, count == 0, "it has %d entries and no record", count);
      return;
    }
    expect(
        where,
        queue.head() <= queue.next(),
        "it begins at %d and the next entry gets %d",
        queue.head(),
        queue.next());
    expect(where, queue.count() == count, "%d entries are counted, %d there", queue.count(), count);
    expect(where, queue.bytes() == size, "%d bytes are counted, %d there", queue.bytes(), size);
  }

  /// @return the bytes of its message
  private int entry(byte[] at, byte[] value, @Nullable Queue queue) {
    require(at.length == 1 + 2 * Long.BYTES, "its key has %d bytes, not 17", at.length);
    long sequence = new ByteReader(at, 1 + Long.BYTES).u8();
    var record = new ByteReader(value);
    Records.EntryHead head = Records.readEntryHead(record);
    if (head.shared() == 0) {
      Message message = end(record, Records::readMessage);
      bytes += message.bytes();
      require(
          message.bytes() == head.messageBytes(),
          "it says that its message has %d bytes, and it has %d",
          head.messageBytes(),
          message.bytes());
    } else {
      require(record.isAtEnd(), "%d bytes more than it should have", record.left());
      byte[] counted = tables.get(Keys.number(key, Keys.COUNT, head.shared()).copy());
      if (counted != null) { // else it is missed among the references
        var count = new ByteReader(counted);
        count.variable();
        long sharedBytes = count.variable();
        require(
            sharedBytes == head.messageBytes(),
            "it says that message %d has %d bytes, and it has %d",
            head.shared(),
            head.messageBytes(),
            sharedBytes);
      }
    }
    require(head.qos() == 1 || head.qos() == 2, "its QoS is %d", head.qos());
    require(
        queue == null || sequence >= queue.head() && sequence < queue.next(),
        "it is outside of its queue, which goes from %d to below %d",
        queue == null ? 0 : queue.head(),
        queue == null ? 0 : queue.next());
    return head.messageBytes();
  }

  private void released(byte[] at, byte[] value) {
    require(value.length == 0, "%d bytes more than it should have", value.length);
    byte[] entry = at.clone();
    entry[0] = Keys.ENTRY;
    require(tables.get(entry) != null, "its entry is not there");
  }

  private void received(byte[] at, byte[] value) {
    var parts = new ByteReader(at, 1);
    isOfSession(parts.u8());
    require(end(parts, ByteReader::u2) > 0, "0 is no packet id");
  }

  private void isOfSession(long queue) {
    Place place = places.get(queue);
    require(place != null && place.isSession(), "queue %d belongs to no session", queue);
  }

  private void origin(byte[] at, byte[] value) {
    var parts = new ByteReader(at, 1);
    long queue = parts.u8();
    isOfSession(queue);
    long sequence = end(parts, ByteReader::u8);
    require(
        tables.get(Keys.pair(key, Keys.ENTRY, queue, sequence).copy()) != null,
        "its entry %d in queue %d is not there",
        sequence,
        queue);
    filter(end(new ByteReader(value), ByteReader::string));
  }

  // ---- messages

  private void message(byte[] at, byte[] value) {
    long id = end(new ByteReader(at, 1), ByteReader::u8);
    Message message = end(new ByteReader(value), Records::readMessage);
    numberOf(id, "it");
    bytes += message.bytes();
    byte[] counted = tables.get(Keys.number(key, Keys.COUNT, id).copy());
    require(counted != null, "its references are not counted");
    if (counted != null) {
      var count = new ByteReader(counted);
      count.variable();
      long says = count.variable();
      require(
          says == message.bytes(),
          "its count says that it has %d bytes, and it has %d",
          says,
          message.bytes());
    }
  }

  private void count(byte[] at, byte[] value) {
    end(new ByteReader(value), from -> variables(from, 2));
    byte[] message = at.clone();
    message[0] = Keys.SHARED;
    require(tables.get(message) != null, "its message is not there");
  }

  private void references() {
    new References(tables, References.WINDOW, queue -> true)
        .count(
            new References.Found() {
              @Override
              public void message(long id, int references) {
                byte[] stored = tables.get(Keys.number(key, Keys.COUNT, id).copy());
                long counted = stored == null ? 0 : new ByteReader(stored).variable();
                expect(
                    "message " + id,
                    counted == references,
                    "%d references are counted, and %d places refer to it",
                    counted,
                    references);
              }

              @Override
              public void missing(byte[] from, long id) {
                found.damage(
                    name(from[0] == Keys.RETAINED ? "retained message" : "entry", from),
                    "it refers to message " + id + ", which is not there");
              }
            });
  }

  private void retained(byte[] at, byte[] value) {
    retainedCount++;
    found.retained++;
    var record = new ByteReader(value);
    Records.RetainedHead head = Records.readRetainedHead(record);
    retainedBytes += head.messageBytes();
    Message message;
    if (head.shared() == 0) {
      message = end(record, Records::readMessage);
      bytes += message.bytes();
    } else {
      require(record.isAtEnd(), "%d bytes more than it should have", record.left());
      byte[] stored = tables.get(Keys.number(key, Keys.SHARED, head.shared()).copy());
      if (stored == null) {
        return; // missed among the references
      }
      message = Records.readMessage(new ByteReader(stored));
    }
    String topic = RetainedMessages.topic(at);
    require(message.topic().equals(topic), "its message is to '%s'", message.topic());
    require(
        message.bytes() == head.messageBytes(),
        "it says that its message has %d bytes, and it has %d",
        head.messageBytes(),
        message.bytes());
    require(
        message.expiresAtMillis() == head.expiresAtMillis(),
        "it says that its message expires at %d, and that is %d",
        head.expiresAtMillis(),
        message.expiresAtMillis());
    if (head.expiresAtMillis() != 0) {
      long number =
          Schedule.numberOf(
              tables,
              head.expiresAtMillis(),
              due -> due instanceof Due.RetainedExpired expired && expired.topic().equals(topic));
      require(
          number != 0,
          "it expires at %d, and nothing of it is scheduled then",
          head.expiresAtMillis());
    }
  }

  private void delayed(byte[] at, byte[] value) {
    delayedCount++;
    found.delayed++;
    long id = end(new ByteReader(at, 1), ByteReader::u8);
    var record = new ByteReader(value);
    long due = record.u8();
    bytes += end(record, Records::readMessage).bytes();
    numberOf(id, "it");
    byte[] scheduled = tables.get(Keys.pair(key, Keys.DUE, due, id).copy());
    require(
        scheduled != null
            && Records.readDue(due, id, new ByteReader(scheduled)) instanceof Due.DelayedDue,
        "it is due at %d, and nothing of it is scheduled then",
        due);
  }

  private void due(byte[] at, byte[] value) {
    var parts = new ByteReader(at, 1);
    long millis = parts.u8();
    long number = end(parts, ByteReader::u8);
    Due due = end(new ByteReader(value), from -> Records.readDue(millis, number, from));
    numberOf(number, "it");
    switch (due) {
      case Due.WillDue(String clientId, long epoch) -> ofSession(clientId, epoch, millis, number);
      case Due.SessionExpired(String clientId, long epoch) ->
          ofSession(clientId, epoch, millis, number);
      case Due.DelayedDue(long atMillis, long id) ->
          require(
              tables.get(Keys.number(key, Keys.DELAYED, id).copy()) != null,
              "its message is not there");
      case Due.RetainedExpired(String topic, long atMillis, long own) -> {
        // that message may be replaced or gone: then this does nothing when it is due
      }
    }
  }

  private void ofSession(String clientId, long epoch, long millis, long number) {
    byte[] stored = tables.get(Keys.text(key, Keys.SESSION, clientId).copy());
    require(stored != null, "client '%s' has no session", clientId);
    if (stored != null) {
      StoredSession session = StoredSession.read(clientId, new ByteReader(stored), Queue::new);
      var here = new StoredSession.At(millis, number);
      require(
          session.epoch == epoch && (here.equals(session.willAt) || here.equals(session.endAt)),
          "the session of client '%s' does not expect it",
          clientId);
    }
  }

  private void sums() {
    sum("messages in queues", meta.queuedMessages(), queuedCount);
    sum("bytes of all messages", meta.bytes(), bytes);
    sum("retained messages", meta.retainedMessages(), retainedCount);
    sum("bytes of retained messages", meta.retainedBytes(), retainedBytes);
    sum("delayed messages", meta.delayedMessages(), delayedCount);
  }

  private void sum(String what, long counted, long there) {
    expect(
        "the record of the whole",
        counted == there,
        "%d %s are counted, %d there",
        counted,
        what,
        there);
  }
}
