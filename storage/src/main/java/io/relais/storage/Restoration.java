package io.relais.storage;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.relais.protocol.MalformedPacket;
import io.relais.protocol.SubscriptionFilter;
import io.relais.storage.table.ByteReader;
import io.relais.storage.table.Cursor;
import io.relais.storage.table.StoreFailure;
import io.relais.storage.table.Tables;
import java.util.HashMap;
import java.util.Map;
import java.util.function.BiConsumer;
import java.util.function.Consumer;

/// Brings back what is held in memory of a state from its tables, once, at the start.
final class Restoration {
  private static final int TOLD_EACH = 50_000;

  private final State state;
  private final Tables tables;
  private final Consumer<String> progress;
  private final Map<Long, Queue> queues = new HashMap<>();
  private final Map<Long, StoredSession> byQueue = new HashMap<>();

  Restoration(State state, Tables tables, Consumer<String> progress) {
    this.state = state;
    this.tables = tables;
    this.progress = progress;
  }

  void run() {
    byte[] meta = tables.get(Keys.first(Keys.META));
    if (meta == null) {
      return; // fresh
    }
    state.restoreMeta(meta);
    each(Keys.NODE, "nodes", (key, value) -> state.restoreNode(text(key), number(value)));
    each(
        Keys.USER,
        "users",
        (key, value) -> state.restoreUser(text(key), Records.user(reader(value))));
    each(
        Keys.DOCUMENT,
        "",
        (key, value) -> {
          var at = new ByteReader(key, 1);
          state.restoreDocument(at.string(), new String(at.rest(), UTF_8), reader(value).string());
        });
    each(Keys.EXCLUSIVE, "", (key, value) -> state.restoreExclusive(text(key), reader(value)));
    each(
        Keys.QUEUE,
        "queues",
        (key, value) -> {
          Queue queue = Queues.decode(key, value);
          queues.put(queue.id, queue);
        });
    each(Keys.SESSION, "sessions", this::session);
    each(Keys.GROUP, "", this::group);
    each(Keys.SUBSCRIPTION, "subscriptions", this::subscription);
    state.restoredGroups();
    each(Keys.RELEASED, "", this::released);
    each(Keys.RECEIVED, "", this::received);
    each(Keys.ORIGIN, "", this::origin);
    each(Keys.GARBAGE, "", (key, value) -> state.restoreGarbage(new ByteReader(key, 1).u8()));
  }

  private void each(char table, String what, BiConsumer<byte[], byte[]> record) {
    int count = 0;
    try (Cursor cursor = tables.cursor(Keys.first(table), Keys.behind(table))) {
      for (; cursor.isValid(); cursor.next()) {
        record.accept(cursor.key(), cursor.value());
        if (++count % TOLD_EACH == 0) {
          progress.accept(count + " " + what);
        }
      }
    }
  }

  private static ByteReader reader(byte[] value) {
    return new ByteReader(value);
  }

  private static String text(byte[] key) {
    return new String(key, 1, key.length - 1, UTF_8);
  }

  private static long number(byte[] value) {
    return new ByteReader(value).variable();
  }

  private void session(byte[] key, byte[] value) {
    StoredSession session =
        StoredSession.read(
            text(key),
            new ByteReader(value),
            id -> {
              Queue queue = queues.get(id);
              return queue == null ? new Queue(id) : queue; // nothing ever stood in it
            });
    byQueue.put(session.queue.id, session);
    state.restoreSession(session);
  }

  private void group(byte[] key, byte[] value) {
    long id = new ByteReader(value).u8();
    Queue queue = queues.get(id);
    if (queue == null) {
      queue = new Queue(id, SharedQueue.FIRST_SEQUENCE);
    }
    state.restoreGroup(new SharedQueue(filter(text(key)), queue));
  }

  private static SubscriptionFilter filter(String text) {
    try {
      return SubscriptionFilter.parse(text);
    } catch (MalformedPacket e) {
      throw new StoreFailure("The store has the filter '" + text + "'", e);
    }
  }

  private void subscription(byte[] key, byte[] value) {
    var parts = new ByteReader(key, 1);
    String clientId = parts.string();
    String filter = new String(parts.rest(), UTF_8);
    StoredSession session = state.session(clientId);
    if (session == null) {
      throw new StoreFailure(
          "Client '%s' has the subscription '%s' and no session".formatted(clientId, filter));
    }
    state.restoreSubscription(
        session, Records.readSubscription(filter, new ByteReader(value)), Records.readOwed(value));
  }

  private void released(byte[] key, byte[] value) {
    var parts = new ByteReader(key, 1);
    Queue queue = queues.get(parts.u8());
    if (queue != null) {
      queue.release(parts.u8());
    }
  }

  private void received(byte[] key, byte[] value) {
    var parts = new ByteReader(key, 1);
    sessionOf(parts.u8()).receive(parts.u2());
  }

  private void origin(byte[] key, byte[] value) {
    var parts = new ByteReader(key, 1);
    StoredSession session = sessionOf(parts.u8());
    session.handOut(parts.u8(), filter(new ByteReader(value).string()));
  }

  private StoredSession sessionOf(long queue) {
    StoredSession session = byQueue.get(queue);
    if (session == null) {
      throw new StoreFailure("Queue " + queue + " has records and belongs to no session");
    }
    return session;
  }
}
