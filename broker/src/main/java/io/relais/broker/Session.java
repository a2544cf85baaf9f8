package io.relais.broker;

import io.relais.broker.access.Client;
import io.relais.broker.access.Policy;
import io.relais.protocol.MalformedPacket;
import io.relais.protocol.Packet;
import io.relais.protocol.PacketType;
import io.relais.protocol.Properties;
import io.relais.protocol.Property;
import io.relais.protocol.ProtocolVersion;
import io.relais.protocol.PublishView;
import io.relais.protocol.ReasonCode;
import io.relais.protocol.SubscriptionFilter;
import io.relais.protocol.Topics;
import io.relais.storage.Command;
import io.relais.storage.DropReason;
import io.relais.storage.HeapStore.RetainedPage;
import io.relais.storage.Message;
import io.relais.storage.Outcome;
import io.relais.storage.QueueEntry;
import io.relais.storage.StoredSubscription;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// The session of a connected client: what it published and is owed acknowledgements for, what it
/// subscribed, what is on its way to it.
///
/// A *persistent* session outlives the connection: its subscriptions, its queue and the QoS 2 ids
/// it received are in the store, changed only by commands; messages of QoS 1 and 2 reach it through
/// its queue alone. A *transient* one has all of that here, and it ends with the connection. An
/// offline session is only in the store.
///
/// Owner: the loop of its connection, but for `clientId`, `loop` and [#load()]. Limits: the windows
/// of both sides, the backlog of [BrokerSettings], one page of the queue in memory.
final class Session {
  private static final int PAGE_ENTRIES = 256;
  private static final long PAGE_BYTES = 1 << 20;
  private static final int BACKLOG_ENTRY_BYTES = 48;

  /// What waits in a backlog.
  private record Waiting(Message message, int qos, boolean retain, int[] ids) {}

  /// A subscription whose retained messages are being sent.
  private record RetainedScan(StoredSubscription subscription, @Nullable String after) {}

  private final Services services;
  private final Loop loop;
  private final Connection connection;
  private final Outbox out;
  private final String clientId;
  private final ProtocolVersion version;
  private final boolean v5;
  private final boolean persistent;
  private final boolean bridge;
  private Client client;
  private boolean checksDelivery;

  // What the client set.
  private final int windowMax;
  private final int packetBytesMax;
  private final int aliasesOutMax;

  private long epoch;
  private boolean open;
  private long expirySeconds;
  private long wokenEpoch; // wakes that came before the claim's outcome
  private long wokenSequence;

  // Inbound.
  private final AckRing acks = new AckRing();
  private final BitSet openIds = new BitSet(); // QoS 2, between PUBLISH and PUBCOMP
  private int keptOfQos0; // on their way through the store
  private int inbound; // QoS 1 and 2 that are not acknowledged to the end
  private byte @Nullable [] @Nullable [] aliasesIn;
  private @Nullable Route lastRoute;

  // Subscriptions.
  private final Map<SubscriptionFilter, Subscriber> subscriptions = new LinkedHashMap<>();
  private final ArrayDeque<RetainedScan> scans = new ArrayDeque<>();
  private boolean scanning;

  // Outbound.
  private final Window window = new Window();
  private long nextSequence; // that is sent next: of the queue, or counted here
  private @Nullable Map<String, Integer> aliasesOut;
  private final ArrayDeque<Waiting> backlog = new ArrayDeque<>(0); // QoS 1 and 2, transient
  private final ArrayDeque<Waiting> backlogOfQos0 = new ArrayDeque<>(0);
  private long backlogBytes;
  private long knownSequence; // behind the newest entry of the queue that we know of
  private long sentBelow; // an earlier connection sent these
  private final ArrayDeque<QueueEntry> page = new ArrayDeque<>(0);
  private boolean reading;
  private long[] acknowledged = {};
  private int acknowledgedCount;
  private volatile int load;
  private boolean isMember;

  // Overlapping subscriptions of the message being delivered.
  private long stamp;
  private int mergedQos;
  private boolean mergedRetain;
  private int[] mergedIds = QueueEntry.NO_IDS;

  Session(
      Services services,
      Loop loop,
      Connection connection,
      Outbox out,
      Packet.Connect connect,
      Client client,
      boolean persistent,
      long expirySeconds) {
    this.services = services;
    this.loop = loop;
    this.connection = connection;
    this.out = out;
    this.client = client;
    this.clientId = client.clientId();
    this.version = connect.version();
    this.v5 = version.isV5();
    this.persistent = persistent;
    this.bridge = connect.bridge();
    this.expirySeconds = expirySeconds;
    BrokerSettings settings = services.settings();
    Properties properties = connect.properties();
    int theirs = properties.intValue(Property.RECEIVE_MAXIMUM, 65_535);
    this.windowMax = Math.min(theirs, settings.inFlightMax());
    this.packetBytesMax =
        (int)
            Math.min(
                properties.longValue(Property.MAXIMUM_PACKET_SIZE, Integer.MAX_VALUE),
                Integer.MAX_VALUE);
    this.aliasesOutMax = properties.intValue(Property.TOPIC_ALIAS_MAXIMUM, 0);
    this.checksDelivery = services.policy().checksDelivery(client);
  }

  String clientId() {
    return clientId;
  }

  Loop loop() {
    return loop;
  }

  Client client() {
    return client;
  }

  boolean isPersistent() {
    return persistent;
  }

  int windowMax() {
    return windowMax;
  }

  long expirySeconds() {
    return expirySeconds;
  }

  Connection connection() {
    return connection;
  }

  /// How much is on its way to this client; any thread.
  int load() {
    return load;
  }

  void onReauthenticated(Client as) {
    client = as;
    checksDelivery = services.policy().checksDelivery(as);
  }

  // ---- beginning and end

  /// The claim was applied; takes up what the store has.
  void open(Outcome.Claimed claimed) {
    epoch = claimed.epoch();
    nextSequence = claimed.headSequence();
    knownSequence =
        wokenEpoch == epoch
            ? Math.max(claimed.nextSequence(), wokenSequence)
            : claimed.nextSequence();
    sentBelow = claimed.sentBelow();
    window.startAt(nextSequence);
    for (StoredSubscription subscription : claimed.subscriptions()) {
      attach(subscription);
    }
    open = true;
  }

  /// Without a claim: nothing of this session is in the store.
  void open() {
    open = true;
  }

  /// After CONNACK: what was not acknowledged goes out again.
  void resume() {
    drain();
  }

  /// The connection is gone.
  ///
  /// @param ended runs when the store has let go of the session too
  void end(boolean publishWill, long newExpirySeconds, Runnable ended) {
    boolean claimed = open && epoch != 0;
    open = false;
    flushAcknowledged();
    List<String> exclusive = new ArrayList<>();
    for (Subscriber subscriber : subscriptions.values()) {
      detach(subscriber);
      SubscriptionFilter filter = subscriber.subscription.filter();
      if (!persistent && filter.kind() == SubscriptionFilter.Kind.EXCLUSIVE) {
        exclusive.add(filter.filter());
      }
    }
    subscriptions.clear();
    count(Counter.DROPPED_SESSION_ENDED, backlog.size() + backlogOfQos0.size());
    backlog.clear();
    backlogOfQos0.clear();
    page.clear();
    scans.clear();
    if (!exclusive.isEmpty()) {
      loop.lane().submit(new Command.DropExclusive(clientId, exclusive), outcome -> {});
    }
    if (claimed) {
      loop.lane()
          .submit(
              new Command.Release(
                  clientId,
                  epoch,
                  publishWill,
                  newExpirySeconds,
                  Math.max(sentBelow, nextSequence)),
              outcome -> ended.run());
    } else {
      ended.run();
    }
  }

  private void count(Counter counter, long n) {
    if (n > 0) {
      loop.counters().add(counter, n);
    }
  }

  private void dropped(DropReason reason) {
    loop.counters().increment(Counter.of(reason));
  }

  // ---- inbound: PUBLISH

  /// Takes a PUBLISH that the decoder checked but for its topic.
  void accept(PublishView view) throws MalformedPacket {
    int payloadBytes = view.end() - view.payloadStart();
    loop.counters().increment(Counter.PUBLISH_RECEIVED);
    loop.counters().add(Counter.PUBLISH_BYTES_RECEIVED, payloadBytes);
    BrokerSettings settings = services.settings();
    if (payloadBytes > connection.payloadBytesMax()) {
      throw new MalformedPacket(
          ReasonCode.PACKET_TOO_LARGE,
          "The payload has %d bytes, the limit is %d (limits.payload-bytes)"
              .formatted(payloadBytes, connection.payloadBytesMax()));
    }
    Route route = route(view);
    int qos = view.qos();
    if (qos > settings.qosMax()) { // [MQTT-3.2.2-11]
      throw new MalformedPacket(
          ReasonCode.QOS_NOT_SUPPORTED,
          "QoS " + qos + " is above the maximum " + settings.qosMax());
    }
    int packetId = view.packetId();
    if (qos == 2 && openIds.get(packetId)) {
      // [MQTT-4.3.3-10]: the same message again; in its place among the acks
      acknowledge(new Packet.Pubrec(packetId, ReasonCode.SUCCESS, Properties.NONE));
      return;
    }
    if (qos > 0 && inbound >= settings.receiveMaximum()) {
      if (v5) { // [MQTT-3.3.4-7]
        throw new MalformedPacket(
            ReasonCode.RECEIVE_MAXIMUM_EXCEEDED,
            "More than %d messages are not acknowledged".formatted(settings.receiveMaximum()));
      }
      // 3.x knows no such limit: reading stopped at the limit of acks that are owed.
    }
    Policy policy = services.policy();
    if (policy != Policy.OPEN) {
      ask(policy, view, route);
      return;
    }
    publish(view, null, route, qos, packetId);
  }

  private void ask(Policy policy, PublishView view, Route route) {
    Message[] copy = {null};
    Policy.Verdict verdict =
        policy.mayPublish(
            client,
            route.topic(),
            view.qos(),
            view.retain(),
            later -> loop.eventLoop().execute(() -> onPublishVerdict(later, copy[0], route)));
    switch (verdict) {
      case ALLOW -> publish(view, null, route, view.qos(), view.packetId());
      case DENY -> deny(view.qos(), view.packetId());
      case LATER -> {
        // The bytes will be gone by then. An answer cannot come before this turn is over.
        Delivery delivery = loop.delivery();
        begin(delivery, view, route, false);
        copy[0] = delivery.message();
        delivery.end();
        askedPacketId = view.packetId();
        connection.pause(Connection.WAITS_FOR_POLICY);
      }
    }
  }

  private int askedPacketId;

  private void onPublishVerdict(Policy.Verdict verdict, @Nullable Message message, Route route) {
    if (!open || message == null) {
      return;
    }
    if (verdict == Policy.Verdict.ALLOW) {
      publish(null, message, route, message.qos(), askedPacketId);
    } else {
      deny(message.qos(), askedPacketId);
    }
    connection.resume(Connection.WAITS_FOR_POLICY);
  }

  /// [MQTT-3.3.5-2] of 3.1.1: acknowledged as usual, delivered to nobody; 5.0 says why.
  private void deny(int qos, int packetId) {
    loop.counters().increment(Counter.PUBLISH_REFUSED);
    refuse(qos, packetId, ReasonCode.NOT_AUTHORIZED, "not authorized to publish to this topic");
  }

  private void refuse(int qos, int packetId, ReasonCode reason, String why) {
    if (qos == 0) {
      return;
    }
    Properties properties =
        v5 ? Properties.builder().add(Property.REASON_STRING, why).build() : Properties.NONE;
    if (qos == 1) {
      acknowledge(new Packet.Puback(packetId, reason, properties));
      return;
    }
    if (!v5) {
      openIds.set(packetId); // the flow goes on as if it had been taken
    }
    acknowledge(new Packet.Pubrec(packetId, reason, properties)); // [MQTT-4.3.3-9]
  }

  /// The route of a PUBLISH, by its topic or its alias.
  private Route route(PublishView view) throws MalformedPacket {
    int alias = view.topicAlias();
    byte[] array = view.array();
    int start = view.topicStart();
    int end = view.topicEnd();
    if (alias != 0) {
      byte[] known = alias(alias, array, start, end, view);
      if (known != null) {
        array = known;
        start = 0;
        end = known.length;
      }
    }
    Route last = lastRoute;
    if (last != null && last.hasTopic(array, start, end) && loop.router().isValid(last)) {
      return last;
    }
    Route route = loop.routes().find(array, start, end);
    if (route == null) {
      if (array == view.array()) {
        view.checkTopic();
      }
      byte[] bytes = Arrays.copyOfRange(array, start, end);
      checkLevels(bytes);
      route = loop.routes().of(new String(bytes, StandardCharsets.UTF_8), bytes);
    }
    lastRoute = route;
    return route;
  }

  /// @return the topic that the alias stands for, or null if the PUBLISH brings it
  private byte @Nullable [] alias(int alias, byte[] array, int start, int end, PublishView view)
      throws MalformedPacket {
    int most = services.settings().topicAliasMax();
    if (alias > most) { // [MQTT-3.2.2-17]
      throw new MalformedPacket(
          ReasonCode.TOPIC_ALIAS_INVALID,
          "Topic alias " + alias + " is above the maximum of " + most);
    }
    byte @Nullable [] @Nullable [] aliases = aliasesIn;
    if (aliases == null) {
      aliases = new byte[most + 1][];
      aliasesIn = aliases;
    }
    if (end > start) {
      view.checkTopic();
      aliases[alias] = Arrays.copyOfRange(array, start, end);
      return null;
    }
    byte[] known = aliases[alias];
    if (known == null) {
      throw new MalformedPacket(
          ReasonCode.PROTOCOL_ERROR, "Topic alias " + alias + " was never set on this connection");
    }
    return known;
  }

  private void checkLevels(byte[] topic) throws MalformedPacket {
    int most = services.settings().topicLevelsMax();
    int levels = 1;
    for (byte b : topic) {
      levels += b == '/' ? 1 : 0;
    }
    if (levels > most) {
      throw new MalformedPacket(
          ReasonCode.TOPIC_NAME_INVALID,
          "The topic has %d levels, the limit is %d (limits.topic-levels)".formatted(levels, most));
    }
  }

  private void begin(Delivery delivery, PublishView view, Route route, boolean kept) {
    long expiry = view.messageExpirySeconds();
    long now = loop.nowMillis();
    // An expiry of 0 is due at once, but for those who get it now.
    long at = expiry < 0 ? 0 : now + Math.max(1, expiry * 1000);
    delivery.begin(view, route, clientId, at, now, kept);
  }

  private void publish(
      @Nullable PublishView view, @Nullable Message given, Route route, int qos, int packetId) {
    switch (route.use()) {
      case ORDINARY -> {}
      case DELAYED -> {
        delay(view, given, route, qos, packetId);
        return;
      }
      case RESERVED -> {
        // A bridge publishes its state there: nobody gets it, and nothing breaks.
        loop.counters().increment(Counter.PUBLISH_REFUSED);
        refuse(qos, packetId, ReasonCode.NOT_AUTHORIZED, "only the broker publishes there");
        return;
      }
    }
    boolean retain = view == null ? given != null && given.retain() : view.retain();
    List<Command.Target> targets = List.of();
    Subscriber @Nullable [] members = null;
    if (route.groups().length > 0) {
      members = choose(route);
      targets = targets(members, qos, retain);
    }
    boolean tracksId = qos == 2 && persistent;
    boolean kept = retain || qos > 0 && route.durableQosMax() > 0 || !targets.isEmpty() || tracksId;
    Delivery delivery = loop.delivery();
    if (view != null) {
      begin(delivery, view, route, kept);
    } else if (given != null) {
      delivery.begin(given, loop.nowMillis(), kept);
    }
    boolean unmatched = route.isEmpty();
    if (unmatched) {
      loop.counters().increment(Counter.PUBLISH_UNMATCHED);
    }
    if (qos == 2) {
      openIds.set(packetId);
      inbound++;
    }
    if (!kept) {
      distribute(view, route, members, qos);
      if (qos > 0) {
        acknowledgePublish(qos, packetId, unmatched);
      }
    } else {
      Message message = delivery.message();
      if (qos < 2) {
        distribute(view, route, members, qos);
      }
      keep(message, route, members, targets, qos, packetId, tracksId);
    }
    delivery.end();
  }

  private void distribute(
      @Nullable PublishView view, Route route, Subscriber @Nullable [] members, int qos) {
    loop.distribute(view, route);
    if (members != null) {
      for (Subscriber member : members) {
        if (!member.isTarget(qos)) {
          loop.sendTo(view, route, member);
        }
      }
    }
  }

  private Subscriber[] choose(Route route) {
    List<Subscriber> chosen = new ArrayList<>(route.groups().length);
    for (SharedGroup group : route.groups()) {
      Subscriber member = group.choose(clientId, route.topic());
      if (member == null) {
        dropped(DropReason.NO_MEMBER);
      } else {
        chosen.add(member);
      }
    }
    return chosen.toArray(Subscriber[]::new);
  }

  private static List<Command.Target> targets(Subscriber[] members, int qos, boolean retain) {
    List<Command.Target> targets = new ArrayList<>(0);
    for (Subscriber member : members) {
      if (member.isTarget(qos)) {
        targets.add(member.target(qos, retain));
      }
    }
    return targets;
  }

  private void keep(
      Message message,
      Route route,
      Subscriber @Nullable [] members,
      List<Command.Target> targets,
      int qos,
      int packetId,
      boolean tracksId) {
    var append = new Command.Append(message, clientId, epoch, tracksId ? packetId : 0, targets);
    long ticket = qos > 0 ? reserve(qos) : -1;
    keptOfQos0 += qos == 0 ? 1 : 0;
    loop.lane()
        .submit(
            append,
            outcome -> {
              keptOfQos0 -= qos == 0 ? 1 : 0;
              if (outcome instanceof Outcome.Appended appended
                  && qos == 2
                  && !appended.duplicate()) {
                Delivery delivery = loop.delivery();
                delivery.begin(message, loop.nowMillis(), true);
                distribute(null, route, members, qos);
                delivery.end();
              }
              onKept(outcome, route, ticket, qos, packetId);
            });
  }

  private void delay(
      @Nullable PublishView view, @Nullable Message given, Route route, int qos, int packetId) {
    String rest = route.topic().substring("$delayed/".length());
    int slash = rest.indexOf('/');
    long seconds = slash > 0 && slash <= 10 ? parseSeconds(rest.substring(0, slash)) : -1;
    String topic = slash < 0 ? "" : rest.substring(slash + 1);
    if (seconds < 0 || Topics.problemWithName(topic) != null || topic.startsWith("$")) {
      loop.counters().increment(Counter.PUBLISH_REFUSED);
      refuse(
          qos,
          packetId,
          ReasonCode.TOPIC_NAME_INVALID,
          "expected $delayed/<seconds>/<topic> with 0 to 4294967295 seconds and an ordinary topic");
      return;
    }
    Delivery delivery = loop.delivery();
    if (view != null) {
      begin(delivery, view, route, true);
    } else if (given != null) {
      delivery.begin(given, loop.nowMillis(), true);
    }
    Message outer = delivery.message();
    delivery.end();
    long due = loop.nowMillis() + seconds * 1000;
    // The expiry counts from when it is published.
    long expires = outer.expiresAtMillis() == 0 ? 0 : outer.expiresAtMillis() + seconds * 1000;
    var inner =
        new Message(
            topic,
            topic.getBytes(StandardCharsets.UTF_8),
            outer.payload(),
            outer.properties(),
            outer.qos(),
            outer.retain(),
            expires,
            outer.publisher());
    boolean tracksId = qos == 2 && persistent;
    if (qos == 2) {
      openIds.set(packetId);
      inbound++;
    }
    long ticket = qos > 0 ? reserve(qos) : -1;
    loop.lane()
        .submit(
            new Command.Delay(inner, due, clientId, epoch, tracksId ? packetId : 0),
            outcome -> onKept(outcome, null, ticket, qos, packetId));
  }

  private static long parseSeconds(String text) {
    long seconds = 0;
    for (int i = 0; i < text.length(); i++) {
      int digit = text.charAt(i) - '0';
      if (digit < 0 || digit > 9) {
        return -1;
      }
      seconds = seconds * 10 + digit;
    }
    return seconds > 0xFFFF_FFFFL ? -1 : seconds;
  }

  /// A place among the acks for one that waits for the store.
  private long reserve(int qos) {
    if (qos == 1) {
      inbound++;
    }
    if (!v5 && acks.size() >= services.settings().receiveMaximum()) {
      connection.pause(Connection.WAITS_FOR_ACKS);
    }
    return acks.reserve();
  }

  private void onKept(Outcome outcome, @Nullable Route route, long ticket, int qos, int packetId) {
    if (!open) {
      return;
    }
    switch (outcome) {
      case Outcome.Appended appended -> {
        if (qos > 0) {
          boolean unmatched =
              !appended.duplicate() && appended.matched() == 0 && route != null && route.isEmpty();
          ReasonCode reason =
              v5 && unmatched ? ReasonCode.NO_MATCHING_SUBSCRIBERS : ReasonCode.SUCCESS;
          complete(ticket, qos, packetId, reason, Properties.NONE);
        }
      }
      case Outcome.Refused refused -> {
        if (refused.reason() == ReasonCode.SESSION_TAKEN_OVER) {
          return; // the connection is about to end; no ack that is not true
        }
        loop.counters().increment(Counter.PUBLISH_REFUSED);
        if (qos > 0 && !v5) {
          connection.closeRefused(refused.reason(), refused.why());
        } else if (qos > 0) {
          Properties why = Properties.builder().add(Property.REASON_STRING, refused.why()).build();
          complete(ticket, qos, packetId, refused.reason(), why);
        }
      }
      default -> throw new IllegalStateException("Append came to " + outcome);
    }
  }

  private void complete(
      long ticket, int qos, int packetId, ReasonCode reason, Properties properties) {
    if (qos == 1) {
      inbound--;
      acks.complete(ticket, new Packet.Puback(packetId, reason, properties));
    } else {
      if (reason.isError()) {
        closeId(packetId);
      }
      acks.complete(ticket, new Packet.Pubrec(packetId, reason, properties));
    }
    sendAcks();
  }

  private void acknowledgePublish(int qos, int packetId, boolean unmatched) {
    ReasonCode reason = v5 && unmatched ? ReasonCode.NO_MATCHING_SUBSCRIBERS : ReasonCode.SUCCESS;
    if (acks.isEmpty()) {
      out.writeAck(
          qos == 1 ? PacketType.PUBACK : PacketType.PUBREC, packetId, reason.code(), version);
    } else {
      acknowledge(
          qos == 1
              ? new Packet.Puback(packetId, reason, Properties.NONE)
              : new Packet.Pubrec(packetId, reason, Properties.NONE));
    }
  }

  private void acknowledge(Packet ack) {
    acks.complete(acks.reserve(), ack);
    sendAcks();
  }

  private void sendAcks() {
    for (Packet ack; (ack = acks.poll()) != null; ) {
      connection.send(ack);
    }
    if (acks.size() < services.settings().receiveMaximum() / 2 + 1) {
      connection.resume(Connection.WAITS_FOR_ACKS);
    }
  }

  /// PUBREL from the publisher.
  void onPubrel(int packetId) {
    if (persistent) {
      long ticket = acks.reserve();
      loop.lane()
          .submit(
              new Command.Forget(clientId, epoch, packetId),
              outcome -> {
                if (open && outcome instanceof Outcome.Found found) {
                  closeId(packetId);
                  acks.complete(ticket, pubcomp(packetId, found.found()));
                  sendAcks();
                }
              });
      return;
    }
    boolean found = openIds.get(packetId);
    closeId(packetId);
    if (acks.isEmpty()) {
      int code = v5 && !found ? ReasonCode.PACKET_IDENTIFIER_NOT_FOUND.code() : 0;
      out.writeAck(PacketType.PUBCOMP, packetId, code, version);
    } else {
      acknowledge(pubcomp(packetId, found));
    }
  }

  private Packet pubcomp(int packetId, boolean found) {
    return new Packet.Pubcomp(
        packetId,
        found || !v5 ? ReasonCode.SUCCESS : ReasonCode.PACKET_IDENTIFIER_NOT_FOUND,
        Properties.NONE);
  }

  private void closeId(int packetId) {
    if (openIds.get(packetId)) {
      openIds.clear(packetId);
      inbound = Math.max(0, inbound - 1);
    }
  }

  // ---- subscriptions

  int subscriptionCount() {
    return subscriptions.size();
  }

  boolean hasSubscription(SubscriptionFilter filter) {
    return subscriptions.containsKey(filter);
  }

  /// Makes subscriptions that the policy allowed.
  ///
  /// @param done gets a reason for each, in order, on this loop
  void subscribe(List<StoredSubscription> wanted, Consumer<List<ReasonCode>> done) {
    if (persistent) {
      loop.lane()
          .submit(
              new Command.Subscribe(clientId, epoch, wanted),
              outcome -> {
                if (open && outcome instanceof Outcome.Subscribed made) {
                  finishSubscribe(wanted, made.reasons(), made.existed(), done);
                }
              });
      return;
    }
    List<ReasonCode> reasons = new ArrayList<>(wanted.size());
    List<Boolean> existed = new ArrayList<>(wanted.size());
    int[] pending = {1};
    Runnable one =
        () -> {
          if (--pending[0] == 0 && open) {
            finishSubscribe(wanted, reasons, existed, done);
          }
        };
    for (StoredSubscription subscription : wanted) {
      int index = reasons.size();
      reasons.add(ReasonCode.granted(subscription.qos()));
      existed.add(subscriptions.containsKey(subscription.filter()));
      if (subscription.filter().kind() == SubscriptionFilter.Kind.EXCLUSIVE) {
        pending[0]++;
        loop.lane()
            .submit(
                new Command.TakeExclusive(
                    clientId,
                    services.door().node(),
                    services.door().incarnation(),
                    subscription.filter().filter()),
                outcome -> {
                  if (outcome instanceof Outcome.Refused refused) {
                    reasons.set(index, refused.reason());
                  }
                  one.run();
                });
      }
    }
    one.run();
  }

  private void finishSubscribe(
      List<StoredSubscription> wanted,
      List<ReasonCode> reasons,
      List<Boolean> existed,
      Consumer<List<ReasonCode>> done) {
    List<StoredSubscription> withRetained = new ArrayList<>();
    for (int i = 0; i < wanted.size(); i++) {
      StoredSubscription subscription = wanted.get(i);
      if (reasons.get(i).isError()) {
        continue;
      }
      attach(subscription);
      boolean sends =
          subscription.filter().kind() != SubscriptionFilter.Kind.SHARED
              && (subscription.retainHandling() == 0 // [MQTT-3.3.1-9]
                  || subscription.retainHandling() == 1 && !existed.get(i)); // [MQTT-3.3.1-10]
      if (sends) {
        withRetained.add(subscription);
      }
    }
    done.accept(reasons);
    if (!withRetained.isEmpty()) {
      for (StoredSubscription subscription : withRetained) {
        sendSystemValues(subscription);
      }
      services.afterAllSubmitted(
          loop,
          () -> {
            if (open) {
              withRetained.forEach(s -> scans.add(new RetainedScan(s, null)));
              drain();
            }
          });
    }
  }

  private void sendSystemValues(StoredSubscription subscription) {
    if (subscription.filter().filter().startsWith("$SYS")) {
      for (Message value : services.system().matching(subscription.filter().filter())) {
        sendRetained(value, subscription);
      }
    }
  }

  private void attach(StoredSubscription asked) {
    StoredSubscription subscription =
        bridge
            ? new StoredSubscription(
                asked.filter(), asked.qos(), true, true, asked.retainHandling(), asked.id())
            : asked;
    var subscriber = new Subscriber(this, subscription);
    SubscriptionFilter filter = subscription.filter();
    Subscriber before = subscriptions.put(filter, subscriber);
    boolean shared = filter.kind() == SubscriptionFilter.Kind.SHARED;
    if (before == null) {
      loop.counters().increment(Counter.SUBSCRIPTIONS_MADE);
      if (shared) {
        loop.counters().increment(Counter.SHARED_SUBSCRIPTIONS_MADE);
      }
    }
    if (shared && filter.group() != null) {
      isMember = true;
      services.tree().join(filter.filter(), filter.group(), subscriber);
      if (before != null) {
        services.tree().leave(filter.filter(), filter.group(), before);
      }
      return;
    }
    Subscribers list = services.tree().attach(filter.filter(), loop.index());
    list.add(subscriber);
    if (before != null) {
      list.remove(before);
    }
  }

  private void detach(Subscriber subscriber) {
    SubscriptionFilter filter = subscriber.subscription.filter();
    loop.counters().increment(Counter.SUBSCRIPTIONS_ENDED);
    if (filter.kind() == SubscriptionFilter.Kind.SHARED && filter.group() != null) {
      loop.counters().increment(Counter.SHARED_SUBSCRIPTIONS_ENDED);
      services.tree().leave(filter.filter(), filter.group(), subscriber);
      return;
    }
    Subscribers list = services.tree().attach(filter.filter(), loop.index());
    list.remove(subscriber);
    if (list.size() == 0) {
      services.tree().detach(filter.filter(), loop.index());
    }
  }

  /// @param done gets for each filter whether it was there, on this loop
  void unsubscribe(List<SubscriptionFilter> filters, Consumer<List<Boolean>> done) {
    if (persistent) {
      loop.lane()
          .submit(
              new Command.Unsubscribe(clientId, epoch, filters),
              outcome -> {
                if (open && outcome instanceof Outcome.Unsubscribed ended) {
                  filters.forEach(this::forget);
                  done.accept(ended.existed());
                }
              });
      return;
    }
    List<Boolean> existed = new ArrayList<>(filters.size());
    List<String> exclusive = new ArrayList<>();
    for (SubscriptionFilter filter : filters) {
      boolean had = forget(filter);
      existed.add(had);
      if (had && filter.kind() == SubscriptionFilter.Kind.EXCLUSIVE) {
        exclusive.add(filter.filter());
      }
    }
    if (!exclusive.isEmpty()) {
      loop.lane().submit(new Command.DropExclusive(clientId, exclusive), outcome -> {});
    }
    done.accept(existed);
  }

  private boolean forget(SubscriptionFilter filter) {
    Subscriber subscriber = subscriptions.remove(filter);
    if (subscriber == null) {
      return false;
    }
    detach(subscriber);
    scans.removeIf(scan -> scan.subscription.filter().equals(filter));
    return true;
  }

  // ---- outbound: the one door

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

  /// A message for which a shared group chose this session.
  DeliveryOutcome offerShared(Delivery delivery, Subscriber member) {
    if (!open) {
      dropped(DropReason.NO_MEMBER);
      return DeliveryOutcome.DROPPED;
    }
    int qos = Math.min(delivery.qos(), member.qos);
    return deliver(
        delivery, persistent ? 0 : qos, member.retainAsPublished && delivery.retain(), member.ids);
  }

  private DeliveryOutcome deliver(Delivery delivery, int qos, boolean retain, int[] ids) {
    if (checksDelivery && !services.policy().mayReceive(client, delivery.topic())) {
      dropped(DropReason.NOT_AUTHORIZED);
      return DeliveryOutcome.DROPPED;
    }
    if (qos == 0) {
      if (backlogOfQos0.isEmpty() && !out.isBlocked()) {
        return send(delivery, 0, retain, false, 0, ids);
      }
      return wait(backlogOfQos0, delivery, 0, retain, ids);
    }
    if (backlog.isEmpty() && hasRoom() && !out.isBlocked()) {
      return sendCounted(delivery, qos, retain, ids);
    }
    return wait(backlog, delivery, qos, retain, ids);
  }

  private boolean hasRoom() {
    return window.inFlight() < windowMax && window.hasIdFor(nextSequence);
  }

  /// QoS 1 and 2 of a transient session.
  private DeliveryOutcome sendCounted(Delivery delivery, int qos, boolean retain, int[] ids) {
    long sequence = nextSequence;
    DeliveryOutcome outcome = send(delivery, qos, retain, false, Window.packetId(sequence), ids);
    if (outcome == DeliveryOutcome.SENT) {
      window.sent(sequence, qos == 1 ? Window.SENT_QOS_1 : Window.SENT_QOS_2);
      nextSequence++;
      noteLoad();
    }
    return outcome;
  }

  private DeliveryOutcome send(
      Delivery delivery, int qos, boolean retain, boolean dup, int packetId, int[] ids) {
    int written;
    if (v5 && (ids.length > 0 || aliasesOutMax > 0)) {
      int alias = alias(delivery.topic());
      written =
          delivery.writeOwn(
              out, qos, retain, dup, packetId, ids, Math.abs(alias), alias > 0, packetBytesMax);
      if (written < 0 && alias < 0 && aliasesOut != null) {
        aliasesOut.remove(delivery.topic()); // the client was never told
      }
    } else {
      written = delivery.write(out, v5, qos, retain, dup, packetId, packetBytesMax);
    }
    if (written < 0) { // [MQTT-3.1.2-24] [MQTT-3.1.2-25]
      dropped(DropReason.TOO_LARGE);
      return DeliveryOutcome.DROPPED;
    }
    return DeliveryOutcome.SENT;
  }

  /// The alias of a topic: positive if the client knows it, negative if this message sets it, 0:
  /// none. The first topics that are sent get one. [MQTT-3.1.2-26]
  private int alias(String topic) {
    if (aliasesOutMax == 0) {
      return 0;
    }
    Map<String, Integer> aliases = aliasesOut;
    if (aliases == null) {
      aliases = new HashMap<>();
      aliasesOut = aliases;
    }
    Integer known = aliases.get(topic);
    if (known != null) {
      return known;
    }
    if (aliases.size() >= Math.min(aliasesOutMax, services.settings().topicAliasMax())) {
      return 0;
    }
    int made = aliases.size() + 1;
    aliases.put(topic, made);
    return -made;
  }

  private DeliveryOutcome wait(
      ArrayDeque<Waiting> queue, Delivery delivery, int qos, boolean retain, int[] ids) {
    BrokerSettings settings = services.settings();
    Message message = delivery.message();
    int bytes = message.bytes() + BACKLOG_ENTRY_BYTES;
    while (backlog.size() + backlogOfQos0.size() >= settings.backlogMessagesMax()
        || backlogBytes + bytes > settings.backlogBytesMax()
        || loop.backlogBytes() + bytes > services.backlogBytesOfLoopMax()) {
      Waiting oldest = queue.isEmpty() ? backlogOfQos0.poll() : queue.poll();
      if (oldest == null) {
        dropped(DropReason.QUEUE_FULL);
        return DeliveryOutcome.DROPPED;
      }
      charge(oldest, -1);
      dropped(oldest.qos == 0 ? DropReason.SLOW_CONSUMER : DropReason.QUEUE_FULL);
    }
    var waiting = new Waiting(message, qos, retain, ids);
    queue.add(waiting);
    charge(waiting, 1);
    noteLoad();
    return DeliveryOutcome.QUEUED;
  }

  private void charge(Waiting waiting, int sign) {
    long bytes = (long) sign * (waiting.message.bytes() + BACKLOG_ENTRY_BYTES);
    backlogBytes += bytes;
    loop.chargeBacklog(bytes);
  }

  private void noteLoad() {
    if (isMember) {
      load = window.inFlight() + backlog.size();
    }
  }

  /// Sends what waits, as far as the window and the socket allow.
  void drain() {
    if (!open) {
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
      }
    }
    while (!backlog.isEmpty() && hasRoom() && !out.isBlocked()) {
      Waiting next = backlog.remove();
      charge(next, -1);
      if (!dropIfExpired(next.message, now)) {
        delivery.begin(next.message, now, false);
        sendCounted(delivery, next.qos, next.retain, next.ids);
        delivery.end();
      }
    }
    noteLoad();
  }

  /// [MQTT-3.3.2-5]
  private boolean dropIfExpired(Message message, long now) {
    if (message.isExpired(now)) {
      dropped(DropReason.EXPIRED);
      return true;
    }
    return false;
  }

  /// The store put an entry into this session's queue, or hands over a message of QoS 0.
  void onQueued(long entryEpoch, QueueEntry entry) {
    long sequence = entry.sequence();
    if (!open) {
      if (sequence != QueueEntry.NOT_QUEUED) {
        wokenEpoch = entryEpoch;
        wokenSequence = sequence + 1;
      }
      return;
    }
    if (entryEpoch != epoch) {
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
    if (caughtUp && hasRoom() && !out.isBlocked()) {
      nextSequence = sequence;
      sendEntry(entry);
    }
  }

  private void drainQueue() {
    while (nextSequence < knownSequence && !reading && hasRoom() && !out.isBlocked()) {
      QueueEntry entry = page.poll();
      if (entry != null) {
        sendEntry(entry);
        continue;
      }
      reading = true;
      long from = nextSequence;
      long known = knownSequence;
      loop.lane()
          .readQueue(
              clientId,
              from,
              Math.min(PAGE_ENTRIES, windowMax - window.inFlight()),
              PAGE_BYTES,
              entries -> {
                reading = false;
                if (!open) {
                  return;
                }
                page.addAll(entries);
                if (entries.isEmpty()) {
                  nextSequence = Math.max(nextSequence, known); // all of them were dropped
                }
                drain();
              });
    }
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
      return;
    }
    if (checksDelivery && !services.policy().mayReceive(client, message.topic())) {
      dropped(DropReason.NOT_AUTHORIZED);
      acknowledge(sequence);
      return;
    }
    Delivery delivery = loop.deliveryOf(message);
    DeliveryOutcome outcome =
        send(delivery, entry.qos(), entry.retain(), again, packetId, entry.subscriptionIds());
    if (outcome == DeliveryOutcome.SENT) {
      window.sent(sequence, entry.qos() == 1 ? Window.SENT_QOS_1 : Window.SENT_QOS_2);
      noteLoad();
    } else {
      acknowledge(sequence);
    }
  }

  /// An entry of the queue is done with; told to the store once a turn.
  private void acknowledge(long sequence) {
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
            new Command.Acknowledge(clientId, epoch, sequences),
            outcome -> {
              window.onFreed(below);
              drain();
            });
  }

  private void finished(long sequence) {
    window.done(sequence);
    if (persistent) {
      acknowledge(sequence);
    } else {
      window.onFreed(window.inFlight() == 0 ? nextSequence : window.base());
    }
    noteLoad();
    drain();
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
            new Command.Released(clientId, epoch, sequence),
            outcome -> {
              if (open && outcome instanceof Outcome.Found) {
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

  // ---- retained messages of new subscriptions

  /// A page at a time, the next one when the client has taken this one.
  private void drainRetained() {
    if (scanning || scans.isEmpty() || out.isBlocked() || !backlog.isEmpty()) {
      return;
    }
    if (persistent && nextSequence < knownSequence) {
      return;
    }
    scanning = true;
    RetainedScan scan = scans.remove();
    StoredSubscription subscription = scan.subscription;
    if (persistent && subscription.qos() > 0) {
      loop.lane()
          .submit(
              new Command.QueueRetained(clientId, epoch, subscription, scan.after),
              outcome -> {
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
              (RetainedPage page) -> onRetained(subscription, page.messages(), page.next()));
    }
  }

  private void onRetained(
      StoredSubscription subscription, List<Message> messages, @Nullable String next) {
    scanning = false;
    if (!open || !subscriptions.containsKey(subscription.filter())) {
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

  private void sendRetained(Message message, StoredSubscription subscription) {
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
}
