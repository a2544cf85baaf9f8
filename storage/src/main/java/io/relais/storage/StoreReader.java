package io.relais.storage;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.relais.protocol.MalformedPacket;
import io.relais.protocol.SubscriptionFilter;
import io.relais.storage.table.ByteReader;
import io.relais.storage.table.ByteWriter;
import io.relais.storage.table.Cursor;
import io.relais.storage.table.StoreFailure;
import io.relais.storage.table.Tables;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// Gives everything that tables hold, one item after the other. What waits to be swept is left out.
///
/// Owner: one thread, while nothing is written. Limits: in memory are one session or entry at a
/// time, the numbers of queues that are gone, and what [References] needs.
public final class StoreReader {
  private final Tables tables;
  private final Consumer<StoredItem> items;
  private final Set<Long> gone = new HashSet<>();
  private final ByteWriter key = new ByteWriter(64);

  private StoreReader(Tables tables, Consumer<StoredItem> items) {
    this.tables = tables;
    this.items = items;
  }

  /// @throws StoreFailure if the tables hold what cannot be read
  public static void read(Tables tables, Consumer<StoredItem> items) {
    new StoreReader(tables, items).run();
  }

  private void run() {
    byte[] stored = tables.get(Keys.first(Keys.META));
    Meta meta = stored == null ? Meta.EMPTY : Meta.read(new ByteReader(stored));
    items.accept(
        new StoredItem.Header(
            DataDirectory.FORMAT,
            meta.position(),
            meta.logTimeMillis(),
            meta.wallMillis(),
            meta.lastNumber()));
    each(
        Keys.NODE,
        (at, value) ->
            items.accept(new StoredItem.Node(text(at), new ByteReader(value).variable())));
    each(
        Keys.USER,
        (at, value) -> {
          Users.Kept user = Records.user(new ByteReader(value));
          items.accept(new StoredItem.User(text(at), user.passwordHash(), user.groups()));
        });
    each(
        Keys.DOCUMENT,
        (at, value) -> {
          var parts = new ByteReader(at, 1);
          items.accept(
              new StoredItem.Document(
                  parts.string(), new String(parts.rest(), UTF_8), new ByteReader(value).string()));
        });
    each(Keys.GARBAGE, (at, value) -> gone.add(new ByteReader(at, 1).u8()));
    messages();
    try (var queues = new Entries()) {
      each(Keys.SESSION, (at, value) -> session(text(at), value, queues));
      each(Keys.GROUP, (at, value) -> group(text(at), value, queues));
    }
    each(Keys.RETAINED, this::retained);
    each(Keys.DELAYED, this::delayed);
    each(
        Keys.EXCLUSIVE,
        (at, value) -> {
          ExclusiveHolder holder = ExclusiveHolder.read(new ByteReader(value));
          items.accept(
              new StoredItem.Exclusive(
                  text(at), holder.clientId(), holder.node(), holder.incarnation()));
        });
  }

  private void each(char table, BiConsumer<byte[], byte[]> record) {
    try (Cursor cursor = tables.cursor(Keys.first(table), Keys.behind(table))) {
      for (; cursor.isValid(); cursor.next()) {
        record.accept(cursor.key(), cursor.value());
      }
    }
  }

  private static String text(byte[] key) {
    return new String(key, 1, key.length - 1, UTF_8);
  }

  /// Those that somebody refers to who is not gone.
  private void messages() {
    new References(tables, References.WINDOW, queue -> !gone.contains(queue))
        .count(
            new References.Found() {
              @Override
              public void message(long id, int references) {
                if (references > 0) {
                  items.accept(new StoredItem.SharedMessage(id, shared(id)));
                }
              }

              @Override
              public void missing(byte[] from, long id) {
                throw notThere(id);
              }
            });
  }

  private Message shared(long id) {
    byte[] stored = tables.get(Keys.number(key, Keys.SHARED, id).copy());
    if (stored == null) {
      throw notThere(id);
    }
    return Records.readMessage(new ByteReader(stored));
  }

  private static StoreFailure notThere(long id) {
    return new StoreFailure("Message " + id + " is referred to and is not there");
  }

  private void session(String clientId, byte[] value, Entries entries) {
    StoredSession session = StoredSession.read(clientId, new ByteReader(value), this::queue);
    long queue = session.queue.id;
    List<StoredItem.Subscription> subscriptions = new ArrayList<>();
    byte[] prefix = Keys.subscription(key, clientId, "").copy();
    try (Cursor cursor = tables.cursor(prefix, Keys.behind(prefix))) {
      for (; cursor.isValid(); cursor.next()) {
        var record = new ByteReader(cursor.key(), prefix.length);
        subscriptions.add(
            new StoredItem.Subscription(
                Records.readSubscription(
                    new String(record.rest(), UTF_8), new ByteReader(cursor.value())),
                Records.readOwed(cursor.value())));
      }
    }
    List<Integer> received = new ArrayList<>();
    byte[] first = Keys.number(key, Keys.RECEIVED, queue).copy();
    try (Cursor cursor = tables.cursor(first, Keys.behind(first))) {
      for (; cursor.isValid(); cursor.next()) {
        received.add(new ByteReader(cursor.key(), first.length).u2());
      }
    }
    items.accept(
        new StoredItem.Session(
            clientId,
            session.persistent,
            bounds(session.queue),
            session.epoch,
            session.owner,
            session.incarnation,
            session.expirySeconds,
            session.window,
            session.sentBelow,
            session.deferred,
            session.ended,
            session.will,
            scheduled(session.willAt),
            scheduled(session.endAt),
            subscriptions,
            received));
    if (!gone.contains(queue)) {
      entries.read(queue);
    }
  }

  private Queue queue(long id) {
    return queue(id, 0);
  }

  private Queue queue(long id, long firstSequence) {
    byte[] at = Keys.number(key, Keys.QUEUE, id).copy();
    byte[] stored = gone.contains(id) ? null : tables.get(at);
    return stored == null ? new Queue(id, firstSequence) : Queues.decode(at, stored);
  }

  private static StoredItem.QueueBounds bounds(Queue queue) {
    return new StoredItem.QueueBounds(queue.id, queue.head(), queue.next());
  }

  private static StoredItem.@Nullable Scheduled scheduled(StoredSession.At at) {
    return at.isSet() ? new StoredItem.Scheduled(at.millis(), at.number()) : null;
  }

  private void group(String filter, byte[] value, Entries entries) {
    Queue queue = queue(new ByteReader(value).u8(), SharedQueue.FIRST_SEQUENCE);
    items.accept(new StoredItem.Group(filter(filter), bounds(queue)));
    entries.read(queue.id);
  }

  private static SubscriptionFilter filter(String text) {
    try {
      return SubscriptionFilter.parse(text);
    } catch (MalformedPacket e) {
      throw new StoreFailure("The store has the filter '" + text + "'", e);
    }
  }

  /// Reads the entries of one queue after the other.
  private final class Entries implements AutoCloseable {
    private final Cursor entries = cursor(Keys.ENTRY);
    private final Cursor released = cursor(Keys.RELEASED);
    private final Cursor origins = cursor(Keys.ORIGIN);

    private Cursor cursor(char table) {
      return tables.cursor(Keys.first(table), Keys.behind(table));
    }

    private static long queue(Cursor cursor) {
      return new ByteReader(cursor.key(), 1).u8();
    }

    private static long sequence(Cursor cursor) {
      return new ByteReader(cursor.key(), 9).u8();
    }

    void read(long queue) {
      Set<Long> releasedOnes = new HashSet<>();
      Map<Long, SubscriptionFilter> from = new HashMap<>();
      released.seek(Keys.number(key, Keys.RELEASED, queue).copy());
      for (; released.isValid() && queue(released) == queue; released.next()) {
        releasedOnes.add(sequence(released));
      }
      origins.seek(Keys.number(key, Keys.ORIGIN, queue).copy());
      for (; origins.isValid() && queue(origins) == queue; origins.next()) {
        from.put(sequence(origins), filter(new ByteReader(origins.value()).string()));
      }
      entries.seek(Keys.number(key, Keys.ENTRY, queue).copy());
      for (; entries.isValid() && queue(entries) == queue; entries.next()) {
        long sequence = sequence(entries);
        var record = new ByteReader(entries.value());
        Records.EntryHead head = Records.readEntryHead(record);
        items.accept(
            new StoredItem.Entry(
                queue,
                sequence,
                head.qos(),
                head.retain(),
                head.ids(),
                releasedOnes.contains(sequence),
                from.get(sequence),
                head.shared(),
                head.shared() == 0 ? Records.readMessage(record) : null));
      }
    }

    @Override
    public void close() {
      entries.close();
      released.close();
      origins.close();
    }
  }

  private void retained(byte[] at, byte[] value) {
    var record = new ByteReader(value);
    Records.RetainedHead head = Records.readRetainedHead(record);
    String topic = RetainedMessages.topic(at);
    items.accept(
        new StoredItem.Retained(
            topic,
            head.storedAtMillis(),
            head.shared(),
            head.shared() == 0 ? Records.readMessage(record) : null,
            head.expiresAtMillis() == 0 ? 0 : expiryNumber(topic, head.expiresAtMillis())));
  }

  private long expiryNumber(String topic, long atMillis) {
    return Schedule.numberOf(
        tables,
        atMillis,
        due -> due instanceof Command.Due.RetainedExpired expired && expired.topic().equals(topic));
  }

  private void delayed(byte[] at, byte[] value) {
    var record = new ByteReader(value);
    long due = record.u8();
    items.accept(
        new StoredItem.Delayed(new ByteReader(at, 1).u8(), due, Records.readMessage(record)));
  }
}
