package io.relais.storage;

import io.relais.protocol.ReasonCode;
import io.relais.protocol.SubscriptionFilter;
import io.relais.storage.Command.Due;
import io.relais.storage.Command.Parting;
import io.relais.storage.Outcome.Handing;
import io.relais.storage.table.ByteReader;
import io.relais.storage.table.Cursor;
import io.relais.storage.table.StoreFailure;
import io.relais.storage.table.Tables;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// The state and its one applier. Commands are applied in order, deterministically: what happens
/// depends on the commands and the log time that comes with them, and on nothing else. Sessions and
/// their subscriptions are in memory; messages, queues and what is due stay in the [Tables].
///
/// A batch is any number of [#apply] and a [#commit]: only then is anything of it as safe as the
/// tables make it.
///
/// Owner: the applier's thread. Any thread may ask [#hasSession], [#durable], [#users] and
/// [#sizes]. Limits: [StoreLimits], set by a command.
public final class State implements KeptState, AutoCloseable {
  private static final long LEFT_READ_BYTES = 64 << 20;

  private final Tables tables;
  private final Effects effects;
  private final Batch batch;
  private final SharedMessages shared;
  private final Queues queues;
  private final RetainedMessages retained;
  private final Schedule schedule;
  private final Map<String, StoredSession> sessions = new ConcurrentHashMap<>();
  private final DurableSubscriptions durable = new DurableSubscriptions();
  private final Map<String, ExclusiveHolder> exclusive = new HashMap<>();
  private final Users users = new Users();
  private final Documents documents = new Documents();
  private final Map<String, Long> incarnations = new HashMap<>();
  private final TreeSet<Long> garbage = new TreeSet<>(); // queues to be swept
  private final StateSizes sizes = new StateSizes();
  private StoreLimits limits = StoreLimits.defaults();
  private long position;
  private long syncedPosition; // as of the last sync that returned
  private long nowMillis;
  private long wallMillis;
  private long lastNumber; // of everything that needs one: queues, messages, what is due
  private int subscriptionCount;
  private long queuedCount;
  private long bytes;
  private int delayedCount;

  private State(Tables tables, Effects effects) {
    this.tables = tables;
    this.effects = effects;
    this.batch = new Batch(tables);
    this.shared = new SharedMessages(batch);
    this.queues = new Queues(batch, shared, this::settle);
    this.retained = new RetainedMessages(batch, shared);
    this.schedule = new Schedule(batch);
  }

  /// Restores the state that the tables hold.
  ///
  /// @param progress told what was restored so far, now and then
  /// @throws StoreFailure if they hold what cannot be read
  public static State open(Tables tables, Effects effects, Consumer<String> progress) {
    var state = new State(tables, effects);
    new Restoration(state, tables, progress).run();
    state.schedule.restore();
    state.publishSizes();
    return state;
  }

  public boolean hasSession(String clientId) {
    return sessions.containsKey(clientId);
  }

  /// The clients of whom something is kept, in no order. Any thread.
  public Set<String> clientIds() {
    return Collections.unmodifiableSet(sessions.keySet());
  }

  public DurableSubscriptions durable() {
    return durable;
  }

  public Users users() {
    return users;
  }

  public Documents documents() {
    return documents;
  }

  public StateSizes sizes() {
    return sizes;
  }

  /// How many commands were applied, refused ones included.
  public long position() {
    return position;
  }

  /// The greatest log time seen.
  public long logTimeMillis() {
    return nowMillis;
  }

  /// The wall clock when the last batch was committed; 0: never.
  public long wallMillis() {
    return wallMillis;
  }

  /// The last incarnation of a node that the state knows; 0: none.
  public long incarnation(String node) {
    return incarnations.getOrDefault(node, 0L);
  }

  // ---- batches

  /// Whether there is something to [Command.Sweep].
  public boolean hasGarbage() {
    return !garbage.isEmpty();
  }

  /// Ends a batch: returns when it and all before it are on disk, if the tables are.
  ///
  /// @param wallClockMillis recorded, so that the time of a standstill counts
  public void commit(long wallClockMillis) {
    write(wallClockMillis, true);
  }

  /// Ends a batch that nobody waits for: it is on disk when a later one is.
  public void commitLater(long wallClockMillis) {
    write(wallClockMillis, false);
  }

  private void write(long wallClockMillis, boolean sync) {
    wallMillis = wallClockMillis;
    write(sync);
    shared.trim();
    retained.trim();
    publishSizes();
  }

  /// Writes the batch so far, so that reads see it.
  private void settle() {
    write(false);
  }

  private void write(boolean sync) {
    shared.flush();
    queues.flush();
    batch.write(
        sync,
        new Meta(
                position,
                syncedPosition,
                nowMillis,
                wallMillis,
                lastNumber,
                queuedCount,
                bytes,
                retained.count(),
                retained.bytes(),
                delayedCount)
            .numbers());
    if (sync) {
      syncedPosition = position;
    }
  }

  /// Brings [#sizes] up to date.
  private void publishSizes() {
    sizes.sessions = sessions.size();
    sizes.subscriptions = subscriptionCount;
    sizes.queuedMessages = queuedCount;
    sizes.bytes = bytes;
    sizes.retainedMessages = retained.count();
    sizes.retainedBytes = retained.bytes();
    sizes.delayedMessages = delayedCount;
  }

  /// Applies one command.
  ///
  /// @param logTimeMillis the greatest seen counts
  public Outcome apply(Command command, long logTimeMillis) {
    position++;
    nowMillis = Math.max(nowMillis, logTimeMillis);
    return switch (command) {
      case Command.NodeUp c -> nodeUp(c);
      case Command.Disown c -> disown(c);
      case Command.SetLimits c -> {
        limits = c.limits();
        yield Outcome.DONE;
      }
      case Command.Claim c -> claim(c);
      case Command.Release c -> release(c);
      case Command.EndSession c -> endSession(c);
      case Command.Subscribe c -> subscribe(c);
      case Command.Unsubscribe c -> unsubscribe(c);
      case Command.Withdraw c -> withdraw(c);
      case Command.TakeExclusive c -> takeExclusive(c);
      case Command.DropExclusive c -> {
        c.filters().forEach(filter -> dropExclusive(c.clientId(), filter));
        yield Outcome.DONE;
      }
      case Command.QueueRetained c -> queueRetained(c);
      case Command.Append c -> append(c);
      case Command.HandOut c -> handOut(c);
      case Command.AcknowledgeShared c -> removeShared(c.filter(), c.queue(), c.sequences());
      case Command.TakeShared c -> removeShared(c.filter(), c.queue(), c.sequences());
      case Command.PutBack c -> putBack(c);
      case Command.EndShared c -> endShared(c);
      case Command.Delay c -> delay(c);
      case Command.DropDelayed c -> dropDelayed(c);
      case Command.Forget c -> forget(c);
      case Command.Released c -> released(c);
      case Command.Acknowledge c -> acknowledge(c);
      case Command.PutUser c -> putUser(c);
      case Command.ChangeUser c -> changeUser(c);
      case Command.DropUser c -> dropUser(c);
      case Command.PutDocument c -> putDocument(c);
      case Command.DropDocument c -> dropDocument(c);
      case Command.Fire c -> fire(c.due());
      case Command.Sweep c -> sweep();
    };
  }

  // ---- reads, of what was committed

  /// What is due at this log time, at most `most`: to be given back in [Command.Fire] commands. At
  /// the beginning of a batch.
  public List<Due> due(long logTimeMillis, int most) {
    return schedule.due(logTimeMillis, most);
  }

  /// Log time before which nothing is due.
  public long nextDueMillis() {
    return schedule.nextMillis();
  }

  @Override
  public List<QueueEntry> readQueue(String clientId, long from, int entriesMax, long bytesMax) {
    StoredSession session = sessions.get(clientId);
    return session == null || session.ended // what it held waits to be swept
        ? List.of()
        : queues.read(session.queue, from, entriesMax, bytesMax);
  }

  /// A page of the queue of a shared group, from a sequence on.
  public List<QueueEntry> readShared(
      SubscriptionFilter filter, long from, int entriesMax, long bytesMax) {
    SharedQueue group = durable.queue(filter);
    return group == null ? List.of() : queues.read(group.queue, from, entriesMax, bytesMax);
  }

  @Override
  public RetainedPage readRetained(String filter, @Nullable String after, int limit) {
    RetainedMessages.Page page = retained.match(filter, after, limit, nowMillis);
    List<Message> messages = new ArrayList<>(page.messages().size());
    long[] storedAt = new long[page.messages().size()];
    for (RetainedMessages.Found found : page.messages()) {
      storedAt[messages.size()] = found.storedAtMillis();
      messages.add(found.message());
    }
    return new RetainedPage(messages, storedAt, page.next());
  }

  @Override
  public List<DelayedMessage> readDelayed(long afterId, int limit) {
    List<DelayedMessage> found = new ArrayList<>();
    byte[] from = Keys.number(batch.key, Keys.DELAYED, afterId + 1).copy();
    try (Cursor cursor = batch.cursor(from, Keys.behind(Keys.DELAYED))) {
      for (; cursor.isValid() && found.size() < limit; cursor.next()) {
        var value = new ByteReader(cursor.value());
        found.add(
            new DelayedMessage(
                new ByteReader(cursor.key(), 1).u8(), value.u8(), Records.readMessage(value)));
      }
    }
    return found;
  }

  @Override
  public @Nullable KeptSession keptSession(String clientId) {
    StoredSession session = sessions.get(clientId);
    if (session == null || session.ended) {
      return null;
    }
    return new KeptSession(
        clientId,
        session.persistent,
        session.owner,
        session.expirySeconds,
        session.endAt.millis(),
        List.copyOf(session.subscriptions().values()),
        session.queue.count(),
        session.queue.bytes(),
        session.will != null);
  }

  @Override
  public Matching matching(String topic) {
    return new Matching(
        durable.matching(topic),
        durable.queues(topic).stream().map(group -> group.filter).toList());
  }

  /// Clients whose sessions an older incarnation of a node owns, at most [Command#DISOWNED_MAX].
  public List<String> ownedBefore(String node, long incarnation) {
    List<String> found = new ArrayList<>();
    for (StoredSession session : sessions.values()) {
      if (node.equals(session.owner) && session.incarnation < incarnation) {
        found.add(session.clientId);
        if (found.size() == Command.DISOWNED_MAX) {
          break;
        }
      }
    }
    return found;
  }

  // ---- sessions

  private Outcome nodeUp(Command.NodeUp c) {
    incarnations.put(c.node(), c.incarnation());
    Keys.text(batch.key, Keys.NODE, c.node());
    batch.value.clear().variable(c.incarnation());
    batch.put();
    List<String> lost = new ArrayList<>();
    exclusive.forEach(
        (filter, holder) -> {
          if (c.node().equals(holder.node()) && holder.incarnation() < c.incarnation()) {
            lost.add(filter);
          }
        });
    lost.forEach(this::forgetExclusive);
    return Outcome.DONE;
  }

  private Outcome disown(Command.Disown c) {
    for (String clientId : c.clientIds()) {
      StoredSession session = sessions.get(clientId);
      if (session != null
          && c.node().equals(session.owner)
          && session.incarnation < c.incarnation()) {
        session.sentBelow = sentBelow(session);
        letGo(session, Parting.BY_SERVER);
      }
    }
    return Outcome.DONE;
  }

  private Outcome claim(Command.Claim c) {
    StoredSession before = sessions.get(c.clientId());
    boolean resumes = before != null && before.persistent && !before.ended && !c.cleanStart();
    if (before != null && !resumes) {
      remove(before, !before.deferred); // [MQTT-3.1.2-4]
    }
    StoredSession session =
        resumes && before != null
            ? before
            : new StoredSession(c.clientId(), c.persistent(), new Queue(++lastNumber));
    if (resumes) {
      unschedule(session);
      if (session.owner != null) { // taken over
        session.sentBelow = sentBelow(session);
        returnHandedOut(session);
      }
    } else {
      sessions.put(c.clientId(), session);
    }
    session.epoch = position;
    session.owner = c.node();
    session.incarnation = c.incarnation();
    session.expirySeconds = c.expirySeconds();
    session.window = c.window();
    session.will = c.will(); // [MQTT-3.1.3-9]: one that waited is dropped
    session.deferred = false;
    session.queue.read(true);
    session.queue.droppable = null; // the window may be another
    store(session);
    return new Outcome.Claimed(
        position,
        resumes,
        List.copyOf(session.subscriptions().values()),
        queues.first(session.queue),
        session.queue.next(),
        session.sentBelow,
        session.owedCopy());
  }

  private void store(StoredSession session) {
    Keys.text(batch.key, Keys.SESSION, session.clientId);
    session.write(batch.value.clear());
    batch.put();
  }

  private Outcome release(Command.Release c) {
    StoredSession session = owned(c.clientId(), c.epoch());
    if (session == null) {
      return moved(c.clientId());
    }
    if (c.expirySeconds() >= 0) {
      session.expirySeconds = c.expirySeconds();
    }
    session.sentBelow = c.sentBelow();
    letGo(session, c.parting());
    return Outcome.DONE;
  }

  /// The owner is gone: the will and the end of the session are scheduled, or happen now.
  private void letGo(StoredSession session, Parting parting) {
    session.owner = null;
    session.queue.read(false);
    returnHandedOut(session);
    if (parting == Parting.GOODBYE) {
      session.will = null; // [MQTT-3.14.4-3]
    }
    session.deferred = parting == Parting.BY_SERVER && session.will != null;
    long graceMillis = session.deferred ? Command.GRACE_MILLIS : 0;
    long expiryMillis = session.persistent ? session.expirySeconds * 1000 : 0;
    if (expiryMillis == 0) {
      if (!session.deferred) {
        remove(session, true);
        return;
      }
      strip(session);
      session.ended = true;
      expiryMillis = graceMillis;
    } else if (session.will != null) {
      long waitMillis = Math.max(session.will.delaySeconds() * 1000, graceMillis);
      if (waitMillis == 0) {
        publishWill(session);
      } else if (waitMillis < expiryMillis || session.expirySeconds == Command.NEVER) {
        session.willAt =
            schedule(nowMillis + waitMillis, new Due.WillDue(session.clientId, session.epoch));
      } // else it goes out with the session's end [MQTT-3.1.2-8]
    }
    if (session.ended || session.expirySeconds != Command.NEVER) {
      session.endAt =
          schedule(
              nowMillis + expiryMillis, new Due.SessionExpired(session.clientId, session.epoch));
    }
    store(session);
  }

  /// Entries below this sequence may have been sent: while somebody owns the session, all that his
  /// window allows.
  private long sentBelow(StoredSession session) {
    return session.owner == null
        ? session.sentBelow
        : Math.max(session.sentBelow, queues.endOfWindow(session.queue, session.window));
  }

  /// What a shared group gave to a session and it did not acknowledge goes back to the group, but
  /// for QoS 2 that may have been sent, which stays with it. [MQTT-4.8.2-4] [MQTT-4.8.2-5]
  private void returnHandedOut(StoredSession session) {
    if (session.handedOut().isEmpty()) {
      return;
    }
    long sentBelow = sentBelow(session);
    // The newest first, each in front.
    for (var handed : List.copyOf(session.handedOut().descendingMap().entrySet())) {
      SharedQueue group = durable.queue(handed.getValue());
      if (group == null) {
        continue; // there is nobody else
      }
      long sequence = handed.getKey();
      if (sequence < sentBelow && queues.qos(session.queue, sequence) == 2) {
        forgetOrigin(session, sequence);
        continue;
      }
      Queues.Taken taken = queues.take(session.queue, sequence);
      if (taken != null) {
        QueueEntry entry = inFront(group, taken.entry().message());
        queues.add(group.queue, entry, taken.shared());
        effects.offered(group.filter, entry);
      }
      forgetOrigin(session, sequence);
    }
  }

  /// An entry that is to stand before all others.
  private QueueEntry inFront(SharedQueue group, Message message) {
    long unused = SharedQueue.FIRST_SEQUENCE - ++lastNumber;
    return new QueueEntry(
        Math.min(unused, group.queue.head() - 1),
        message,
        message.qos(),
        message.retain(),
        QueueEntry.NO_IDS,
        false);
  }

  private void forgetOrigin(StoredSession session, long sequence) {
    if (session.keep(sequence)) {
      Keys.pair(batch.key, Keys.ORIGIN, session.queue.id, sequence);
      batch.deleteOnce();
    }
  }

  private Outcome endSession(Command.EndSession c) {
    StoredSession session = sessions.get(c.clientId());
    if (session == null) {
      return new Outcome.Found(false);
    }
    remove(session, true);
    return new Outcome.Found(true);
  }

  private void remove(StoredSession session, boolean publishWill) {
    // The will first: if there is no room for it without a look at the tables, what was changed so
    // far is written, and must not be the end of the session alone.
    if (publishWill) {
      publishWill(session);
    }
    unschedule(session);
    strip(session);
    sessions.remove(session.clientId);
    Keys.text(batch.key, Keys.SESSION, session.clientId);
    batch.delete();
  }

  /// Takes away subscriptions, queue and QoS 2 ids.
  private void strip(StoredSession session) {
    returnHandedOut(session);
    List<SubscriptionFilter> filters = new ArrayList<>(session.subscriptions().keySet());
    filters.sort(Comparator.comparing(SubscriptionFilter::text)); // the same on every node
    for (SubscriptionFilter filter : filters) {
      session.remove(filter);
      dropSubscription(session, filter);
    }
    for (int id : session.received().stream().toArray()) {
      forgetReceived(session, id);
    }
    List.copyOf(session.handedOut().keySet()).forEach(sequence -> forgetOrigin(session, sequence));
    if (session.queue.gone) {
      return;
    }
    discard(session.queue);
  }

  private void discard(Queue queue) {
    queuedCount -= queue.count();
    if (queue.count() > 0) {
      garbage.add(queue.id);
    }
    queues.discard(queue);
  }

  private void publishWill(StoredSession session) {
    Command.StoredWill will = session.will;
    session.will = null;
    if (will != null) {
      publish(
          will.expirySeconds() < 0
              ? will.message()
              : will.message().withExpiry(nowMillis + will.expirySeconds() * 1000));
    }
  }

  /// A message of the applier's own: kept like any other, and told to the node.
  private void publish(Message message) {
    Outcome outcome = keep(message, List.of());
    if (outcome instanceof Outcome.Refused refused) {
      effects.dropped("", message, refused.cause());
    }
    effects.published(
        message,
        outcome instanceof Outcome.Appended appended
            ? appended.groups()
            : filters(durable.queues(message.topic())));
  }

  private @Nullable StoredSession owned(String clientId, long epoch) {
    StoredSession session = sessions.get(clientId);
    return session != null && session.epoch == epoch && session.owner != null ? session : null;
  }

  private static Outcome moved(String clientId) {
    return new Outcome.Refused(
        ReasonCode.SESSION_TAKEN_OVER,
        DropReason.SESSION_ENDED,
        "The session of client '" + clientId + "' has moved on");
  }

  private StoredSession.At schedule(long atMillis, Due what) {
    long number = ++lastNumber;
    schedule.add(atMillis, number, what);
    return new StoredSession.At(atMillis, number);
  }

  private void unschedule(StoredSession session) {
    if (session.willAt.isSet()) {
      schedule.remove(session.willAt.millis(), session.willAt.number());
      session.willAt = StoredSession.At.NEVER;
    }
    if (session.endAt.isSet()) {
      schedule.remove(session.endAt.millis(), session.endAt.number());
      session.endAt = StoredSession.At.NEVER;
    }
  }

  // ---- subscriptions

  private Outcome subscribe(Command.Subscribe c) {
    StoredSession session = owned(c.clientId(), c.epoch());
    if (session == null) {
      return moved(c.clientId());
    }
    List<ReasonCode> reasons = new ArrayList<>(c.subscriptions().size());
    List<Boolean> existed = new ArrayList<>(c.subscriptions().size());
    for (StoredSubscription subscription : c.subscriptions()) {
      SubscriptionFilter filter = subscription.filter();
      if (filter.kind() == SubscriptionFilter.Kind.EXCLUSIVE
          && !holdExclusive(filter.filter(), new ExclusiveHolder(c.clientId(), null, 0))) {
        reasons.add(ReasonCode.QUOTA_EXCEEDED);
        existed.add(false);
        continue;
      }
      boolean had = session.put(subscription) != null;
      subscriptionCount += had ? 0 : 1;
      boolean owed =
          subscription.qos() > 0
              && filter.kind() != SubscriptionFilter.Kind.SHARED
              && (subscription.retainHandling() == 0 || subscription.retainHandling() == 1 && !had);
      session.owe(filter, owed ? "" : null);
      store(session, subscription);
      match(session, subscription, true);
      reasons.add(ReasonCode.granted(subscription.qos()));
      existed.add(had);
    }
    return new Outcome.Subscribed(reasons, existed);
  }

  private void store(StoredSession session, StoredSubscription subscription) {
    SubscriptionFilter filter = subscription.filter();
    Keys.subscription(batch.key, session.clientId, filter.text());
    Records.writeSubscription(batch.value.clear(), subscription, session.owed(filter));
    batch.put();
  }

  /// From now on messages are matched with a subscription.
  ///
  /// @param isNew false: it is being restored
  void match(StoredSession session, StoredSubscription subscription, boolean isNew) {
    SubscriptionFilter filter = subscription.filter();
    if (filter.kind() != SubscriptionFilter.Kind.SHARED) {
      durable.put(session.clientId, subscription);
      return;
    }
    SharedQueue group = durable.queue(filter);
    if (subscription.qos() == 0) { // nothing is kept for it
      if (group != null && group.members.containsKey(session.clientId)) {
        leave(group, session.clientId);
      }
      return;
    }
    if (group == null) {
      if (!isNew) {
        throw new StoreFailure("The shared group " + filter.text() + " has lost its queue");
      }
      var queue = new Queue(++lastNumber, SharedQueue.FIRST_SEQUENCE);
      group = new SharedQueue(filter, queue);
      Keys.text(batch.key, Keys.GROUP, filter.text());
      batch.value.clear().u8(queue.id);
      batch.put();
      effects.sharedQueueBegan(filter, queue.id);
    }
    group.put(session.clientId, subscription);
    durable.put(group);
  }

  private void leave(SharedQueue group, String clientId) {
    group.remove(clientId);
    durable.put(group);
    endIfDone(group);
    if (group.isOrphaned() && group.queue.count() > 0) {
      effects.sharedQueueOrphaned(group.filter, group.queue.next());
    }
  }

  private void endIfDone(SharedQueue group) {
    if (group.isOrphaned() && group.queue.count() == 0) {
      end(group);
    }
  }

  private void end(SharedQueue group) {
    durable.remove(group);
    discard(group.queue);
    Keys.text(batch.key, Keys.GROUP, group.filter.text());
    batch.delete();
    effects.sharedQueueEnded(group.filter);
  }

  private Outcome unsubscribe(Command.Unsubscribe c) {
    StoredSession session = owned(c.clientId(), c.epoch());
    if (session == null) {
      return moved(c.clientId());
    }
    return unsubscribe(session, c.filters());
  }

  private Outcome withdraw(Command.Withdraw c) {
    StoredSession session = sessions.get(c.clientId());
    if (session == null || session.ended) {
      return new Outcome.Unsubscribed(Collections.nCopies(c.filters().size(), false));
    }
    return session.owner != null ? moved(c.clientId()) : unsubscribe(session, c.filters());
  }

  private Outcome unsubscribe(StoredSession session, List<SubscriptionFilter> filters) {
    List<Boolean> existed = new ArrayList<>(filters.size());
    for (SubscriptionFilter filter : filters) {
      boolean had = session.remove(filter);
      if (had) {
        dropSubscription(session, filter);
      }
      existed.add(had);
    }
    return new Outcome.Unsubscribed(existed);
  }

  private void dropSubscription(StoredSession session, SubscriptionFilter filter) {
    subscriptionCount--;
    Keys.subscription(batch.key, session.clientId, filter.text());
    batch.delete();
    switch (filter.kind()) {
      case PLAIN -> durable.remove(session.clientId, filter);
      case EXCLUSIVE -> {
        durable.remove(session.clientId, filter);
        dropExclusive(session.clientId, filter.filter());
      }
      case SHARED -> {
        SharedQueue group = durable.queue(filter);
        if (group != null && group.members.containsKey(session.clientId)) {
          leave(group, session.clientId);
        }
      }
    }
  }

  private Outcome takeExclusive(Command.TakeExclusive c) {
    return holdExclusive(c.filter(), new ExclusiveHolder(c.clientId(), c.node(), c.incarnation()))
        ? Outcome.DONE
        : new Outcome.Refused(
            ReasonCode.QUOTA_EXCEEDED,
            DropReason.NOT_AUTHORIZED,
            "Another client holds $exclusive/" + c.filter());
  }

  private boolean holdExclusive(String filter, ExclusiveHolder holder) {
    ExclusiveHolder before = exclusive.get(filter);
    if (before != null && !before.clientId().equals(holder.clientId())) {
      return false;
    }
    exclusive.put(filter, holder);
    Keys.text(batch.key, Keys.EXCLUSIVE, filter);
    holder.write(batch.value.clear());
    batch.put();
    return true;
  }

  private void dropExclusive(String clientId, String filter) {
    ExclusiveHolder holder = exclusive.get(filter);
    if (holder != null && holder.clientId().equals(clientId)) {
      forgetExclusive(filter);
    }
  }

  private void forgetExclusive(String filter) {
    exclusive.remove(filter);
    Keys.text(batch.key, Keys.EXCLUSIVE, filter);
    batch.delete();
  }

  // ---- messages

  private Outcome queueRetained(Command.QueueRetained c) {
    StoredSession session = owned(c.clientId(), c.epoch());
    if (session == null) {
      return moved(c.clientId());
    }
    settle(); // between commands: the match is to see those of this batch
    StoredSubscription subscription = c.subscription();
    RetainedMessages.Page page =
        retained.match(subscription.filter().filter(), c.after(), Command.RETAINED_PAGE, nowMillis);
    List<Message> direct = new ArrayList<>();
    int[] ids = subscription.id() == 0 ? QueueEntry.NO_IDS : new int[] {subscription.id()};
    for (RetainedMessages.Found found : page.messages()) {
      Message message = found.message();
      if (subscription.noLocal() && c.clientId().equals(message.publisher())) {
        continue;
      }
      int qos = Math.min(message.qos(), subscription.qos());
      if (qos == 0) {
        direct.add(message);
      } else if (makeRoom(session, message)) {
        long id = found.shared();
        if (id == 0) {
          id = ++lastNumber;
          shared.add(id, message);
          shared.reference(id);
          retained.share(found, id);
        }
        enqueue(session, message, id, qos, true, ids); // [v3:MQTT-3.3.1-8]
      }
    }
    StoredSubscription stands = session.subscriptions().get(subscription.filter());
    if (stands != null && session.owed(subscription.filter()) != null) {
      session.owe(subscription.filter(), page.next());
      store(session, stands);
    }
    return new Outcome.RetainedQueued(direct, page.next());
  }

  private Outcome append(Command.Append c) {
    if (c.receivedId() == 0) {
      return keep(c.message(), c.served());
    }
    StoredSession session = c.clientId() == null ? null : owned(c.clientId(), c.epoch());
    if (session == null) {
      return moved(String.valueOf(c.clientId()));
    }
    if (session.hasReceived(c.receivedId())) {
      return Outcome.Appended.DUPLICATE; // [MQTT-4.3.3-10]
    }
    Outcome outcome = keep(c.message(), c.served());
    if (outcome instanceof Outcome.Appended) {
      receive(session, c.receivedId());
    }
    return outcome;
  }

  private void receive(StoredSession session, int packetId) {
    session.receive(packetId);
    Keys.number(batch.key, Keys.RECEIVED, session.queue.id).u2(packetId);
    batch.value.clear();
    batch.put();
  }

  private void forgetReceived(StoredSession session, int packetId) {
    session.forget(packetId);
    Keys.number(batch.key, Keys.RECEIVED, session.queue.id).u2(packetId);
    batch.deleteOnce();
  }

  private Outcome keep(Message message, List<SubscriptionFilter> served) {
    List<DurableSubscriptions.Match> matches = durable.match(message);
    List<SharedQueue> groups =
        message.qos() == 0 ? List.of() : without(served, durable.queues(message.topic()));
    if (limits.rejectWhenFull()) {
      String full = firstFull(message, matches, groups);
      if (full != null) {
        return new Outcome.Refused(ReasonCode.QUOTA_EXCEEDED, DropReason.QUEUE_FULL, full);
      }
    }
    RetainedMessages.Held before =
        message.retain() ? retained.held(message.topic(), message.topicBytes()) : null;
    if (message.retain() && message.payload().length > 0 && !mayRetain(message, before)) {
      return new Outcome.Refused(
          ReasonCode.QUOTA_EXCEEDED,
          DropReason.STORE_FULL,
          "The limit of "
              + limits.retainedMessages()
              + " retained messages or of bytes is reached");
    }
    // Room first, everywhere: this may look at the tables, and write what was changed so far.
    int places = message.retain() && message.payload().length > 0 ? 1 : 0;
    for (DurableSubscriptions.Match match : matches) {
      StoredSession session = sessions.get(match.clientId);
      match.session = session;
      if (session != null && Math.min(message.qos(), match.qos) > 0) {
        match.hasRoom = makeRoom(session, message);
        places += match.hasRoom ? 1 : 0;
      }
    }
    List<SharedQueue> roomy = groups.isEmpty() ? List.of() : new ArrayList<>();
    for (SharedQueue group : groups) {
      if (makeRoom(group.filter.text(), group.queue, 0, message, null)) {
        roomy.add(group);
        places++;
      }
    }
    long id = 0;
    if (places > 1) {
      id = ++lastNumber;
      shared.add(id, message);
    }
    if (message.retain()) {
      retain(message, id, before);
    }
    int matched = 0;
    for (DurableSubscriptions.Match match : matches) {
      StoredSession session = match.session;
      if (session == null) {
        continue;
      }
      int qos = Math.min(message.qos(), match.qos);
      boolean flag = match.retainAsPublished && message.retain();
      if (match.hasRoom) {
        enqueue(session, message, id, qos, flag, match.ids);
        matched++;
      } else if (qos == 0 && session.owner != null) {
        effects.queued(
            session.clientId,
            session.epoch,
            new QueueEntry(QueueEntry.NOT_QUEUED, message, 0, flag, match.ids, false));
      }
    }
    for (SharedQueue group : roomy) {
      var entry =
          new QueueEntry(
              group.queue.next(),
              message,
              message.qos(),
              message.retain(),
              QueueEntry.NO_IDS,
              false);
      add(group.queue, entry, id);
      effects.offered(group.filter, entry);
      matched++;
    }
    return new Outcome.Appended(matched, false, filters(groups));
  }

  private static List<SharedQueue> without(
      List<SubscriptionFilter> served, List<SharedQueue> groups) {
    return served.isEmpty() || groups.isEmpty()
        ? groups
        : groups.stream().filter(group -> !served.contains(group.filter)).toList();
  }

  private static List<SubscriptionFilter> filters(List<SharedQueue> groups) {
    return groups.isEmpty() ? List.of() : groups.stream().map(group -> group.filter).toList();
  }

  private @Nullable String firstFull(
      Message message, List<DurableSubscriptions.Match> matches, List<SharedQueue> groups) {
    if (bytes + message.bytes() > limits.totalBytes()) {
      return "The limit of " + limits.totalBytes() + " bytes in all is reached";
    }
    for (DurableSubscriptions.Match match : matches) {
      StoredSession session = sessions.get(match.clientId);
      if (session != null
          && Math.min(message.qos(), match.qos) > 0
          && isFull(session.queue, message)) {
        return "The queue of client '" + match.clientId + "' is full";
      }
    }
    for (SharedQueue group : groups) {
      if (isFull(group.queue, message)) {
        return "The queue of " + group.filter.text() + " is full";
      }
    }
    return null;
  }

  private boolean isFull(Queue queue, Message message) {
    return queue.count() >= limits.queueMessages()
        || queue.bytes() + message.bytes() + QueueEntry.OVERHEAD_BYTES > limits.queueBytes();
  }

  private boolean makeRoom(StoredSession session, Message message) {
    return makeRoom(session.clientId, session.queue, session.window, message, session);
  }

  /// Drops the oldest that is not in flight as long as a message has no room.
  ///
  /// @param owner of the queue, for the record of what is dropped
  /// @param session that the queue is of; null: of a group
  /// @return false if it gets none
  private boolean makeRoom(
      String owner, Queue queue, int window, Message message, @Nullable StoredSession session) {
    while (true) {
      boolean full = isFull(queue, message);
      if (!full && bytes + message.bytes() <= limits.totalBytes()) {
        return true;
      }
      DropReason reason = full ? DropReason.QUEUE_FULL : DropReason.STORE_FULL;
      Queues.Dropped oldest = queues.dropOldestBehind(queue, window);
      if (oldest == null) {
        effects.dropped(owner, message, reason);
        return false;
      }
      queuedCount--;
      unreference(oldest.removed());
      if (session != null) {
        forgetOrigin(session, oldest.entry().sequence());
      }
      effects.dropped(owner, oldest.entry().message(), reason);
    }
  }

  private void enqueue(
      StoredSession session, Message message, long id, int qos, boolean retain, int[] ids) {
    var entry = new QueueEntry(session.queue.next(), message, qos, retain, ids, false);
    add(session.queue, entry, id);
    effects.queued(session.clientId, session.epoch, entry);
  }

  private void add(Queue queue, QueueEntry entry, long id) {
    queues.add(queue, entry, id);
    queuedCount++;
    reference(entry.message(), id);
  }

  private void reference(Message message, long id) {
    if (id == 0) {
      bytes += message.bytes();
    } else if (shared.reference(id) == 1) {
      bytes += message.bytes();
    }
  }

  private void unreference(Queues.Removed removed) {
    bytes -= removed.shared() == 0 ? removed.messageBytes() : shared.unreference(removed.shared());
  }

  private boolean mayRetain(Message message, RetainedMessages.@Nullable Held before) {
    return (before != null || retained.count() < limits.retainedMessages())
        && bytes + message.bytes() <= limits.totalBytes();
  }

  private void retain(Message message, long id, RetainedMessages.@Nullable Held before) {
    if (before != null) {
      unreference(new Queues.Removed(before.bytes(), before.shared()));
    }
    if (message.payload().length == 0) { // [MQTT-3.3.1-6] [MQTT-3.3.1-7]
      if (before != null) {
        retained.remove(message.topic(), message.topicBytes(), before);
      }
      return;
    }
    retained.put(message, id, nowMillis, before);
    reference(message, id);
    if (message.expiresAtMillis() != 0) {
      long number = ++lastNumber;
      long at = message.expiresAtMillis();
      schedule.add(at, number, new Due.RetainedExpired(message.topic(), at, number));
    }
  }

  private Outcome delay(Command.Delay c) {
    StoredSession session = null;
    if (c.receivedId() != 0) {
      session = c.clientId() == null ? null : owned(c.clientId(), c.epoch());
      if (session == null) {
        return moved(String.valueOf(c.clientId()));
      }
      if (session.hasReceived(c.receivedId())) {
        return Outcome.Appended.DUPLICATE;
      }
    }
    if (delayedCount >= limits.delayedMessages()
        || bytes + c.message().bytes() > limits.totalBytes()) {
      return new Outcome.Refused(
          ReasonCode.QUOTA_EXCEEDED,
          DropReason.STORE_FULL,
          "The limit of " + limits.delayedMessages() + " delayed messages or of bytes is reached");
    }
    if (session != null) {
      receive(session, c.receivedId());
    }
    bytes += c.message().bytes();
    delayedCount++;
    long id = ++lastNumber;
    schedule.add(c.dueAtMillis(), id, new Due.DelayedDue(c.dueAtMillis(), id));
    Keys.number(batch.key, Keys.DELAYED, id);
    batch.value.clear().u8(c.dueAtMillis());
    Records.writeMessage(batch.value, c.message());
    batch.put();
    return new Outcome.Appended(0, false, List.of());
  }

  private Outcome dropDelayed(Command.DropDelayed c) {
    settle(); // it may have come in this batch
    Keys.number(batch.key, Keys.DELAYED, c.id());
    byte[] stored = batch.get();
    if (stored == null) {
      return new Outcome.Found(false);
    }
    var value = new ByteReader(stored);
    schedule.remove(value.u8(), c.id());
    bytes -= Records.readMessage(value).bytes();
    delayedCount--;
    Keys.number(batch.key, Keys.DELAYED, c.id());
    batch.delete();
    return new Outcome.Found(true);
  }

  // ---- acknowledgements

  private Outcome forget(Command.Forget c) {
    StoredSession session = owned(c.clientId(), c.epoch());
    if (session == null) {
      return moved(c.clientId());
    }
    boolean found = session.hasReceived(c.receivedId());
    if (found) {
      forgetReceived(session, c.receivedId());
    }
    return new Outcome.Found(found);
  }

  private Outcome released(Command.Released c) {
    StoredSession session = owned(c.clientId(), c.epoch());
    return session == null
        ? moved(c.clientId())
        : new Outcome.Found(queues.release(session.queue, c.sequence()));
  }

  private Outcome acknowledge(Command.Acknowledge c) {
    StoredSession session = owned(c.clientId(), c.epoch());
    if (session == null) {
      return moved(c.clientId());
    }
    for (long sequence : c.sequences()) {
      forgetOrigin(session, sequence);
      removeEntry(session.queue, sequence);
    }
    return Outcome.DONE;
  }

  private void removeEntry(Queue queue, long sequence) {
    Queues.Removed removed = queues.remove(queue, sequence);
    if (removed != null) {
      queuedCount--;
      unreference(removed);
    }
  }

  private Outcome handOut(Command.HandOut c) {
    SharedQueue group = queue(c.filter(), c.queue());
    List<Handing> results = new ArrayList<>(c.entries().size());
    for (Command.Handed handed : c.entries()) {
      results.add(group == null ? Handing.NO_ENTRY : handOut(group, handed));
    }
    return new Outcome.HandedOut(results);
  }

  private @Nullable SharedQueue queue(SubscriptionFilter filter, long id) {
    SharedQueue group = durable.queue(filter);
    return group != null && group.queue.id == id ? group : null;
  }

  private Handing handOut(SharedQueue group, Command.Handed handed) {
    StoredSession session = sessions.get(handed.clientId());
    StoredSubscription member = group.members.get(handed.clientId());
    if (session == null || session.owner == null || member == null) {
      return Handing.NO_MEMBER;
    }
    Queues.Taken taken = queues.take(group.queue, handed.sequence());
    if (taken == null) {
      return Handing.NO_ENTRY;
    }
    QueueEntry from = taken.entry();
    long sequence = session.queue.next();
    int qos = Math.min(from.qos(), member.qos());
    var entry =
        new QueueEntry(
            sequence,
            from.message(),
            qos,
            from.retain() && member.retainAsPublished(),
            member.id() == 0 ? QueueEntry.NO_IDS : new int[] {member.id()},
            false);
    queues.add(session.queue, entry, taken.shared());
    session.handOut(sequence, group.filter);
    Keys.pair(batch.key, Keys.ORIGIN, session.queue.id, sequence);
    batch.value.clear().sized(group.filter.text());
    batch.put();
    effects.queued(session.clientId, session.epoch, entry);
    return Handing.TAKEN;
  }

  private Outcome removeShared(SubscriptionFilter filter, long queue, long[] sequences) {
    SharedQueue group = queue(filter, queue);
    if (group != null) {
      for (long sequence : sequences) {
        removeEntry(group.queue, sequence);
      }
      endIfDone(group);
    }
    return Outcome.DONE;
  }

  private Outcome putBack(Command.PutBack c) {
    SharedQueue group = durable.queue(c.filter());
    if (group != null) {
      for (Message message : c.messages().reversed()) { // the newest first, each in front
        QueueEntry entry = inFront(group, message);
        add(group.queue, entry, 0);
        effects.offered(group.filter, entry);
      }
    }
    return new Outcome.Found(group != null);
  }

  private Outcome endShared(Command.EndShared c) {
    SharedQueue group = queue(c.filter(), c.queue());
    if (group == null || !group.isOrphaned()) {
      return new Outcome.Found(false);
    }
    settle(); // between commands: entries of this batch are to be counted too
    boolean all = group.queue.next() <= c.below();
    for (QueueEntry entry : queues.read(group.queue, 0, Integer.MAX_VALUE, LEFT_READ_BYTES)) {
      if (entry.sequence() >= c.below()) {
        break;
      }
      effects.dropped(group.filter.text(), entry.message(), DropReason.NO_MEMBER);
      if (!all) {
        removeEntry(group.queue, entry.sequence());
      }
    }
    if (all) {
      end(group);
    } else {
      effects.sharedQueueOrphaned(group.filter, group.queue.next());
    }
    return new Outcome.Found(true);
  }

  // ---- what administrators keep

  private Outcome putDocument(Command.PutDocument c) {
    boolean found = documents.get(c.collection(), c.id()) != null;
    if (!found || !c.isNew()) {
      documents.put(c.collection(), c.id(), c.content());
      Keys.document(batch.key, c.collection(), c.id());
      batch.value.clear().sized(c.content());
      batch.put();
    }
    return new Outcome.Found(found);
  }

  private Outcome dropDocument(Command.DropDocument c) {
    boolean found = documents.get(c.collection(), c.id()) != null;
    if (found) {
      documents.drop(c.collection(), c.id());
      Keys.document(batch.key, c.collection(), c.id());
      batch.delete();
    }
    return new Outcome.Found(found);
  }

  private Outcome putUser(Command.PutUser c) {
    boolean found = users.get(c.username()) != null;
    if (!found || !c.isNew()) {
      putUser(c.username(), new Users.Kept(c.passwordHash(), c.groups()));
    }
    return new Outcome.Found(found);
  }

  private void putUser(String username, Users.Kept user) {
    users.put(username, user);
    Keys.text(batch.key, Keys.USER, username);
    Records.user(batch.value.clear(), user);
    batch.put();
  }

  private Outcome changeUser(Command.ChangeUser c) {
    Users.Kept before = users.get(c.username());
    if (before == null || c.ofHash() != null && !c.ofHash().equals(before.passwordHash())) {
      return new Outcome.Found(false);
    }
    putUser(
        c.username(),
        new Users.Kept(
            c.passwordHash() == null ? before.passwordHash() : c.passwordHash(),
            c.groups() == null ? before.groups() : c.groups()));
    return new Outcome.Found(true);
  }

  private Outcome dropUser(Command.DropUser c) {
    boolean found = users.drop(c.username());
    if (found) {
      Keys.text(batch.key, Keys.USER, c.username());
      batch.delete();
    }
    return new Outcome.Found(found);
  }

  // ---- what is due

  private Outcome fire(Due what) {
    boolean moved =
        switch (what) {
          case Due.WillDue(String clientId, long epoch) -> {
            StoredSession session = sessions.get(clientId);
            if (session == null || session.epoch != epoch || !session.willAt.isSet()) {
              yield true;
            }
            schedule.remove(session.willAt.millis(), session.willAt.number());
            session.willAt = StoredSession.At.NEVER;
            publishWill(session);
            store(session);
            yield false;
          }
          case Due.SessionExpired(String clientId, long epoch) -> {
            StoredSession session = sessions.get(clientId);
            if (session == null || session.epoch != epoch || !session.endAt.isSet()) {
              yield true;
            }
            boolean wasOver = session.ended;
            remove(session, true); // [MQTT-4.1.0-2]
            if (!wasOver) {
              effects.ended(clientId);
            }
            yield false;
          }
          case Due.DelayedDue(long at, long id) -> {
            schedule.remove(at, id);
            Keys.number(batch.key, Keys.DELAYED, id);
            byte[] stored = batch.get();
            if (stored == null) {
              yield true;
            }
            Message message = Records.readMessage(new ByteReader(stored, Long.BYTES));
            if (!message.isExpired(nowMillis)) {
              publish(message);
            }
            Keys.number(batch.key, Keys.DELAYED, id);
            batch.delete();
            bytes -= message.bytes();
            delayedCount--;
            yield false;
          }
          case Due.RetainedExpired(String topic, long at, long number) -> {
            schedule.remove(at, number);
            byte[] topicBytes = topic.getBytes(StandardCharsets.UTF_8);
            RetainedMessages.Held held = retained.held(topic, topicBytes);
            if (held == null || held.expiresAtMillis() != at) {
              yield true;
            }
            unreference(new Queues.Removed(held.bytes(), held.shared()));
            retained.remove(topic, topicBytes, held);
            yield false;
          }
        };
    return new Outcome.Found(!moved);
  }

  /// Removes some entries of queues that are gone.
  private Outcome sweep() {
    if (!garbage.isEmpty()) {
      settle(); // between commands: entries of this batch are to be seen
      long queue = garbage.first();
      if (queues.sweep(queue, Command.SWEPT_MAX, this::unreference)) {
        garbage.remove(queue);
      }
    }
    return Outcome.DONE;
  }

  /// Lets go of the tables; what was not committed is lost.
  @Override
  public void close() {
    tables.close();
  }

  /// A page of retained messages.
  ///
  /// @param storedAtMillis of each message, log time
  /// @param next to give as `after`; null: that was all
  public record RetainedPage(List<Message> messages, long[] storedAtMillis, @Nullable String next) {
    public static final RetainedPage EMPTY = new RetainedPage(List.of(), new long[0], null);
  }

  // ---- restoring, by [Restoration]

  void restoreMeta(byte[] stored) {
    Meta meta = Meta.read(new ByteReader(stored));
    position = meta.position();
    nowMillis = meta.logTimeMillis();
    wallMillis = meta.wallMillis();
    lastNumber = meta.lastNumber();
    queuedCount = meta.queuedMessages();
    bytes = meta.bytes();
    retained.restore(meta.retainedMessages(), meta.retainedBytes());
    delayedCount = meta.delayedMessages();
  }

  void restoreNode(String node, long incarnation) {
    incarnations.put(node, incarnation);
  }

  void restoreUser(String username, Users.Kept user) {
    users.put(username, user);
  }

  void restoreDocument(String collection, String id, String content) {
    documents.put(collection, id, content);
  }

  void restoreExclusive(String filter, ByteReader record) {
    exclusive.put(filter, ExclusiveHolder.read(record));
  }

  void restoreSession(StoredSession session) {
    sessions.put(session.clientId, session);
  }

  @Nullable StoredSession session(String clientId) {
    return sessions.get(clientId);
  }

  void restoreSubscription(
      StoredSession session, StoredSubscription subscription, @Nullable String owed) {
    session.put(subscription);
    session.owe(subscription.filter(), owed);
    subscriptionCount++;
    match(session, subscription, false);
  }

  void restoreGroup(SharedQueue group) {
    durable.put(group);
    effects.sharedQueueBegan(group.filter, group.queue.id);
  }

  /// All groups and subscriptions are there.
  void restoredGroups() {
    durable
        .orphaned()
        .forEach(group -> effects.sharedQueueOrphaned(group.filter, group.queue.next()));
  }

  void restoreGarbage(long queue) {
    garbage.add(queue);
  }
}
