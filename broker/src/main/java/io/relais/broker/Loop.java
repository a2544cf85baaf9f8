package io.relais.broker;

import static java.util.Objects.requireNonNull;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.EventLoop;
import io.relais.cluster.Door;
import io.relais.cluster.Lane;
import io.relais.cluster.TimeCounts;
import io.relais.protocol.AckView;
import io.relais.protocol.PacketDecoder;
import io.relais.protocol.ProtocolVersion;
import io.relais.protocol.PublishView;
import io.relais.protocol.SubscriptionFilter;
import io.relais.storage.Command;
import io.relais.storage.DropReason;
import io.relais.storage.Message;
import io.relais.storage.Outcome;
import io.relais.storage.StoredSubscription;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/// All that connections of one event loop share: the input array, output arrays to borrow, what
/// must leave at the end of the turn, the way to the other loops and to the store.
///
/// A turn: bytes of all readable sockets are parsed and routed; the first thing that has to leave
/// arms [#turn], which the event loop runs behind the reads, and which flushes each thing once.
///
/// Owner: its event loop, but for `waitsForRelief`.
final class Loop {
  static final int OUTPUT_BYTES = 256 * 1024;
  private static final int INPUT_BYTES = 256 * 1024;
  private static final int ARRAY_BYTES = 1024;
  private static final int ARRAY_CLASSES = 12; // 1 KiB to 2 MiB
  private static final int SPARE_BYTES_MAX = 2 << 20; // of each class
  private static final long RELIEF_MILLIS = 2; // the store may have caught up
  static final int TICK_MILLIS = 250;
  private static final int ACKS_TIMED_OF_TICK = 64;

  private final int index;
  private final EventLoop eventLoop;
  private final Door door;
  private final Lane lane;
  private final Router router;
  private final Drops drops;
  private final Counters counters = new Counters();
  private final Delivery delivery;
  private final RouteCache routes;
  private final byte[] input = new byte[INPUT_BYTES];
  private final ByteBuf output = Unpooled.directBuffer(OUTPUT_BYTES, OUTPUT_BYTES);
  private final PublishView publish = new PublishView();
  private final PublishView handed = new PublishView();
  private final AckView ack = new AckView();
  private final List<ArrayDeque<byte[]>> spare = new ArrayList<>();
  private final ArrayDeque<Outbox> dirty = new ArrayDeque<>();
  private final ArrayDeque<Outbound> acknowledging = new ArrayDeque<>();
  private final ArrayDeque<Connection> held = new ArrayDeque<>();
  private final Set<Connection> connections = new HashSet<>();
  private final Wheel wheel = new Wheel();
  private final SlowSubscribers slow = new SlowSubscribers();
  private final Timeline timeline;
  private final Stories stories;
  private final Runnable turn = this::turn;
  private final ArrayList<Outbound> touched = new ArrayList<>();
  private HandOff[] handOffs = {};
  private @Nullable DropReason lastDrop; // why a message was not delivered, the last time
  private boolean armed;
  private volatile boolean waitsForRelief;
  private final TimeCounts ackTimes = new TimeCounts();
  private int acksToTime;
  private long nowMillis;
  private long stamp;
  private long backlogBytes;

  Loop(
      int index,
      EventLoop eventLoop,
      Door door,
      Router router,
      Drops drops,
      BrokerSettings settings) {
    this.index = index;
    this.delivery = new Delivery(counters, index);
    this.eventLoop = eventLoop;
    this.door = door;
    this.router = router;
    this.drops = drops;
    this.lane = door.lane(eventLoop);
    this.routes = new RouteCache(router);
    TraceLimits traces = settings.traces();
    this.timeline = new Timeline(index, share(traces.controlPackets(), settings.loops()));
    this.stories =
        new Stories(
            timeline,
            share(traces.messages(), settings.loops()),
            share(traces.messagesPerSecond(), settings.loops() * 1_000 / TICK_MILLIS));
    this.nowMillis = door.logTimeMillis();
    for (int i = 0; i < ARRAY_CLASSES; i++) {
      spare.add(new ArrayDeque<>());
    }
  }

  /// A loop's part of what a node has; at least 1, if the node has any.
  private static int share(int ofNode, int parts) {
    return (ofNode + parts - 1) / parts;
  }

  /// Once, before any connection.
  void start(List<Loop> all) {
    handOffs = all.stream().map(to -> new HandOff(this, to)).toArray(HandOff[]::new);
    var _ =
        eventLoop.scheduleAtFixedRate(this::tick, TICK_MILLIS, TICK_MILLIS, TimeUnit.MILLISECONDS);
  }

  /// Once its event loop has ended.
  void close() {
    output.release();
  }

  int index() {
    return index;
  }

  EventLoop eventLoop() {
    return eventLoop;
  }

  Lane lane() {
    arm();
    return lane;
  }

  Counters counters() {
    return counters;
  }

  /// Counts a message that somebody did not get.
  ///
  /// @param clientId whose; null: nobody's in particular
  void dropped(DropReason reason, @Nullable String clientId, Message message, int qos) {
    dropped(reason, clientId, message.topic(), message.publisher(), qos, message.payload().length);
  }

  void dropped(DropReason reason, @Nullable String clientId, Delivery of) {
    dropped(reason, clientId, of.topic(), of.publisher(), of.qos(), of.payloadBytes());
  }

  void dropped(
      DropReason reason,
      @Nullable String clientId,
      String topic,
      @Nullable String publisher,
      int qos,
      int payloadBytes) {
    lastDrop = reason;
    Counter counter = Counter.of(reason);
    counters.increment(counter);
    drops.note(counter, nowMillis, topic, clientId, publisher, qos, payloadBytes);
    router.meterDrop(topic, index);
  }

  Router router() {
    return router;
  }

  RouteCache routes() {
    return routes;
  }

  byte[] input() {
    return input;
  }

  /// Memory from which sockets are written, for the moment.
  ByteBuf output() {
    return output;
  }

  PublishView publishView() {
    return publish;
  }

  AckView ackView() {
    return ack;
  }

  /// What its clients did of late.
  Timeline timeline() {
    return timeline;
  }

  /// What became of its messages of late.
  Stories stories() {
    return stories;
  }

  Delivery delivery() {
    return delivery;
  }

  /// A delivery of an entry of a queue; many sessions may get the same message in a row.
  Delivery deliveryOf(Message message) {
    if (!delivery.isOf(message)) {
      delivery.begin(message, nowMillis, true);
    }
    return delivery;
  }

  /// Bytes that wait in the backlogs of this loop's sessions.
  long backlogBytes() {
    return backlogBytes;
  }

  void chargeBacklog(long bytes) {
    backlogBytes += bytes;
  }

  Wheel wheel() {
    return wheel;
  }

  SlowSubscribers slow() {
    return slow;
  }

  Set<Connection> connections() {
    return connections;
  }

  /// Log time as of this read or tick. When an ack begins to be waited for, of the first few in
  /// each tick; 0: it is not timed, so the clock is read as often at any load.
  long ackSinceNanos() {
    if (acksToTime == 0) {
      return 0;
    }
    acksToTime--;
    return System.nanoTime();
  }

  /// @param sinceNanos 0: it is not timed
  void onAck(long sinceNanos) {
    if (sinceNanos != 0) {
      ackTimes.add(System.nanoTime() - sinceNanos);
    }
  }

  TimeCounts ackTimes() {
    return ackTimes;
  }

  long nowMillis() {
    return nowMillis;
  }

  void updateTime() {
    nowMillis = door.logTimeMillis();
  }

  /// Sees to it that what gathered leaves behind the reads of this turn.
  void arm() {
    if (!armed) {
      armed = true;
      eventLoop.execute(turn);
    }
  }

  void markDirty(Outbox outbox) {
    dirty.add(outbox);
    arm();
  }

  void markAcknowledging(Outbound outbound) {
    acknowledging.add(outbound);
    arm();
  }

  private void turn() {
    delivery.end();
    for (Outbound outbound; (outbound = acknowledging.poll()) != null; ) {
      outbound.flushAcknowledged();
    }
    lane.flush();
    for (HandOff handOff : handOffs) {
      handOff.flush();
    }
    armed = false; // a flush may bring new things, which want another turn
    for (Outbox outbox; (outbox = dirty.poll()) != null; ) {
      outbox.flush();
    }
  }

  private void tick() {
    updateTime();
    stories.onTick();
    acksToTime = ACKS_TIMED_OF_TICK;
    wheel.advance(nowMillis);
    slow.tick(nowMillis);
  }

  /// Whether publishers should be read no further: the store or another loop lags behind.
  boolean isOverloaded() {
    return lane.isCongested() || isAheadOfOthers();
  }

  /// Whether another loop lags behind with what this one hands it.
  boolean isAheadOfOthers() {
    for (HandOff handOff : handOffs) {
      if (handOff.isFull()) {
        return true;
      }
    }
    return false;
  }

  /// The connection stopped reading until the overload is over.
  void hold(Connection connection) {
    held.add(connection);
    if (!waitsForRelief) {
      waitsForRelief = true;
      lookForRelief();
    }
  }

  private void lookForRelief() {
    var _ =
        eventLoop.schedule(
            () -> {
              relieve();
              if (waitsForRelief) {
                lookForRelief();
              }
            },
            RELIEF_MILLIS,
            TimeUnit.MILLISECONDS);
  }

  /// Any thread.
  boolean waitsForRelief() {
    return waitsForRelief;
  }

  void relieve() {
    if (isOverloaded()) {
      return;
    }
    waitsForRelief = false;
    for (int n = held.size(); n > 0; n--) {
      Connection connection = held.poll();
      if (connection != null) {
        connection.onRelief();
      }
    }
  }

  /// An array of at least n bytes, the caller's until [#giveBack].
  byte[] borrow(int n) {
    for (int i = 0, size = ARRAY_BYTES; i < ARRAY_CLASSES; i++, size *= 2) {
      if (n <= size) {
        byte[] array = spare.get(i).poll();
        return array != null ? array : new byte[size];
      }
    }
    return new byte[n];
  }

  void giveBack(byte[] array) {
    int i = Integer.numberOfTrailingZeros(array.length / ARRAY_BYTES);
    if (i < ARRAY_CLASSES
        && array.length == ARRAY_BYTES << i
        && spare.get(i).size() < SPARE_BYTES_MAX / array.length) {
      spare.get(i).push(array);
    }
  }

  /// A frame that another loop checked before.
  PublishView frame(byte[] array, int start, int end, boolean v5) {
    PacketDecoder.publishTrusted(
        v5 ? ProtocolVersion.MQTT_5 : ProtocolVersion.MQTT_3_1_1, array, start, end, handed);
    return handed;
  }

  /// Sends a message to all loops that its route leads to, this one included.
  ///
  /// @param view where it still lies as it came, else null
  void distribute(@Nullable PublishView view, Route route) {
    for (Tap tap : route.taps()) {
      tap.offer(delivery.message());
    }
    TopicMeter[] meters = route.meters();
    if (meters != null) {
      delivery.meterIn(meters);
    }
    Subscribers[] @Nullable [] byLoop = route.byLoop();
    for (int i = 0; i < byLoop.length; i++) {
      if (byLoop[i] == null) {
        continue;
      }
      if (i == index) {
        deliver(route, delivery);
      } else {
        handOffs[i].add(view, delivery, route, null);
      }
    }
  }

  /// Sends a message to one subscriber, on whatever loop it is.
  void sendTo(@Nullable PublishView view, Route route, Subscriber member) {
    Loop owner = member.session.loop();
    if (owner == this) {
      deliverTo(member, delivery);
    } else {
      handOffs[owner.index].add(view, delivery, route, member);
    }
  }

  /// To all subscribers of this loop, each session once. Must not end a session: the lists it goes
  /// through would change.
  void deliver(Route route, Delivery delivery) {
    Subscribers[] lists = route.byLoop()[index];
    if (lists == null) {
      return;
    }
    Story story = delivery.story();
    if (story != null) {
      deliverFollowed(lists, delivery, story);
      return;
    }
    if (lists.length == 1) {
      Subscribers list = lists[0];
      for (int i = 0, n = list.size(); i < n; i++) {
        Subscriber subscriber = list.get(i);
        if (!isEcho(subscriber, delivery)) {
          subscriber.session.outbound().offer(delivery, subscriber);
        }
      }
      return;
    }
    deliverOnce(lists, delivery);
  }

  /// Overlapping subscriptions: one copy with the highest QoS and all identifiers. [MQTT-3.3.4-2]
  /// [MQTT-3.3.4-4]
  private void deliverOnce(Subscribers[] lists, Delivery delivery) {
    stamp++;
    for (Subscribers list : lists) {
      for (int i = 0, n = list.size(); i < n; i++) {
        Subscriber subscriber = list.get(i);
        if (!isEcho(subscriber, delivery)
            && subscriber.session.outbound().merge(stamp, subscriber)) {
          touched.add(subscriber.session.outbound());
        }
      }
    }
    for (int i = 0; i < touched.size(); i++) {
      touched.get(i).offerMerged(delivery);
    }
    touched.clear();
  }

  /// The same, and what came of it at the first sessions is noted down.
  private void deliverFollowed(Subscribers[] lists, Delivery delivery, Story story) {
    stamp++;
    Map<Outbound, String> filters = new HashMap<>();
    for (Subscribers list : lists) {
      for (int i = 0, n = list.size(); i < n; i++) {
        Subscriber subscriber = list.get(i);
        Outbound to = subscriber.session.outbound();
        String filter = "'" + subscriber.subscription.filter().text() + "'";
        if (isEcho(subscriber, delivery)) {
          story.add("deliver", "skipped", "its publisher wants no echo by " + filter);
          continue;
        }
        if (to.merge(stamp, subscriber)) {
          touched.add(to);
        }
        if (touched.size() <= Story.TOLD_MAX || filters.containsKey(to)) {
          filters.merge(to, filter, (some, more) -> some + ", " + more);
        }
      }
    }
    int[] outcomes = new int[DeliveryOutcome.values().length];
    int told = Math.min(touched.size(), Story.TOLD_MAX);
    for (int i = 0; i < touched.size(); i++) {
      Outbound to = touched.get(i);
      int qos = to.mergedQos(delivery);
      DeliveryOutcome outcome = to.offerMerged(delivery);
      outcomes[outcome.ordinal()]++;
      if (i < told) {
        String by = filters.getOrDefault(to, "");
        story.delivered(to.clientId(), by, qos, outcome, lastDrop);
      }
    }
    touched.clear();
    story.count(outcomes, told);
  }

  /// The sessions of this loop that a route leads to, each with its subscriptions.
  Map<String, List<StoredSubscription>> matching(Route route) {
    Subscribers[] lists = route.byLoop()[index];
    if (lists == null) {
      return Map.of();
    }
    Map<String, List<StoredSubscription>> found = new LinkedHashMap<>();
    for (Subscribers list : lists) {
      for (int i = 0, n = list.size(); i < n; i++) {
        Subscriber subscriber = list.get(i);
        found
            .computeIfAbsent(subscriber.session.clientId(), absent -> new ArrayList<>(1))
            .add(subscriber.subscription);
      }
    }
    return found;
  }

  void deliverTo(Subscriber member, Delivery delivery) {
    DeliveryOutcome outcome = member.session.outbound().offerShared(delivery, member);
    Story story = delivery.story();
    if (story != null) {
      tellShared(member, delivery, outcome, story);
    }
  }

  private void tellShared(
      Subscriber member, Delivery delivery, DeliveryOutcome outcome, Story story) {
    int[] outcomes = new int[DeliveryOutcome.values().length];
    outcomes[outcome.ordinal()]++;
    Outbound to = member.session.outbound();
    String filter = "'" + member.subscription.filter().text() + "'";
    int qos = Math.min(delivery.qos(), member.qos);
    story.delivered(to.clientId(), filter, qos, outcome, lastDrop);
    story.count(outcomes, 1);
  }

  /// [MQTT-3.8.3-3]
  private static boolean isEcho(Subscriber subscriber, Delivery delivery) {
    return subscriber.noLocal && subscriber.session.clientId().equals(delivery.publisher());
  }

  /// Publishes a message of the broker's own to connected subscribers.
  ///
  /// @param kept queues have it already
  /// @param queued shared filters whose queues have it
  void publish(Message message, boolean kept, List<SubscriptionFilter> queued) {
    updateTime();
    Route route = routes.of(message.topic(), message.topicBytes());
    delivery.begin(message, nowMillis, kept);
    if (stories.wantsOwn(route)) {
      byte[] payload = message.payload();
      delivery.follow(
          stories.begin(
              route,
              message.publisher(),
              message.qos(),
              message.retain(),
              0,
              payload,
              0,
              payload.length));
    }
    distribute(null, route);
    for (SharedGroup group : route.groups()) {
      if (message.qos() == 0 || !queued.contains(group.filter)) {
        handTo(group.choose(message.publisher(), message.topic()), route);
      }
    }
    delivery.end();
  }

  /// Gives messages that a member of a shared group was not sent to others: through the queue of
  /// the group, if it has one.
  void passOn(List<Message> messages, SubscriptionFilter filter) {
    if (!door.durable().hasQueue(filter.filter(), requireNonNull(filter.group()))) {
      messages.forEach(message -> choose(message, filter));
      return;
    }
    List<Message> kept = messages.stream().filter(message -> message.qos() > 0).toList();
    messages.stream().filter(message -> message.qos() == 0).forEach(one -> choose(one, filter));
    if (!kept.isEmpty()) {
      lane()
          .submit(
              new Command.PutBack(filter, kept),
              outcome -> {
                if (!(outcome instanceof Outcome.Found(boolean found)) || !found) {
                  kept.forEach(message -> choose(message, filter));
                }
              });
    }
  }

  /// Sends a message to a member of a shared group as it is now.
  void choose(Message message, SubscriptionFilter filter) {
    updateTime();
    Route route = routes.of(message.topic(), message.topicBytes());
    SharedGroup group = router.group(filter);
    delivery.begin(message, nowMillis, false);
    handTo(group == null ? null : group.choose(message.publisher(), message.topic()), route);
    delivery.end();
  }

  private void handTo(@Nullable Subscriber member, Route route) {
    if (member == null) {
      dropped(DropReason.NO_MEMBER, null, delivery);
    } else {
      sendTo(null, route, member);
    }
  }
}
