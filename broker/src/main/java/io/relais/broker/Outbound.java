package io.relais.broker;

import io.relais.protocol.PacketType;
import io.relais.protocol.Properties;
import io.relais.protocol.Property;
import io.relais.protocol.ProtocolVersion;
import io.relais.protocol.ReasonCode;
import io.relais.protocol.SubscriptionFilter;
import io.relais.storage.Command;
import io.relais.storage.DropReason;
import io.relais.storage.Message;
import io.relais.storage.Outcome;
import io.relais.storage.QueueEntry;
import io.relais.storage.State.RetainedPage;
import io.relais.storage.StoredSubscription;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// What a client is sent: the one door to a subscriber. A message goes out at once if window and
/// socket allow, else it waits; what a session's queue in the store holds is read in pages.
///
/// Owner: the session's loop, but for [#load()]. Limits: the window, the backlog of
/// [BrokerSettings], one page of the queue.
final class Outbound {
  private static final int PAGE_ENTRIES = 512;
  private static final long PAGE_BYTES = 1 << 20;
  private static final int BACKLOG_ENTRY_BYTES = 48;

  /// What waits in a backlog.
  ///
  /// @param member that a shared group chose; null: it came by a plain subscription
  /// @param given by a dispatcher; null: by none
  /// @param sinceMillis log time since which it waits
  private record Waiting(
      Message message,
      int qos,
      boolean retain,
      int[] ids,
      @Nullable Subscriber member,
      @Nullable Given given,
      long sinceMillis) {}

  /// An entry of a shared group's queue that a dispatcher lent to this session, which keeps
  /// nothing: it stays in that queue until it is acknowledged.
  record Given(Dispatcher dispatcher, QueueEntry entry, Subscriber member) {
    void acknowledge() {
      dispatcher.onAcknowledged(entry.sequence());
    }
  }

  /// A subscription whose retained messages are being sent.
  private record RetainedScan(StoredSubscription subscription, @Nullable String after) {}

  private final Session session;
  private final Services services;
  private final Loop loop;
  private final Outbox out;
  private final String clientId;
  private final ProtocolVersion version;
  private final boolean v5;
  private final boolean persistent;
  private final int windowMax;
  private final int packetBytesMax;
  private final int aliasesMax;
  private boolean checksDelivery;

  private final Window window = new Window();
  private long nextSequence; // that is sent next: of the queue, or counted here
  private @Nullable Map<String, Integer> aliases;
  private final ArrayDeque<Waiting> backlog = new ArrayDeque<>(0); // QoS 1 and 2, transient
  private final ArrayDeque<Waiting> backlogOfQos0 = new ArrayDeque<>(0);
  private long backlogBytes;

  // The queue of a persistent session.
  private long knownSequence; // behind the newest entry that we know of
  private long sentBelow; // an earlier connection sent these
  private long wokenEpoch; // wakes that came before the claim's outcome
  private long wokenSequence;
  private final ArrayDeque<QueueEntry> page = new ArrayDeque<>(0);
  private boolean reading;
  private long[] acknowledged = {};
  private int acknowledgedCount;

  private final ArrayDeque<RetainedScan> scans = new ArrayDeque<>(0);
  private boolean scanning;
  private volatile int load;
  private final List<SubscriptionFilter> shared = new ArrayList<>(0); // groups it is a member of
  private @Nullable Map<Long, Given> given; // in flight, by sequence here

  // One message of QoS 1 or 2 at a time is timed, until that one or a later one is acknowledged.
  private static final long NONE_TIMED = -1;
  private final SlowSubscribers slow;
  private long timedSequence = NONE_TIMED;
  private long timedSinceMillis;
  private long timedTellMillis; // what it may take until it is told of
  private String timedTopic = "";
  private boolean lags; // something waits, and `slow` knows

  // Overlapping subscriptions of the message being delivered.
  private long stamp;
  private int mergedQos;
  private boolean mergedRetain;
  private int[] mergedIds = QueueEntry.NO_IDS;

  Outbound(
      Session session, Services services, Outbox out, ProtocolVersion version, Properties connect) {
    this.session = session;
    this.services = services;
    this.loop = session.loop();
    this.slow = loop.slow();
    this.out = out;
    this.clientId = session.clientId();
    this.version = version;
    this.v5 = version.isV5();
    this.persistent = session.isPersistent();
    int theirs = connect.intValue(Property.RECEIVE_MAXIMUM, 65_535);
    this.windowMax = Math.min(theirs, services.settings().inFlightMax());
    this.packetBytesMax =
        (int)
            Math.min(
                connect.longValue(Property.MAXIMUM_PACKET_SIZE, Integer.MAX_VALUE),
                Integer.MAX_VALUE);
    this.aliasesMax = connect.intValue(Property.TOPIC_ALIAS_MAXIMUM, 0);
  }

  int windowMax() {
    return windowMax;
  }

  /// How much is on its way to this client; any thread.
  int load() {
    return load;
  }

  /// The session is a member of a shared group: keeps [#load()] up to date from now on.
  void tellLoad(SubscriptionFilter filter) {
    if (!shared.contains(filter)) {
      shared.add(filter);
    }
    noteLoad();
  }

  /// Whether each message is looked at from now on.
  void checkDelivery(boolean checks) {
    checksDelivery = checks;
  }

  /// Whether a message on this topic would be held back by what the client may do.
  boolean holdsBack(String topic) {
    return checksDelivery && !session.policy().mayReceive(session.client(), topic);
  }

  int inFlightMessages() {
    return window.inFlight();
  }

  /// Behind the window; what a queue in the store holds is counted there.
  int waitingMessages() {
    return backlog.size() + backlogOfQos0.size();
  }

  /// Takes up the queue where the store has it.
  void open(Outcome.Claimed claimed) {
    nextSequence = claimed.headSequence();
    knownSequence =
        wokenEpoch == claimed.epoch()
            ? Math.max(claimed.nextSequence(), wokenSequence)
            : claimed.nextSequence();
    sentBelow = claimed.sentBelow();
    window.startAt(nextSequence);
  }

  /// Entries of the queue below this sequence were sent once.
  long sentBelow() {
    return Math.max(sentBelow, nextSequence);
  }

  /// Lets go of what waits.
  ///
  /// @return by group what others may be given, in order
  Map<SubscriptionFilter, List<Message>> end() {
    flushAcknowledged();
    Map<SubscriptionFilter, List<Message>> unsent = new LinkedHashMap<>(0);
    for (ArrayDeque<Waiting> queue : List.of(backlogOfQos0, backlog)) {
      for (Waiting waiting : queue) {
        if (waiting.given != null) {
          waiting.given.dispatcher.onReturned(waiting.given.entry);
        } else if (waiting.member != null) {
          SubscriptionFilter filter = waiting.member.subscription.filter();
          unsent.computeIfAbsent(filter, absent -> new ArrayList<>()).add(waiting.message);
        } else {
          loop.dropped(DropReason.SESSION_ENDED, clientId, waiting.message, waiting.qos);
        }
      }
    }
    if (given != null) {
      given.values().forEach(one -> one.dispatcher.onReturned(one.entry));
      given = null;
    }
    loop.chargeBacklog(-backlogBytes);
    backlogBytes = 0;
    backlog.clear();
    backlogOfQos0.clear();
    page.clear();
    scans.clear();
    return unsent;
  }

  String clientId() {
    return clientId;
  }

  /// A message that one subscription matches.
  DeliveryOutcome offer(Delivery delivery, Subscriber subscriber) {
    return offer(
        delivery,
        Math.min(delivery.qos(), subscriber.qos),
        subscriber.retainAsPublished && delivery.retain(), // [MQTT-3.3.1-12] [MQTT-3.3.1-13]
        subscriber.ids);
  }

  /// Gathers the subscriptions that match one message.
  ///
  /// @param messageStamp tells messages apart
  /// @return whether this is the first for this message
  boolean merge(long messageStamp, Subscriber subscriber) {
    if (stamp != messageStamp) {
      stamp = messageStamp;
      mergedQos = subscriber.qos;
      mergedRetain = subscriber.retainAsPublished;
      mergedIds = subscriber.ids;
      return true;
    }
    mergedQos = Math.max(mergedQos, subscriber.qos);
    mergedRetain |= subscriber.retainAsPublished;
    if (subscriber.ids.length > 0) {
      int length = mergedIds.length;
      mergedIds = Arrays.copyOf(mergedIds, length + 1);
      mergedIds[length] = subscriber.ids[0];
    }
    return false;
  }

  /// The QoS at which the message is offered that was gathered for last.
  int mergedQos(Delivery delivery) {
    return persistent ? 0 : Math.min(delivery.qos(), mergedQos);
  }

  DeliveryOutcome offerMerged(Delivery delivery) {
    return offer(
        delivery,
        Math.min(delivery.qos(), mergedQos),
        mergedRetain && delivery.retain(),
        mergedIds);
  }

  /// Of a message that is kept, the applier alone decides what a persistent session gets, by its
  /// subscriptions at that position; of others such a session gets QoS 0.
  private DeliveryOutcome offer(Delivery delivery, int qos, boolean retain, int[] ids) {
    if (persistent && delivery.isKept()) {
      return DeliveryOutcome.KEPT;
    }
    return deliver(delivery, persistent ? 0 : qos, retain, ids);
  }

  /// A message for which a shared group chose this session. If the session is gone since, another
  /// member is chosen; if it is one that gets messages through its queue, the group has a queue.
  DeliveryOutcome offerShared(Delivery delivery, Subscriber member) {
    if (!session.isOpen() || persistent && member.qos > 0 && delivery.qos() > 0) {
      List<Message> message = List.of(delivery.message());
      // Not now: the delivery at hand is not over.
      loop.eventLoop().execute(() -> loop.passOn(message, member.subscription.filter()));
      return DeliveryOutcome.QUEUED;
    }
    int qos = Math.min(delivery.qos(), member.qos);
    boolean retain = member.retainAsPublished && delivery.retain();
    return deliver(delivery, persistent ? 0 : qos, retain, member.ids, member, null);
  }

  /// An entry of a shared group's queue, of QoS 1 for this session. The dispatcher is told what
  /// becomes of it.
  void offerGiven(Given one) {
    if (!session.isOpen()) {
      one.dispatcher.onReturned(one.entry);
      return;
    }
    QueueEntry entry = one.entry;
    boolean retain = one.member.retainAsPublished && entry.retain();
    Delivery delivery = loop.deliveryOf(entry.message());
    if (deliver(delivery, 1, retain, one.member.ids, one.member, one) == DeliveryOutcome.DROPPED) {
      one.acknowledge();
    }
  }

  private DeliveryOutcome deliver(Delivery delivery, int qos, boolean retain, int[] ids) {
    return deliver(delivery, qos, retain, ids, null, null);
  }

  private DeliveryOutcome deliver(
      Delivery delivery,
      int qos,
      boolean retain,
      int[] ids,
      @Nullable Subscriber member,
      @Nullable Given from) {
    if (holdsBack(delivery.topic())) {
      loop.dropped(DropReason.NOT_AUTHORIZED, clientId, delivery);
      return DeliveryOutcome.DROPPED;
    }
    if (qos == 0) {
      if (backlogOfQos0.isEmpty() && !out.isBlocked()) {
        return send(delivery, 0, retain, false, 0, ids);
      }
      return wait(backlogOfQos0, delivery, 0, retain, ids, member, null);
    }
    if (backlog.isEmpty() && hasRoom() && !out.isBlocked()) {
      return sendCounted(delivery, qos, retain, ids, from, loop.nowMillis());
    }
    return wait(backlog, delivery, qos, retain, ids, member, from);
  }

  private boolean hasRoom() {
    return window.inFlight() < windowMax && window.hasIdFor(nextSequence);
  }

  /// QoS 1 and 2 of a transient session.
  private DeliveryOutcome sendCounted(
      Delivery delivery,
      int qos,
      boolean retain,
      int[] ids,
      @Nullable Given from,
      long sinceMillis) {
    long sequence = nextSequence;
    DeliveryOutcome outcome = send(delivery, qos, retain, false, Window.packetId(sequence), ids);
    if (outcome == DeliveryOutcome.SENT) {
      window.sent(sequence, qos == 1 ? Window.SENT_QOS_1 : Window.SENT_QOS_2);
      nextSequence++;
      time(sequence, sinceMillis, delivery.topic());
      if (from != null) {
        Map<Long, Given> all = given;
        if (all == null) {
          all = new HashMap<>();
          given = all;
        }
        all.put(sequence, from);
      }
      noteLoad();
    }
    return outcome;
  }

  private DeliveryOutcome send(
      Delivery delivery, int qos, boolean retain, boolean dup, int packetId, int[] ids) {
    int written;
    if (v5 && (ids.length > 0 || aliasesMax > 0)) {
      int alias = alias(delivery.topic());
      written =
          delivery.writeOwn(
              out, qos, retain, dup, packetId, ids, Math.abs(alias), alias > 0, packetBytesMax);
      if (written < 0 && alias < 0 && aliases != null) {
        aliases.remove(delivery.topic()); // the client was never told
      }
    } else {
      written = delivery.write(out, v5, qos, retain, dup, packetId, packetBytesMax);
    }
    if (written < 0) { // [MQTT-3.1.2-24] [MQTT-3.1.2-25]
      loop.dropped(DropReason.TOO_LARGE, clientId, delivery);
      return DeliveryOutcome.DROPPED;
    }
    return DeliveryOutcome.SENT;
  }

  /// The alias of a topic: positive if the client knows it, negative if this message sets it, 0:
  /// none. The first topics that are sent get one. [MQTT-3.1.2-26]
  private int alias(String topic) {
    if (aliasesMax == 0) {
      return 0;
    }
    Map<String, Integer> table = aliases;
    if (table == null) {
      table = new HashMap<>();
      aliases = table;
    }
    Integer known = table.get(topic);
    if (known != null) {
      return known;
    }
    if (table.size() >= Math.min(aliasesMax, services.settings().topicAliasMax())) {
      return 0;
    }
    int made = table.size() + 1;
    table.put(topic, made);
    return -made;
  }

  private DeliveryOutcome wait(
      ArrayDeque<Waiting> queue,
      Delivery delivery,
      int qos,
      boolean retain,
      int[] ids,
      @Nullable Subscriber member,
      @Nullable Given from) {
    BrokerSettings settings = services.settings();
    Message message = delivery.message();
    int bytes = message.bytes() + BACKLOG_ENTRY_BYTES;
    while (backlog.size() + backlogOfQos0.size() >= settings.backlogMessagesMax()
        || backlogBytes + bytes > settings.backlogBytesMax()
        || loop.backlogBytes() + bytes > services.backlogBytesOfLoopMax()) {
      Waiting oldest = queue.isEmpty() ? backlogOfQos0.poll() : queue.poll();
      if (oldest == null) {
        loop.dropped(DropReason.QUEUE_FULL, clientId, message, qos);
        return DeliveryOutcome.DROPPED;
      }
      charge(oldest, -1);
      if (oldest.given != null) {
        oldest.given.acknowledge();
      }
      DropReason reason = oldest.qos == 0 ? DropReason.SLOW_CONSUMER : DropReason.QUEUE_FULL;
      loop.dropped(reason, clientId, oldest.message, oldest.qos);
    }
    var waiting = new Waiting(message, qos, retain, ids, member, from, loop.nowMillis());
    queue.add(waiting);
    charge(waiting, 1);
    noteLag();
    noteLoad();
    return DeliveryOutcome.QUEUED;
  }

  private void charge(Waiting waiting, int sign) {
    long bytes = (long) sign * (waiting.message.bytes() + BACKLOG_ENTRY_BYTES);
    backlogBytes += bytes;
    loop.chargeBacklog(bytes);
  }

  private void noteLoad() {
    if (shared.isEmpty()) {
      return;
    }
    long lag = persistent ? knownSequence - nextSequence : 0;
    long waiting = backlog.size() + backlogOfQos0.size() + lag;
    load = (int) Math.min(Integer.MAX_VALUE, window.inFlight() + waiting);
    for (int i = 0; i < shared.size(); i++) {
      services.dispatchers().onLoad(shared.get(i));
    }
  }

  /// Sends what waits, as far as the window and the socket allow.
  void drain() {
    if (!session.isOpen()) {
      return;
    }
    drainBacklogs();
    drainQueue();
    drainRetained();
  }

  private void drainBacklogs() {
    if (backlog.isEmpty() && backlogOfQos0.isEmpty()) {
      return;
    }
    Delivery delivery = loop.delivery();
    long now = loop.nowMillis();
    while (!backlogOfQos0.isEmpty() && !out.isBlocked()) {
      Waiting next = backlogOfQos0.remove();
      charge(next, -1);
      if (!dropIfExpired(next.message, now)) {
        delivery.begin(next.message, now, false);
        send(delivery, 0, next.retain, false, 0, next.ids);
        delivery.end();
        tellIfSlow(now - next.sinceMillis, next.message);
      }
    }
    while (!backlog.isEmpty() && hasRoom() && !out.isBlocked()) {
      Waiting next = backlog.remove();
      charge(next, -1);
      if (!dropIfExpired(next.message, now)) {
        delivery.begin(next.message, now, false);
        DeliveryOutcome outcome =
            sendCounted(delivery, next.qos, next.retain, next.ids, next.given, next.sinceMillis);
        delivery.end();
        if (outcome == DeliveryOutcome.DROPPED && next.given != null) {
          next.given.acknowledge();
        }
      } else if (next.given != null) {
        next.given.acknowledge();
      }
    }
    noteLoad();
  }

  /// [MQTT-3.3.2-5]
  private boolean dropIfExpired(Message message, long now) {
    if (message.isExpired(now)) {
      loop.dropped(DropReason.EXPIRED, clientId, message, message.qos());
      return true;
    }
    return false;
  }

  /// The store put an entry into this session's queue, or hands over a message of QoS 0.
  void onQueued(long entryEpoch, QueueEntry entry) {
    long sequence = entry.sequence();
    if (!session.isOpen()) {
      if (sequence != QueueEntry.NOT_QUEUED) {
        wokenEpoch = entryEpoch;
        wokenSequence = sequence + 1;
      }
      return;
    }
    if (entryEpoch != session.epoch()) {
      return;
    }
    if (sequence == QueueEntry.NOT_QUEUED) {
      deliver(loop.deliveryOf(entry.message()), 0, entry.retain(), entry.subscriptionIds());
      return;
    }
    if (sequence < knownSequence) {
      return;
    }
    boolean caughtUp = nextSequence == knownSequence && page.isEmpty() && !reading;
    knownSequence = sequence + 1;
    time(sequence, loop.nowMillis(), entry.message().topic());
    if (caughtUp && hasRoom() && !out.isBlocked()) {
      nextSequence = sequence;
      sendEntry(entry);
    } else {
      noteLag();
      noteLoad();
    }
  }

  private void drainQueue() {
    while (nextSequence < knownSequence && hasRoom() && !out.isBlocked()) {
      QueueEntry entry = page.poll();
      if (entry == null) {
        break;
      }
      sendEntry(entry);
    }
    readAhead();
  }

  /// Asks for the next page before this one is used up, so that the store reads while we send.
  private void readAhead() {
    int most = Math.min(PAGE_ENTRIES, windowMax - window.inFlight() - page.size());
    if (reading || most <= 0 || page.size() > PAGE_ENTRIES / 2 || out.isBlocked()) {
      return;
    }
    long from = page.isEmpty() ? nextSequence : page.getLast().sequence() + 1;
    long known = knownSequence;
    if (from >= known) {
      return;
    }
    reading = true;
    loop.lane()
        .readQueue(
            clientId,
            from,
            most,
            PAGE_BYTES,
            entries -> {
              reading = false;
              if (!session.isOpen()) {
                return;
              }
              page.addAll(entries);
              if (page.isEmpty()) {
                nextSequence = Math.max(nextSequence, known); // all of them were dropped
                timedSequence = NONE_TIMED;
                noteLoad();
              }
              drain();
            });
  }

  private void sendEntry(QueueEntry entry) {
    long sequence = entry.sequence();
    nextSequence = sequence + 1;
    int packetId = Window.packetId(sequence);
    if (entry.released()) {
      window.sent(sequence, Window.RELEASED);
      out.writeAck(PacketType.PUBREL, packetId, 0, version); // [MQTT-4.3.3-6]
      return;
    }
    Message message = entry.message();
    boolean again = sequence < sentBelow; // [MQTT-3.3.1-1]
    long now = loop.nowMillis();
    boolean mayExpire = !again || entry.qos() < 2; // [MQTT-4.3.3-7]
    if (mayExpire && dropIfExpired(message, now)) {
      acknowledge(sequence);
      noteLoad();
      return;
    }
    if (holdsBack(message.topic())) {
      loop.dropped(DropReason.NOT_AUTHORIZED, clientId, message, entry.qos());
      acknowledge(sequence);
      noteLoad();
      return;
    }
    Delivery delivery = loop.deliveryOf(message);
    DeliveryOutcome outcome =
        send(delivery, entry.qos(), entry.retain(), again, packetId, entry.subscriptionIds());
    if (outcome == DeliveryOutcome.SENT) {
      window.sent(sequence, entry.qos() == 1 ? Window.SENT_QOS_1 : Window.SENT_QOS_2);
    } else {
      acknowledge(sequence);
    }
    noteLoad();
  }

  /// An entry of the queue is done with; told to the store once a turn.
  private void acknowledge(long sequence) {
    if (sequence == timedSequence) {
      timedSequence = NONE_TIMED; // it was sent to nobody
    }
    if (acknowledgedCount == 0) {
      loop.markAcknowledging(this);
    }
    if (acknowledgedCount == acknowledged.length) {
      acknowledged = Arrays.copyOf(acknowledged, Math.max(8, acknowledgedCount * 2));
    }
    acknowledged[acknowledgedCount++] = sequence;
  }

  void flushAcknowledged() {
    if (acknowledgedCount == 0) {
      return;
    }
    long[] sequences = Arrays.copyOf(acknowledged, acknowledgedCount);
    acknowledgedCount = 0;
    long below = window.inFlight() == 0 ? nextSequence : window.base();
    loop.lane()
        .submit(
            new Command.Acknowledge(clientId, session.epoch(), sequences),
            outcome -> {
              window.onFreed(below);
              drain();
            });
  }

  private void finished(long sequence) {
    window.done(sequence);
    if (timedSequence != NONE_TIMED && sequence >= timedSequence) {
      timedSequence = NONE_TIMED;
      tellIfSlow(loop.nowMillis() - timedSinceMillis, timedTopic);
    }
    if (persistent) {
      acknowledge(sequence);
    } else {
      window.onFreed(window.inFlight() == 0 ? nextSequence : window.base());
      Given from = given == null ? null : given.remove(sequence);
      if (from != null) {
        from.acknowledge();
      }
    }
    noteLoad();
    if (hasWaiting()) {
      drain();
    }
  }

  // ---- how long it takes

  /// A message is on its way to the client. While one is timed this is one comparison.
  private void time(long sequence, long sinceMillis, String topic) {
    if (!slow.isOn()) {
      return;
    }
    if (timedSequence == NONE_TIMED) {
      timedSequence = sequence;
      timedSinceMillis = sinceMillis;
      timedTellMillis = slow.thresholdMillis();
      timedTopic = topic;
      return;
    }
    long took = loop.nowMillis() - timedSinceMillis;
    if (took >= timedTellMillis) { // and nobody knows how long it still will
      timedTellMillis = 2 * took;
      slow.onLatency(session, took, timedTopic, loop.nowMillis());
    }
  }

  private void tellIfSlow(long tookMillis, Message message) {
    tellIfSlow(tookMillis, message.topic());
  }

  private void tellIfSlow(long tookMillis, String topic) {
    if (tookMillis >= slow.thresholdMillis()) {
      slow.onLatency(session, tookMillis, topic, loop.nowMillis());
    }
  }

  /// What has waited for longest, while it waits.
  void tellOldest(long nowMillis) {
    for (ArrayDeque<Waiting> queue : List.of(backlogOfQos0, backlog)) {
      Waiting oldest = queue.peek();
      if (oldest != null) {
        tellIfSlow(nowMillis - oldest.sinceMillis, oldest.message);
      }
    }
    if (timedSequence != NONE_TIMED) {
      tellIfSlow(nowMillis - timedSinceMillis, timedTopic);
    }
  }

  private void noteLag() {
    if (!lags && slow.isOn()) {
      lags = true;
      slow.onLag(session, loop.nowMillis());
    }
  }

  void onLagForgotten() {
    lags = false;
  }

  /// What waits behind the window, here and in the store.
  long laggingMessages() {
    return backlog.size()
        + backlogOfQos0.size()
        + (persistent ? Math.max(0, knownSequence - nextSequence) : 0);
  }

  /// What is in flight, the oldest first.
  List<InFlight> inFlight(int most) {
    List<InFlight> found = new ArrayList<>();
    for (long s = window.base(); s < window.next() && found.size() < most; s++) {
      byte state = window.state(s);
      if (state != Window.NONE) {
        found.add(
            new InFlight(
                s,
                Window.packetId(s),
                state == Window.SENT_QOS_1 ? 1 : 2,
                state == Window.RELEASED));
      }
    }
    return found;
  }

  private boolean hasWaiting() {
    return !backlog.isEmpty()
        || !backlogOfQos0.isEmpty()
        || nextSequence < knownSequence
        || !scans.isEmpty();
  }

  void onPuback(int packetId) {
    long sequence = window.sequenceOf(packetId);
    if (sequence >= 0 && window.state(sequence) == Window.SENT_QOS_1) {
      finished(sequence); // whatever its reason says [MQTT-4.4.0-2] [MQTT-4.8.2-6]
    }
  }

  void onPubrec(int packetId, int reasonCode) {
    long sequence = window.sequenceOf(packetId);
    if (sequence < 0 || window.state(sequence) == Window.SENT_QOS_1) {
      int code = v5 ? ReasonCode.PACKET_IDENTIFIER_NOT_FOUND.code() : 0;
      out.writeAck(PacketType.PUBREL, packetId, code, version);
      return;
    }
    if (window.state(sequence) == Window.RELEASED) {
      out.writeAck(PacketType.PUBREL, packetId, 0, version);
      return;
    }
    if (reasonCode >= 0x80) {
      finished(sequence);
      return;
    }
    window.release(sequence);
    if (!persistent) {
      out.writeAck(PacketType.PUBREL, packetId, 0, version); // [MQTT-4.3.3-4]
      return;
    }
    loop.lane()
        .submit(
            new Command.Released(clientId, session.epoch(), sequence),
            outcome -> {
              if (session.isOpen() && outcome instanceof Outcome.Found) {
                out.writeAck(PacketType.PUBREL, packetId, 0, version);
              }
            });
  }

  void onPubcomp(int packetId) {
    long sequence = window.sequenceOf(packetId);
    if (sequence >= 0 && window.state(sequence) == Window.RELEASED) {
      finished(sequence);
    }
  }

  /// A page at a time, the next one when the client has taken this one.
  private void drainRetained() {
    if (scanning || scans.isEmpty() || out.isBlocked() || !backlog.isEmpty()) {
      return;
    }
    if (persistent && nextSequence < knownSequence) {
      return;
    }
    startScan(() -> {});
  }

  private void startScan(Runnable read) {
    scanning = true;
    RetainedScan scan = scans.remove();
    StoredSubscription subscription = scan.subscription;
    if (persistent && subscription.qos() > 0) {
      loop.lane()
          .submit(
              new Command.QueueRetained(clientId, session.epoch(), subscription, scan.after),
              outcome -> {
                read.run();
                if (outcome instanceof Outcome.RetainedQueued queued) {
                  onRetained(subscription, queued.direct(), queued.next());
                }
              });
    } else {
      loop.lane()
          .readRetained(
              subscription.filter().filter(),
              scan.after,
              Command.RETAINED_PAGE,
              (RetainedPage page) -> {
                read.run();
                onRetained(subscription, page.messages(), page.next());
              });
    }
  }

  private void onRetained(
      StoredSubscription subscription, List<Message> messages, @Nullable String next) {
    scanning = false;
    if (!session.isOpen() || !session.hasSubscription(subscription.filter())) {
      return;
    }
    for (Message message : messages) {
      sendRetained(message, subscription);
    }
    if (next != null) {
      scans.addFirst(new RetainedScan(subscription, next));
    }
    drain();
  }

  /// One retained message, or a value of the broker's own.
  void sendRetained(Message message, StoredSubscription subscription) {
    if (subscription.noLocal() && clientId.equals(message.publisher())) {
      return;
    }
    Delivery delivery = loop.delivery();
    delivery.begin(message, loop.nowMillis(), false);
    int qos = Math.min(message.qos(), subscription.qos());
    int[] ids = subscription.id() == 0 ? QueueEntry.NO_IDS : new int[] {subscription.id()};
    deliver(delivery, persistent ? 0 : qos, true, ids);
    delivery.end();
  }

  /// Sends the retained messages that match new subscriptions.
  ///
  /// @param answer runs when the first of them were read and before they are sent, so that what is
  ///   published after a SUBACK does not come as a retained message besides
  void scan(List<StoredSubscription> subscriptions, Runnable answer) {
    boolean busy = scanning || !scans.isEmpty();
    subscriptions.forEach(subscription -> scans.add(new RetainedScan(subscription, null)));
    if (busy) {
      answer.run();
    } else {
      startScan(answer);
    }
  }

  /// Goes on with retained messages that an earlier connection did not get to.
  void goOnScanning(Outcome.Claimed claimed) {
    for (StoredSubscription subscription : claimed.subscriptions()) {
      String after = claimed.owed().get(subscription.filter());
      if (after != null) {
        scans.add(new RetainedScan(subscription, after.isEmpty() ? null : after));
      }
    }
    if (!scans.isEmpty()) {
      startScan(() -> {});
    }
  }

  void stopScanning(SubscriptionFilter filter) {
    scans.removeIf(scan -> scan.subscription.filter().equals(filter));
  }
}
