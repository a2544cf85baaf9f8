package io.relais.storage;

import io.relais.protocol.ReasonCode;
import io.relais.protocol.SubscriptionFilter;
import io.relais.storage.Command.Due;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/// The state on the heap and its one applier. Commands are applied in order, deterministically:
/// what happens depends on the commands and the log time that comes with them, and on nothing else.
///
/// Owner: the applier's thread. Any thread may ask [#hasSession], [#durable] and [#sizes]. Limits:
/// [StoreLimits], set by a command.
public final class HeapStore {
  private static final class Session {
    final String clientId;
    final boolean persistent;
    long epoch;
    @Nullable String owner;
    long incarnation;
    long expirySeconds;
    int window = 1;
    Command.@Nullable StoredWill will;
    long sentBelow;
    final Map<SubscriptionFilter, StoredSubscription> subscriptions = new LinkedHashMap<>();
    final SessionQueue queue = new SessionQueue();
    final BitSet received = new BitSet(); // QoS 2 packet ids between PUBLISH and PUBREL
    @Nullable DueKey willKey;
    @Nullable DueKey expiryKey;

    Session(String clientId, boolean persistent) {
      this.clientId = clientId;
      this.persistent = persistent;
    }
  }

  /// Orders what is due by time, then by arrival.
  private record DueKey(long atMillis, long number) implements Comparable<DueKey> {
    @Override
    public int compareTo(DueKey other) {
      int byTime = Long.compare(atMillis, other.atMillis);
      return byTime != 0 ? byTime : Long.compare(number, other.number);
    }
  }

  private record Delayed(Message message, DueKey key) {}

  /// Who has a filter to itself; node and incarnation are those of a transient session.
  private record Holder(String clientId, @Nullable String node, long incarnation) {}

  private final Effects effects;
  private final Map<String, Session> sessions = new ConcurrentHashMap<>();
  private final DurableSubscriptions durable = new DurableSubscriptions();
  private final RetainedMessages retained = new RetainedMessages();
  private final Map<String, Holder> exclusive = new HashMap<>();
  private final Map<Long, Delayed> delayed = new HashMap<>();
  private final TreeMap<DueKey, Due> due = new TreeMap<>();
  private final StateSizes sizes = new StateSizes();
  private StoreLimits limits = StoreLimits.defaults();
  private long position;
  private long nowMillis;
  private long dueNumber;
  private int subscriptionCount;
  private int queuedCount;
  private long bytes;

  public HeapStore(Effects effects) {
    this.effects = effects;
  }

  public boolean hasSession(String clientId) {
    return sessions.containsKey(clientId);
  }

  public DurableSubscriptions durable() {
    return durable;
  }

  public StateSizes sizes() {
    return sizes;
  }

  /// How many commands were applied, refused ones included.
  public long position() {
    return position;
  }

  /// Applies one command.
  ///
  /// @param logTimeMillis the greatest seen counts
  public Outcome apply(Command command, long logTimeMillis) {
    position++;
    nowMillis = Math.max(nowMillis, logTimeMillis);
    return switch (command) {
      case Command.NodeUp c -> nodeUp(c);
      case Command.SetLimits c -> {
        limits = c.limits();
        yield Outcome.DONE;
      }
      case Command.Claim c -> claim(c);
      case Command.Release c -> release(c);
      case Command.EndSession c -> endSession(c);
      case Command.Subscribe c -> subscribe(c);
      case Command.Unsubscribe c -> unsubscribe(c);
      case Command.TakeExclusive c -> takeExclusive(c);
      case Command.DropExclusive c -> {
        c.filters().forEach(filter -> dropExclusive(c.clientId(), filter));
        yield Outcome.DONE;
      }
      case Command.QueueRetained c -> queueRetained(c);
      case Command.Append c -> append(c);
      case Command.Assign c -> new Outcome.Appended(assign(c.message(), c.targets()), false);
      case Command.Delay c -> delay(c);
      case Command.Forget c -> forget(c);
      case Command.Released c -> released(c);
      case Command.Acknowledge c -> acknowledge(c);
      case Command.Fire c -> fire(c.due());
    };
  }

  /// What is due at this log time, at most `most`: to be given back in [Command.Fire] commands.
  public List<Due> due(long logTimeMillis, int most) {
    List<Due> found = new ArrayList<>();
    for (Map.Entry<DueKey, Due> entry : due.entrySet()) {
      if (entry.getKey().atMillis > logTimeMillis || found.size() >= most) {
        break;
      }
      found.add(entry.getValue());
    }
    return found;
  }

  /// Log time of what is due next, or `Long.MAX_VALUE`.
  public long nextDueMillis() {
    return due.isEmpty() ? Long.MAX_VALUE : due.firstKey().atMillis;
  }

  /// A page of a session's queue, from a sequence on.
  public List<QueueEntry> readQueue(String clientId, long from, int entriesMax, long bytesMax) {
    Session session = sessions.get(clientId);
    return session == null ? List.of() : session.queue.read(from, entriesMax, bytesMax);
  }

  /// A page of the retained messages that match a filter.
  public RetainedPage readRetained(String filter, @Nullable String after, int limit) {
    RetainedMessages.Page page = retained.match(filter, after, limit, nowMillis);
    return new RetainedPage(page.messages(), page.next());
  }

  /// @param next to give as `after`; null: that was all
  public record RetainedPage(List<Message> messages, @Nullable String next) {}

  /// Brings [#sizes] up to date; at the end of a batch.
  public void publishSizes() {
    sizes.sessions = sessions.size();
    sizes.subscriptions = subscriptionCount;
    sizes.queuedMessages = queuedCount;
    sizes.bytes = bytes;
    sizes.retainedMessages = retained.count();
    sizes.retainedBytes = retained.bytes();
    sizes.delayedMessages = delayed.size();
  }

  private Outcome nodeUp(Command.NodeUp c) {
    for (Session session : List.copyOf(sessions.values())) {
      if (c.node().equals(session.owner) && session.incarnation < c.incarnation()) {
        session.sentBelow = session.queue.endOfWindow(session.window);
        letGo(session, true);
      }
    }
    exclusive.values().removeIf(h -> c.node().equals(h.node) && h.incarnation < c.incarnation());
    return Outcome.DONE;
  }

  private Outcome claim(Command.Claim c) {
    Session before = sessions.get(c.clientId());
    boolean resumes = before != null && before.persistent && !c.cleanStart();
    if (before != null && !resumes) {
      remove(before, true); // [MQTT-3.1.2-4]
    }
    Session session =
        resumes && before != null ? before : new Session(c.clientId(), c.persistent());
    if (resumes) {
      unschedule(session);
      session.will = null; // [MQTT-3.1.3-9]: a will that waited is dropped
    } else {
      sessions.put(c.clientId(), session);
    }
    session.epoch = position;
    session.owner = c.node();
    session.incarnation = c.incarnation();
    session.expirySeconds = c.expirySeconds();
    session.window = c.window();
    session.will = c.will();
    return new Outcome.Claimed(
        position,
        resumes,
        List.copyOf(session.subscriptions.values()),
        session.queue.head(),
        session.queue.next(),
        session.sentBelow);
  }

  private Outcome release(Command.Release c) {
    Session session = owned(c.clientId(), c.epoch());
    if (session == null) {
      return moved(c.clientId());
    }
    if (c.expirySeconds() >= 0) {
      session.expirySeconds = c.expirySeconds();
    }
    session.sentBelow = c.sentBelow();
    letGo(session, c.publishWill());
    return Outcome.DONE;
  }

  /// The owner is gone: the will and the end of the session are scheduled, or happen now.
  private void letGo(Session session, boolean publishWill) {
    session.owner = null;
    if (!publishWill) {
      session.will = null; // [MQTT-3.14.4-3]
    }
    if (session.expirySeconds == 0 || !session.persistent) {
      remove(session, true);
      return;
    }
    if (session.will != null) {
      long delaySeconds = session.will.delaySeconds();
      if (delaySeconds == 0) {
        publishWill(session);
      } else if (delaySeconds < session.expirySeconds) {
        session.willKey =
            schedule(
                nowMillis + delaySeconds * 1000, new Due.WillDue(session.clientId, session.epoch));
      } // else it goes out with the session's end [MQTT-3.1.2-8]
    }
    if (session.expirySeconds != Command.NEVER) {
      session.expiryKey =
          schedule(
              nowMillis + session.expirySeconds * 1000,
              new Due.SessionExpired(session.clientId, session.epoch));
    }
  }

  private Outcome endSession(Command.EndSession c) {
    Session session = sessions.get(c.clientId());
    if (session == null) {
      return new Outcome.Found(false);
    }
    remove(session, true);
    return new Outcome.Found(true);
  }

  private void remove(Session session, boolean publishWill) {
    sessions.remove(session.clientId);
    unschedule(session);
    for (StoredSubscription subscription : session.subscriptions.values()) {
      dropSubscription(session, subscription.filter());
    }
    subscriptionCount -= session.subscriptions.size();
    session.subscriptions.clear();
    session.queue.forEach(entry -> unreference(entry.message()));
    queuedCount -= session.queue.size();
    if (publishWill) {
      publishWill(session);
    }
  }

  private void publishWill(Session session) {
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
    keep(message, List.of());
    effects.published(message);
  }

  private Outcome subscribe(Command.Subscribe c) {
    Session session = owned(c.clientId(), c.epoch());
    if (session == null) {
      return moved(c.clientId());
    }
    List<ReasonCode> reasons = new ArrayList<>(c.subscriptions().size());
    List<Boolean> existed = new ArrayList<>(c.subscriptions().size());
    for (StoredSubscription subscription : c.subscriptions()) {
      SubscriptionFilter filter = subscription.filter();
      if (filter.kind() == SubscriptionFilter.Kind.EXCLUSIVE
          && !holdExclusive(filter.filter(), new Holder(c.clientId(), null, 0))) {
        reasons.add(ReasonCode.QUOTA_EXCEEDED);
        existed.add(false);
        continue;
      }
      boolean had = session.subscriptions.put(filter, subscription) != null;
      subscriptionCount += had ? 0 : 1;
      if (filter.kind() != SubscriptionFilter.Kind.SHARED) {
        durable.put(session.clientId, subscription);
      }
      reasons.add(ReasonCode.granted(subscription.qos()));
      existed.add(had);
    }
    return new Outcome.Subscribed(reasons, existed);
  }

  private Outcome unsubscribe(Command.Unsubscribe c) {
    Session session = owned(c.clientId(), c.epoch());
    if (session == null) {
      return moved(c.clientId());
    }
    List<Boolean> existed = new ArrayList<>(c.filters().size());
    for (SubscriptionFilter filter : c.filters()) {
      boolean had = session.subscriptions.remove(filter) != null;
      if (had) {
        subscriptionCount--;
        dropSubscription(session, filter);
      }
      existed.add(had);
    }
    return new Outcome.Unsubscribed(existed);
  }

  private void dropSubscription(Session session, SubscriptionFilter filter) {
    switch (filter.kind()) {
      case PLAIN -> durable.remove(session.clientId, filter);
      case EXCLUSIVE -> {
        durable.remove(session.clientId, filter);
        dropExclusive(session.clientId, filter.filter());
      }
      case SHARED -> {}
    }
  }

  private Outcome takeExclusive(Command.TakeExclusive c) {
    return holdExclusive(c.filter(), new Holder(c.clientId(), c.node(), c.incarnation()))
        ? Outcome.DONE
        : new Outcome.Refused(
            ReasonCode.QUOTA_EXCEEDED, "Another client holds $exclusive/" + c.filter());
  }

  private boolean holdExclusive(String filter, Holder holder) {
    Holder before = exclusive.get(filter);
    if (before != null && !before.clientId.equals(holder.clientId)) {
      return false;
    }
    exclusive.put(filter, holder);
    return true;
  }

  private void dropExclusive(String clientId, String filter) {
    Holder holder = exclusive.get(filter);
    if (holder != null && holder.clientId.equals(clientId)) {
      exclusive.remove(filter);
    }
  }

  private Outcome queueRetained(Command.QueueRetained c) {
    Session session = owned(c.clientId(), c.epoch());
    if (session == null) {
      return moved(c.clientId());
    }
    StoredSubscription subscription = c.subscription();
    RetainedMessages.Page page =
        retained.match(subscription.filter().filter(), c.after(), Command.RETAINED_PAGE, nowMillis);
    List<Message> direct = new ArrayList<>();
    int[] ids = subscription.id() == 0 ? QueueEntry.NO_IDS : new int[] {subscription.id()};
    for (Message message : page.messages()) {
      if (subscription.noLocal() && c.clientId().equals(message.publisher())) {
        continue;
      }
      int qos = Math.min(message.qos(), subscription.qos());
      if (qos == 0) {
        direct.add(message);
      } else {
        enqueue(session, message, qos, true, ids); // [v3:MQTT-3.3.1-8]
      }
    }
    return new Outcome.RetainedQueued(direct, page.next());
  }

  private Outcome append(Command.Append c) {
    if (c.receivedId() != 0) {
      Session session = c.clientId() == null ? null : owned(c.clientId(), c.epoch());
      if (session == null) {
        return moved(String.valueOf(c.clientId()));
      }
      if (session.received.get(c.receivedId())) {
        return new Outcome.Appended(0, true); // [MQTT-4.3.3-10]
      }
      Outcome outcome = keep(c.message(), c.targets());
      if (outcome instanceof Outcome.Appended) {
        session.received.set(c.receivedId());
      }
      return outcome;
    }
    return keep(c.message(), c.targets());
  }

  private Outcome keep(Message message, List<Command.Target> targets) {
    List<DurableSubscriptions.Match> matches = durable.match(message);
    if (limits.rejectWhenFull()) {
      String full = firstFull(message, matches, targets);
      if (full != null) {
        return new Outcome.Refused(
            ReasonCode.QUOTA_EXCEEDED, "The queue of client '" + full + "' is full");
      }
    }
    if (message.retain() && !retain(message)) {
      return new Outcome.Refused(
          ReasonCode.QUOTA_EXCEEDED,
          "The limit of " + limits.retainedMessages() + " retained messages is reached");
    }
    int matched = 0;
    for (DurableSubscriptions.Match match : matches) {
      Session session = sessions.get(match.clientId);
      if (session == null) {
        continue;
      }
      int qos = Math.min(message.qos(), match.qos);
      boolean flag = match.retainAsPublished && message.retain();
      if (qos > 0) {
        matched += enqueue(session, message, qos, flag, match.ids) ? 1 : 0;
      } else if (session.owner != null) {
        effects.queued(
            session.clientId,
            session.epoch,
            new QueueEntry(QueueEntry.NOT_QUEUED, message, 0, flag, match.ids, false));
      }
    }
    matched += assign(message, targets);
    return new Outcome.Appended(matched, false);
  }

  private int assign(Message message, List<Command.Target> targets) {
    int matched = 0;
    for (Command.Target target : targets) {
      Session session = sessions.get(target.clientId());
      if (session != null && session.persistent) {
        int[] ids =
            target.subscriptionId() == 0 ? QueueEntry.NO_IDS : new int[] {target.subscriptionId()};
        matched += enqueue(session, message, target.qos(), target.retain(), ids) ? 1 : 0;
      } else {
        effects.dropped(target.clientId(), message, DropReason.SESSION_ENDED);
      }
    }
    return matched;
  }

  private @Nullable String firstFull(
      Message message, List<DurableSubscriptions.Match> matches, List<Command.Target> targets) {
    for (DurableSubscriptions.Match match : matches) {
      if (Math.min(message.qos(), match.qos) > 0 && isFull(match.clientId, message)) {
        return match.clientId;
      }
    }
    for (Command.Target target : targets) {
      if (isFull(target.clientId(), message)) {
        return target.clientId();
      }
    }
    return null;
  }

  private boolean isFull(String clientId, Message message) {
    Session session = sessions.get(clientId);
    return session != null
        && (isFull(session, message) || bytes + message.bytes() > limits.totalBytes());
  }

  private boolean isFull(Session session, Message message) {
    return session.queue.size() >= limits.queueMessages()
        || session.queue.bytes() + message.bytes() + QueueEntry.OVERHEAD_BYTES
            > limits.queueBytes();
  }

  private boolean enqueue(
      Session session, Message message, int qos, boolean retain, int[] subscriptionIds) {
    while (isFull(session, message)) {
      QueueEntry oldest = session.queue.oldestBehind(session.window);
      if (oldest == null) {
        effects.dropped(session.clientId, message, DropReason.QUEUE_FULL);
        return false;
      }
      drop(session, oldest, DropReason.QUEUE_FULL);
    }
    while (message.references == 0 && bytes + message.bytes() > limits.totalBytes()) {
      QueueEntry oldest = session.queue.oldestBehind(session.window);
      if (oldest == null) {
        effects.dropped(session.clientId, message, DropReason.MEMORY_FULL);
        return false;
      }
      drop(session, oldest, DropReason.MEMORY_FULL);
    }
    var entry = new QueueEntry(session.queue.next(), message, qos, retain, subscriptionIds, false);
    session.queue.add(entry);
    queuedCount++;
    reference(message);
    effects.queued(session.clientId, session.epoch, entry);
    return true;
  }

  private void drop(Session session, QueueEntry entry, DropReason reason) {
    session.queue.remove(entry.sequence());
    queuedCount--;
    unreference(entry.message());
    effects.dropped(session.clientId, entry.message(), reason);
  }

  /// @return false if the limit of retained messages or of memory is in the way
  private boolean retain(Message message) {
    if (message.payload().length == 0) { // [MQTT-3.3.1-6] [MQTT-3.3.1-7]
      Message before = retained.remove(message.topic());
      if (before != null) {
        unreference(before);
      }
      return true;
    }
    if (retained.get(message.topic()) == null && retained.count() >= limits.retainedMessages()
        || bytes + message.bytes() > limits.totalBytes()) {
      return false;
    }
    Message before = retained.put(message);
    reference(message);
    if (before != null) {
      unreference(before);
    }
    if (message.expiresAtMillis() != 0) {
      long at = message.expiresAtMillis();
      schedule(at, new Due.RetainedExpired(message.topic(), at, dueNumber));
    }
    return true;
  }

  private Outcome delay(Command.Delay c) {
    Session session = null;
    if (c.receivedId() != 0) {
      session = c.clientId() == null ? null : owned(c.clientId(), c.epoch());
      if (session == null) {
        return moved(String.valueOf(c.clientId()));
      }
      if (session.received.get(c.receivedId())) {
        return new Outcome.Appended(0, true);
      }
    }
    if (delayed.size() >= limits.delayedMessages()
        || bytes + c.message().bytes() > limits.totalBytes()) {
      return new Outcome.Refused(
          ReasonCode.QUOTA_EXCEEDED,
          "The limit of " + limits.delayedMessages() + " delayed messages or of memory is reached");
    }
    if (session != null) {
      session.received.set(c.receivedId());
    }
    reference(c.message());
    DueKey key = schedule(c.dueAtMillis(), new Due.DelayedDue(position));
    delayed.put(position, new Delayed(c.message(), key));
    return new Outcome.Appended(0, false);
  }

  private Outcome forget(Command.Forget c) {
    Session session = owned(c.clientId(), c.epoch());
    if (session == null) {
      return moved(c.clientId());
    }
    boolean found = session.received.get(c.receivedId());
    session.received.clear(c.receivedId());
    return new Outcome.Found(found);
  }

  private Outcome released(Command.Released c) {
    Session session = owned(c.clientId(), c.epoch());
    if (session == null) {
      return moved(c.clientId());
    }
    QueueEntry entry = session.queue.get(c.sequence());
    if (entry == null) {
      return new Outcome.Found(false);
    }
    session.queue.replace(entry.asReleased());
    return new Outcome.Found(true);
  }

  private Outcome acknowledge(Command.Acknowledge c) {
    Session session = owned(c.clientId(), c.epoch());
    if (session == null) {
      return moved(c.clientId());
    }
    for (long sequence : c.sequences()) {
      QueueEntry entry = session.queue.remove(sequence);
      if (entry != null) {
        queuedCount--;
        unreference(entry.message());
      }
    }
    return Outcome.DONE;
  }

  private Outcome fire(Due what) {
    boolean moved =
        switch (what) {
          case Due.WillDue(String clientId, long epoch) -> {
            Session session = sessions.get(clientId);
            if (session == null || session.epoch != epoch || session.willKey == null) {
              yield true;
            }
            due.remove(session.willKey);
            session.willKey = null;
            publishWill(session);
            yield false;
          }
          case Due.SessionExpired(String clientId, long epoch) -> {
            Session session = sessions.get(clientId);
            if (session == null || session.epoch != epoch || session.expiryKey == null) {
              yield true;
            }
            remove(session, true); // [MQTT-4.1.0-2]
            effects.ended(clientId);
            yield false;
          }
          case Due.DelayedDue(long id) -> {
            Delayed waiting = delayed.remove(id);
            if (waiting == null) {
              yield true;
            }
            due.remove(waiting.key);
            unreference(waiting.message);
            if (!waiting.message.isExpired(nowMillis)) {
              publish(waiting.message);
            }
            yield false;
          }
          case Due.RetainedExpired(String topic, long atMillis, long number) -> {
            due.remove(new DueKey(atMillis, number));
            Message message = retained.get(topic);
            if (message == null || message.expiresAtMillis() != atMillis) {
              yield true;
            }
            retained.remove(topic);
            unreference(message);
            yield false;
          }
        };
    return new Outcome.Found(!moved);
  }

  private DueKey schedule(long atMillis, Due what) {
    var key = new DueKey(atMillis, dueNumber++);
    due.put(key, what);
    return key;
  }

  private void unschedule(Session session) {
    if (session.willKey != null) {
      due.remove(session.willKey);
      session.willKey = null;
    }
    if (session.expiryKey != null) {
      due.remove(session.expiryKey);
      session.expiryKey = null;
    }
  }

  private @Nullable Session owned(String clientId, long epoch) {
    Session session = sessions.get(clientId);
    return session != null && session.epoch == epoch && session.owner != null ? session : null;
  }

  private static Outcome moved(String clientId) {
    return new Outcome.Refused(
        ReasonCode.SESSION_TAKEN_OVER, "The session of client '" + clientId + "' has moved on");
  }

  private void reference(Message message) {
    if (message.references++ == 0) {
      bytes += message.bytes();
    }
  }

  private void unreference(Message message) {
    if (--message.references == 0) {
      bytes -= message.bytes();
    }
  }
}
