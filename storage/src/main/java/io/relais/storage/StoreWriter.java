package io.relais.storage;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.relais.protocol.SubscriptionFilter;
import io.relais.storage.Command.Due;
import io.relais.storage.table.ByteReader;
import io.relais.storage.table.ByteWriter;
import io.relais.storage.table.Tables;
import io.relais.storage.table.Writes;
import java.nio.ByteBuffer;
import java.util.HashSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// Fills empty tables with items, in the order in which [StoreReader] gives them. Counts,
/// references and what is due are worked out here. Until [#finish] nobody can open a state on the
/// tables.
///
/// Owner: one thread. Limits: a batch of [#BATCH_BYTES] besides what [References] needs.
final class StoreWriter {
  private static final int BATCH_BYTES = 1 << 20;

  private final Tables tables;
  private final Writes writes = new Writes();
  private final Set<ByteBuffer> pending = new HashSet<>(); // keys in `writes`
  private final Set<Long> queues = new HashSet<>();
  private final ByteWriter key = new ByteWriter(256);
  private final ByteWriter value = new ByteWriter(4096);
  private StoredItem.@Nullable Header header;
  private StoredItem.@Nullable QueueBounds queue; // that entries now belong to
  private boolean isGroup;
  private long after; // the sequence of the last entry
  private int queueCount;
  private long queueBytes;
  private long numbered; // above the last number of the header
  private long queuedCount;
  private long bytes;
  private int retainedCount;
  private long retainedBytes;
  private int delayedCount;

  /// @param tables empty; written to in batches
  StoreWriter(Tables tables) {
    this.tables = tables;
  }

  /// @throws InvalidItem with a sentence; nothing of the item was written then
  void put(StoredItem item) throws InvalidItem {
    if ((header == null) != (item instanceof StoredItem.Header)) {
      throw new InvalidItem(
          header == null ? "the header must come first" : "there is one header, at the beginning");
    }
    switch (item) {
      case StoredItem.Header h -> header(h);
      case StoredItem.Node n -> {
        value.clear().variable(n.incarnation());
        putOnce(Keys.text(key, Keys.NODE, n.node()), "node '" + n.node() + "'");
      }
      case StoredItem.User u -> {
        Records.user(value.clear(), new Users.Kept(u.passwordHash(), u.groups()));
        putOnce(Keys.text(key, Keys.USER, u.username()), "user '" + u.username() + "'");
      }
      case StoredItem.Document d -> {
        value.clear().sized(d.content());
        putOnce(
            Keys.document(key, d.collection(), d.id()),
            "document '%s' of '%s'".formatted(d.id(), d.collection()));
      }
      case StoredItem.SharedMessage m -> message(m);
      case StoredItem.Session s -> session(s);
      case StoredItem.Group g -> group(g);
      case StoredItem.Entry e -> entry(e);
      case StoredItem.Retained r -> retained(r);
      case StoredItem.Delayed d -> delayed(d);
      case StoredItem.Exclusive e -> {
        new ExclusiveHolder(e.clientId(), e.node(), e.incarnation()).write(value.clear());
        putOnce(Keys.text(key, Keys.EXCLUSIVE, e.filter()), "exclusive filter " + e.filter());
      }
    }
    if (writes.length() > BATCH_BYTES) {
      flush(false);
    }
  }

  private void flush(boolean sync) {
    tables.write(writes, sync);
    pending.clear();
  }

  /// Puts [#value] at [#key].
  ///
  /// @param what for the sentence if there is such a record already
  private void putOnce(ByteWriter at, String what) throws InvalidItem {
    byte[] bytes = at.copy();
    if (pending.contains(ByteBuffer.wrap(bytes)) || tables.get(bytes) != null) {
      throw new InvalidItem(what + " comes a second time; each comes once");
    }
    pending.add(ByteBuffer.wrap(bytes));
    writes.put(at, value);
  }

  private void header(StoredItem.Header h) throws InvalidItem {
    if (h.format() != DataDirectory.FORMAT) {
      throw new InvalidItem(
          "the format is %d, this version of Relais reads %d; import it with the version that wrote it"
              .formatted(h.format(), DataDirectory.FORMAT));
    }
    header = h;
    numbered = h.lastNumber();
  }

  private StoredItem.Header header() {
    StoredItem.Header known = header;
    if (known == null) {
      throw new IllegalStateException("There is no header");
    }
    return known;
  }

  private long number(long number, String what) throws InvalidItem {
    if (number < 1 || number > header().lastNumber()) {
      throw new InvalidItem(
          "the number of %s is %d, it is from 1 to lastNumber of the header, %d"
              .formatted(what, number, header().lastNumber()));
    }
    return number;
  }

  private void message(StoredItem.SharedMessage m) throws InvalidItem {
    number(m.id(), "a message");
    Records.writeMessage(value.clear(), m.message());
    putOnce(Keys.number(key, Keys.SHARED, m.id()), "message " + m.id());
    value.clear().variable(0).variable(m.message().bytes());
    writes.put(Keys.number(key, Keys.COUNT, m.id()), value); // references are counted at the end
    bytes += m.message().bytes();
  }

  private void session(StoredItem.Session s) throws InvalidItem {
    if (s.epoch() > header().position()) {
      throw new InvalidItem(
          "the epoch of the session is %d, it is at most the position of the header, %d"
              .formatted(s.epoch(), header().position()));
    }
    var session = new StoredSession(s.clientId(), s.persistent(), new Queue(s.queue().queue()));
    session.epoch = s.epoch();
    session.owner = s.owner();
    session.incarnation = s.incarnation();
    session.expirySeconds = s.expirySeconds();
    session.window = s.window();
    session.sentBelow = s.sentBelow();
    session.deferred = s.deferred();
    session.ended = s.ended();
    session.will = s.will();
    session.willAt = at(s.willAt());
    session.endAt = at(s.endAt());
    begin(s.queue(), false);
    session.write(value.clear());
    putOnce(Keys.text(key, Keys.SESSION, s.clientId()), "session '" + s.clientId() + "'");
    if (session.willAt.isSet()) {
      due(session.willAt, new Due.WillDue(s.clientId(), s.epoch()));
    }
    if (session.endAt.isSet()) {
      due(session.endAt, new Due.SessionExpired(s.clientId(), s.epoch()));
    }
    for (StoredItem.Subscription subscription : s.subscriptions()) {
      String filter = subscription.options().filter().text();
      Records.writeSubscription(value.clear(), subscription.options(), subscription.owedAfter());
      putOnce(
          Keys.subscription(key, s.clientId(), filter),
          "subscription '%s' of '%s'".formatted(filter, s.clientId()));
    }
    for (int id : s.receivedIds()) {
      value.clear();
      putOnce(
          Keys.number(key, Keys.RECEIVED, s.queue().queue()).u2(id),
          "packet id %d of '%s'".formatted(id, s.clientId()));
    }
  }

  private StoredSession.At at(StoredItem.@Nullable Scheduled scheduled) throws InvalidItem {
    return scheduled == null
        ? StoredSession.At.NEVER
        : new StoredSession.At(
            scheduled.atMillis(), number(scheduled.number(), "what is due to a session"));
  }

  private void due(StoredSession.At at, Due what) throws InvalidItem {
    Records.writeDue(value.clear(), what);
    putOnce(
        Keys.pair(key, Keys.DUE, at.millis(), at.number()),
        "what is due at %d with number %d".formatted(at.millis(), at.number()));
  }

  private void group(StoredItem.Group g) throws InvalidItem {
    if (g.filter().kind() != SubscriptionFilter.Kind.SHARED) {
      throw new InvalidItem(
          "the group has the filter '%s', it is like $share/GROUP/FILTER"
              .formatted(g.filter().text()));
    }
    begin(g.queue(), true);
    value.clear().u8(g.queue().queue());
    putOnce(Keys.text(key, Keys.GROUP, g.filter().text()), "group '" + g.filter().text() + "'");
  }

  // ---- queues

  private void begin(StoredItem.QueueBounds bounds, boolean ofGroup) throws InvalidItem {
    number(bounds.queue(), "a queue");
    if (bounds.head() < 0 || bounds.next() < bounds.head()) {
      throw new InvalidItem(
          "the queue begins at %d and goes on at %d; head is 0 or more, and next not below it"
              .formatted(bounds.head(), bounds.next()));
    }
    endQueue();
    if (!queues.add(bounds.queue())) {
      throw new InvalidItem("queue " + bounds.queue() + " comes a second time; each comes once");
    }
    queue = bounds;
    isGroup = ofGroup;
    after = bounds.head() - 1;
    queueCount = 0;
    queueBytes = 0;
  }

  private void endQueue() {
    StoredItem.QueueBounds ended = queue;
    queue = null;
    long first = isGroup ? SharedQueue.FIRST_SEQUENCE : 0;
    if (ended == null || ended.head() == first && ended.next() == first) {
      return; // nothing ever stood in it
    }
    Queues.encode(value.clear(), ended.head(), ended.next(), queueCount, queueBytes);
    writes.put(Keys.number(key, Keys.QUEUE, ended.queue()), value);
  }

  private void entry(StoredItem.Entry e) throws InvalidItem {
    StoredItem.QueueBounds bounds = queue;
    if (bounds == null || e.queue() != bounds.queue()) {
      throw new InvalidItem(
          "the entry is of queue %d; entries follow the session or group with their queue, and here that is %s"
              .formatted(e.queue(), bounds == null ? "none" : Long.toString(bounds.queue())));
    }
    if (e.sequence() <= after || e.sequence() >= bounds.next()) {
      throw new InvalidItem(
          "the sequence of the entry is %d; here it is from %d to below next of the queue, %d"
              .formatted(e.sequence(), after + 1, bounds.next()));
    }
    if (e.qos() < 1 || e.qos() > 2) {
      throw new InvalidItem("the qos of an entry is 1 or 2, not " + e.qos());
    }
    int messageBytes = e.message() == null ? sharedBytes(e.shared()) : e.message().bytes();
    Records.writeEntry(
        value.clear(),
        new Records.EntryHead(e.qos(), e.retain(), messageBytes, e.shared(), e.subscriptionIds()),
        e.message());
    writes.put(Keys.pair(key, Keys.ENTRY, e.queue(), e.sequence()), value);
    if (e.released()) {
      writes.put(Keys.pair(key, Keys.RELEASED, e.queue(), e.sequence()), value.clear());
    }
    if (e.from() != null) {
      value.clear().sized(e.from().text());
      writes.put(Keys.pair(key, Keys.ORIGIN, e.queue(), e.sequence()), value);
    }
    after = e.sequence();
    queueCount++;
    queueBytes += messageBytes + QueueEntry.OVERHEAD_BYTES;
    queuedCount++;
    bytes += e.message() == null ? 0 : messageBytes;
  }

  private int sharedBytes(long id) throws InvalidItem {
    var count = new ByteReader(shared(Keys.COUNT, id));
    count.variable();
    return count.variableInt();
  }

  private byte[] shared(char table, long id) throws InvalidItem {
    if (pending.contains(ByteBuffer.wrap(Keys.number(key, Keys.SHARED, id).copy()))) {
      flush(false);
    }
    byte[] stored = tables.get(Keys.number(key, table, id).copy());
    if (stored == null) {
      throw new InvalidItem("message " + id + " is referred to; it must come before, and does not");
    }
    return stored;
  }

  // ---- messages at topics and times

  private void retained(StoredItem.Retained r) throws InvalidItem {
    Message message =
        r.message() == null
            ? Records.readMessage(new ByteReader(shared(Keys.SHARED, r.shared())))
            : r.message();
    if (!message.topic().equals(r.topic())) {
      throw new InvalidItem(
          "topic '%s' cannot retain a message to '%s'".formatted(r.topic(), message.topic()));
    }
    if (message.payload().length == 0) {
      throw new InvalidItem("a retained message has a payload; without one nothing is retained");
    }
    Records.writeRetained(value.clear(), message, r.storedAtMillis(), r.shared());
    putOnce(
        Keys.retained(key, message.topicBytes()), "the retained message of '" + r.topic() + "'");
    if (message.expiresAtMillis() != 0) {
      long number =
          r.expiryNumber() == 0 ? ++numbered : number(r.expiryNumber(), "a message that expires");
      long at = message.expiresAtMillis();
      due(new StoredSession.At(at, number), new Due.RetainedExpired(r.topic(), at, number));
    }
    retainedCount++;
    retainedBytes += message.bytes();
    bytes += r.message() == null ? 0 : message.bytes();
  }

  private void delayed(StoredItem.Delayed d) throws InvalidItem {
    number(d.number(), "a delayed message");
    value.clear().u8(d.dueAtMillis());
    Records.writeMessage(value, d.message());
    putOnce(Keys.number(key, Keys.DELAYED, d.number()), "delayed message " + d.number());
    due(
        new StoredSession.At(d.dueAtMillis(), d.number()),
        new Due.DelayedDue(d.dueAtMillis(), d.number()));
    delayedCount++;
    bytes += d.message().bytes();
  }

  /// Counts references, and makes what was written a state, synced.
  ///
  /// @throws InvalidItem if there was no header, or a message that nobody refers to
  void finish() throws InvalidItem {
    if (header == null) {
      throw new InvalidItem("there is nothing; the first line is the header");
    }
    endQueue();
    flush(false);
    countReferences();
    // Twice: by the second batch, which knows that the first was synced, [LogCheck] can tell
    // whether
    // the first is damaged or was never written.
    for (long synced : new long[] {0, header().position()}) {
      writes.head(meta(synced).numbers());
      flush(true);
    }
  }

  private Meta meta(long syncedPosition) {
    return new Meta(
        header().position(),
        syncedPosition,
        header().logTimeMillis(),
        header().wallMillis(),
        numbered,
        queuedCount,
        bytes,
        retainedCount,
        retainedBytes,
        delayedCount);
  }

  private void countReferences() throws InvalidItem {
    long[] unused = {0};
    new References(tables, References.WINDOW, queue -> true)
        .count(
            new References.Found() {
              @Override
              public void message(long id, int references) {
                if (references == 0) {
                  unused[0] = id;
                  return;
                }
                byte[] stored = tables.get(Keys.number(key, Keys.COUNT, id).copy());
                var count = new ByteReader(java.util.Objects.requireNonNull(stored));
                count.variable();
                value.clear().variable(references).variable(count.variable());
                writes.put(Keys.number(key, Keys.COUNT, id), value);
                if (writes.length() > BATCH_BYTES) {
                  flush(false);
                }
              }

              @Override
              public void missing(byte[] from, long id) {
                throw new IllegalStateException(
                    "Message " + id + " was there for " + new String(from, UTF_8));
              }
            });
    if (unused[0] != 0) {
      throw new InvalidItem(
          "message " + unused[0] + " is referred to by nothing; leave it out, or refer to it");
    }
  }
}
