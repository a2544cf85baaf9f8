package io.relais.broker;

import io.relais.broker.access.Policy;
import io.relais.protocol.DelayedTopic;
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
import io.relais.storage.Message;
import io.relais.storage.Outcome;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// What a client publishes, on its way in: the topic behind an alias, QoS 2 ids, what the policy
/// says, the way to subscribers and to the store, and the acknowledgements that the client is owed.
///
/// Owner: the session's loop. Limits: the receive maximum; 3.x clients, who know none, are read no
/// further while as many acks wait for the store, and no client while as many messages wait whose
/// acks went ahead of it.
final class Inbound {
  private final Session session;
  private final Services services;
  private final Loop loop;
  private final Outbox out;
  private final String clientId;
  private final ProtocolVersion version;
  private final boolean v5;
  private final boolean persistent;
  private final Connection connection;
  private final AckRing acks = new AckRing();
  private final BitSet openIds = new BitSet(); // QoS 2, between PUBLISH and PUBCOMP
  private final int[] onTheWay = new int[3]; // kept and not answered for, by QoS
  private int unacknowledged; // QoS 1 and 2 that are not acknowledged to the end
  private int ahead; // acknowledged, and the store has not answered
  private @Nullable AckLevel asked; // by the PUBLISH at hand
  private int askedPacketId; // of the PUBLISH that the policy thinks about
  private byte @Nullable [] @Nullable [] aliases;
  private @Nullable Route lastRoute;
  private @Nullable Route allowed; // by the policy, with this QoS and flag
  private int allowedQos;
  private boolean allowedRetain;
  private @Nullable Rewriter rewriter; // null: no topic is rewritten
  private boolean rewritten; // the PUBLISH at hand: its frame has another topic
  private @Nullable String notRewritten; // why the PUBLISH at hand cannot be

  Inbound(
      Session session,
      Services services,
      Connection connection,
      Outbox out,
      ProtocolVersion version) {
    this.session = session;
    this.services = services;
    this.loop = session.loop();
    this.out = out;
    this.clientId = session.clientId();
    this.version = version;
    this.v5 = version.isV5();
    this.persistent = session.isPersistent();
    this.connection = connection;
    onRewrites();
  }

  /// Takes a PUBLISH that the decoder checked but for its topic.
  void accept(PublishView view) throws MalformedPacket {
    int payloadBytes = payloadBytes(view);
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
    asked = qos == 0 ? null : AckLevel.asked(view);
    if (qos == 2 && openIds.get(packetId)) {
      // [MQTT-4.3.3-10]: the same message again; in its place among the acks
      Properties least = asked == null ? Properties.NONE : AckLevel.RECEIVED.answer();
      acknowledge(new Packet.Pubrec(packetId, ReasonCode.SUCCESS, least));
      return;
    }
    if (qos > 0 && unacknowledged >= settings.receiveMaximum()) {
      if (v5) { // [MQTT-3.3.4-7]
        throw new MalformedPacket(
            ReasonCode.RECEIVE_MAXIMUM_EXCEEDED,
            "More than %d messages are not acknowledged".formatted(settings.receiveMaximum()));
      }
      // 3.x knows no such limit: reading stopped at the limit of acks that are owed.
    }
    if (notRewritten != null) {
      loop.counters().increment(Counter.PUBLISH_REFUSED);
      refuse(qos, packetId, ReasonCode.TOPIC_NAME_INVALID, notRewritten);
      return;
    }
    Policy policy = session.policy();
    if (!policy.isOpen() && !isKnownAllowed(view, route)) {
      ask(policy, view, route);
      return;
    }
    publish(view, route);
  }

  private void publish(PublishView view, Route route) {
    if (rewritten) {
      publish(null, message(view, route), route, view.qos(), view.packetId());
    } else {
      publish(view, null, route, view.qos(), view.packetId());
    }
  }

  /// A copy that has the route's topic.
  private Message message(PublishView view, Route route) {
    Delivery delivery = loop.delivery();
    begin(delivery, view, route, false);
    Message copy = delivery.message();
    delivery.end();
    return copy;
  }

  private static int payloadBytes(PublishView view) {
    return view.end() - view.payloadStart();
  }

  /// The same as the last message that was allowed, as far as a policy can tell.
  private boolean isKnownAllowed(PublishView view, Route route) {
    return route == allowed && view.qos() == allowedQos && view.retain() == allowedRetain;
  }

  /// Another policy holds.
  void onPolicy() {
    allowed = null;
  }

  /// Other rules of rewriting hold, or the client has another name.
  void onRewrites() {
    Rewrites rules = services.rewrites().now();
    rewriter = rules.isEmpty() ? null : new Rewriter(rules, session.client());
    rewritten = false;
    notRewritten = null;
  }

  private void ask(Policy policy, PublishView view, Route route) {
    Message[] copy = {null};
    Policy.Verdict verdict =
        policy.mayPublish(
            session.client(),
            route.topic(),
            view.qos(),
            view.retain(),
            later -> loop.eventLoop().execute(() -> onPublishVerdict(later, copy[0], route)));
    switch (verdict) {
      case ALLOW -> {
        if (policy.isStable()) {
          allowed = route;
          allowedQos = view.qos();
          allowedRetain = view.retain();
        }
        publish(view, route);
      }
      case DENY -> {
        Telling.denied(
            services,
            session,
            route,
            view.qos(),
            view.retain(),
            view.packetId(),
            payloadBytes(view));
        deny(view.qos(), view.packetId());
      }
      case LATER -> {
        // The bytes will be gone by then. An answer cannot come before this turn is over.
        copy[0] = message(view, route);
        askedPacketId = view.packetId();
        connection.pause(Connection.WAITS_FOR_POLICY);
      }
    }
  }

  private void onPublishVerdict(Policy.Verdict verdict, @Nullable Message message, Route route) {
    if (!session.isOpen() || message == null) {
      return;
    }
    if (verdict == Policy.Verdict.ALLOW) {
      publish(null, message, route, message.qos(), askedPacketId);
    } else {
      int bytes = message.payload().length;
      Telling.denied(
          services, session, route, message.qos(), message.retain(), askedPacketId, bytes);
      deny(message.qos(), askedPacketId);
    }
    connection.resume(Connection.WAITS_FOR_POLICY);
  }

  /// [v3:MQTT-3.3.5-2]: acknowledged as usual, delivered to nobody; 5.0 says why.
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
    if (rewriter != null) {
      byte[] other = rewrite(rewriter, view, array, start, end);
      if (other != null) {
        array = other;
        start = 0;
        end = other.length;
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
      String topic = new String(bytes, StandardCharsets.UTF_8);
      checkLevels(topic);
      route = loop.routes().of(topic, bytes);
    }
    lastRoute = route;
    return route;
  }

  /// Sets whether the PUBLISH at hand is rewritten, or cannot be.
  ///
  /// @return its other topic, or null if it keeps its own
  private byte @Nullable [] rewrite(Rewriter by, PublishView view, byte[] array, int start, int end)
      throws MalformedPacket {
    Rewriter.Known known = by.find(array, start, end);
    if (known == null) {
      if (array == view.array()) {
        view.checkTopic();
      }
      known = by.of(array, start, end);
    }
    rewritten = known.to() != null;
    notRewritten = known.refused();
    return known.to();
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
    byte @Nullable [] @Nullable [] table = aliases;
    if (table == null) {
      table = new byte[most + 1][];
      aliases = table;
    }
    if (end > start) {
      view.checkTopic();
      table[alias] = Arrays.copyOfRange(array, start, end);
      return null;
    }
    byte[] known = table[alias];
    if (known == null) {
      throw new MalformedPacket(
          ReasonCode.PROTOCOL_ERROR, "Topic alias " + alias + " was never set on this connection");
    }
    return known;
  }

  private void checkLevels(String topic) throws MalformedPacket {
    int most = services.settings().topicLevelsMax();
    int levels = Topics.levels(topic);
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
    Story story =
        loop.stories().wants(route)
            ? Telling.begin(services, session, route, view, given, packetId)
            : null;
    switch (route.use()) {
      case ORDINARY -> {}
      case DELAYED -> {
        delay(view, given, route, qos, packetId, story);
        return;
      }
      case RESERVED -> {
        if (story != null) {
          story.refused("topic", Story.Ending.DENIED, "only the broker publishes there");
        }
        // A bridge publishes its state there: nobody gets it, and nothing breaks.
        loop.counters().increment(Counter.PUBLISH_REFUSED);
        refuse(qos, packetId, ReasonCode.NOT_AUTHORIZED, "only the broker publishes there");
        return;
      }
    }
    boolean retain = view == null ? given != null && given.retain() : view.retain();
    Subscriber @Nullable [] members =
        route.groups().length == 0 ? null : choose(route, qos, view, given, story);
    boolean tracksId = qos == 2 && persistent;
    boolean survives = retain || qos > 0 && route.durableQosMax() > 0;
    boolean kept =
        survives
            || tracksId
            // Not past those before it, which some get only when the store has them.
            || onTheWay[qos] > 0 && (qos == 2 || route.durableQosMax() >= 0);
    Delivery delivery = loop.delivery();
    if (view != null) {
      begin(delivery, view, route, kept);
    } else if (given != null) {
      delivery.begin(given, loop.nowMillis(), kept);
    }
    delivery.follow(story);
    boolean unmatched = route.isEmpty();
    if (unmatched) {
      loop.counters().increment(Counter.PUBLISH_UNMATCHED);
    }
    if (story != null) {
      Telling.route(story, route, retain);
    }
    if (qos == 2) {
      openIds.set(packetId);
      unacknowledged++;
    }
    if (!kept) {
      distribute(view, route, members);
      if (qos > 0) {
        acknowledgePublish(qos, packetId, unmatched, story);
      }
    } else {
      Message message = delivery.message();
      if (qos < 2) {
        distribute(view, route, members);
      }
      keep(message, route, members, owe(route, qos, packetId, survives, story), tracksId);
    }
    delivery.end();
  }

  private void distribute(
      @Nullable PublishView view, Route route, Subscriber @Nullable [] members) {
    loop.distribute(view, route);
    if (members != null) {
      for (Subscriber member : members) {
        loop.sendTo(view, route, member);
      }
    }
  }

  /// Members of the shared groups whose messages are not handed out from a queue.
  private Subscriber[] choose(
      Route route,
      int qos,
      @Nullable PublishView view,
      @Nullable Message given,
      @Nullable Story story) {
    List<Subscriber> chosen = new ArrayList<>(route.groups().length);
    for (int i = 0; i < route.groups().length; i++) {
      if (qos > 0 && route.queued()[i]) {
        continue;
      }
      SharedGroup group = route.groups()[i];
      Subscriber member = group.choose(clientId, route.topic());
      if (member == null) {
        int bytes = view != null ? view.end() - view.payloadStart() : 0;
        bytes = given != null ? given.payload().length : bytes;
        loop.dropped(DropReason.NO_MEMBER, null, route.topic(), clientId, qos, bytes);
        if (story != null) {
          story.add("shared-group", "dropped", "no member of '" + group.filter.text() + "'");
        }
      } else {
        chosen.add(member);
      }
    }
    return chosen.toArray(Subscriber[]::new);
  }

  private static List<SubscriptionFilter> filters(Subscriber @Nullable [] members) {
    if (members == null || members.length == 0) {
      return List.of();
    }
    return Arrays.stream(members).map(member -> member.subscription.filter()).toList();
  }

  private void keep(
      Message message, Route route, Subscriber @Nullable [] members, Owed owed, boolean tracksId) {
    int qos = owed.qos();
    int trackedId = tracksId ? owed.packetId() : 0;
    var append =
        new Command.Append(message, clientId, session.epoch(), trackedId, filters(members));
    onTheWay[qos]++;
    loop.lane()
        .submit(
            append,
            outcome -> {
              onTheWay[qos]--;
              if (outcome instanceof Outcome.Appended appended && !appended.duplicate()) {
                if (qos == 2) {
                  Delivery delivery = loop.delivery();
                  delivery.begin(message, loop.nowMillis(), true);
                  delivery.follow(owed.story());
                  distribute(null, route, members);
                  delivery.end();
                }
                chooseForThoseWithoutQueue(message, route, appended.groups());
              }
              onKept(outcome, message, route, owed);
            });
    if (owed.story() != null && route.durableQosMax() >= 0) {
      Telling.queues(services, loop, owed.story());
    }
    if (owed.isAhead()) {
      goAhead(owed, route.isEmpty());
    }
  }

  /// The route said that a group has a queue, and when the message came there it had none any more:
  /// a member that keeps nothing gets it after all.
  private void chooseForThoseWithoutQueue(
      Message message, Route route, List<SubscriptionFilter> withQueue) {
    for (int i = 0; i < route.groups().length; i++) {
      SubscriptionFilter filter = route.groups()[i].filter;
      if (message.qos() > 0 && route.queued()[i] && !withQueue.contains(filter)) {
        loop.choose(message, filter);
      }
    }
  }

  private void delay(
      @Nullable PublishView view,
      @Nullable Message given,
      Route route,
      int qos,
      int packetId,
      @Nullable Story story) {
    DelayedTopic delayed = DelayedTopic.parse(route.topic());
    if (delayed == null) {
      loop.counters().increment(Counter.PUBLISH_REFUSED);
      if (story != null) {
        story.refused("topic", Story.Ending.DENIED, "expected " + DelayedTopic.SHAPE);
      }
      refuse(qos, packetId, ReasonCode.TOPIC_NAME_INVALID, "expected " + DelayedTopic.SHAPE);
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
    long delayMillis = delayed.seconds() * 1000;
    // The expiry counts from when it is published.
    Message inner = outer.delayed(delayed.topic(), delayMillis);
    boolean tracksId = qos == 2 && persistent;
    if (qos == 2) {
      openIds.set(packetId);
      unacknowledged++;
    }
    if (story != null) {
      story.kept(1);
      story.add("delay", "kept", "published to '" + delayed.topic() + "' when the delay is over");
    }
    Owed owed = owe(route, qos, packetId, true, story);
    loop.lane()
        .submit(
            new Command.Delay(
                inner,
                loop.nowMillis() + delayMillis,
                clientId,
                session.epoch(),
                tracksId ? packetId : 0),
            outcome -> onKept(outcome, inner, null, owed));
    if (owed.isAhead()) {
      goAhead(owed, false);
    }
  }

  /// The answer to a PUBLISH that is handed to the store.
  ///
  /// @param ticket its place among the acks, [#NO_TICKET] if it does not wait for the store
  /// @param asked what the client asked for, null: it did not
  /// @param survives something is to be kept of the message itself
  /// @param sinceNanos when it began to wait, 0: nobody asks
  /// @param story where it is noted down, null: nowhere
  private record Owed(
      int qos,
      int packetId,
      long ticket,
      @Nullable AckLevel asked,
      boolean survives,
      long sinceNanos,
      @Nullable Story story) {
    static final long NO_TICKET = -1;

    /// Whether the ack leaves without waiting for the store.
    boolean isAhead() {
      return qos > 0 && ticket == NO_TICKET;
    }
  }

  private Owed owe(Route route, int qos, int packetId, boolean survives, @Nullable Story story) {
    AckLevel configured = route.ackLevel() == null ? connection.ackLevel() : route.ackLevel();
    AckLevel required = asked == null ? configured : configured.or(asked);
    boolean waits = qos > 0 && required != AckLevel.RECEIVED;
    long ticket = waits ? reserve(qos == 1) : Owed.NO_TICKET;
    long sinceNanos = waits ? loop.ackSinceNanos() : 0;
    return new Owed(qos, packetId, ticket, asked, survives, sinceNanos, story);
  }

  /// Acknowledges before the store has answered.
  private void goAhead(Owed owed, boolean unmatched) {
    ahead++;
    if (ahead >= services.settings().receiveMaximum()) {
      connection.pause(Connection.WAITS_FOR_ACKS);
    }
    acknowledgePublish(owed.qos(), owed.packetId(), unmatched, owed.story());
  }

  private void onKept(Outcome outcome, Message message, @Nullable Route route, Owed owed) {
    if (owed.story() != null) {
      Telling.kept(owed.story(), outcome);
    }
    if (owed.isAhead()) {
      ahead--;
      if (outcome instanceof Outcome.Refused refused) {
        loop.dropped(refused.cause(), null, message, owed.qos());
      }
      if (session.isOpen()) {
        readOn();
      }
      return;
    }
    if (!session.isOpen()) {
      return;
    }
    switch (outcome) {
      case Outcome.Appended appended -> {
        if (owed.qos() > 0) {
          boolean unmatched =
              !appended.duplicate() && appended.matched() == 0 && route != null && route.isEmpty();
          ReasonCode reason =
              v5 && unmatched ? ReasonCode.NO_MATCHING_SUBSCRIBERS : ReasonCode.SUCCESS;
          boolean survives = owed.survives() || appended.matched() > 0;
          complete(owed, reason, answer(owed.asked(), survives));
        }
      }
      case Outcome.Refused refused -> {
        if (refused.reason() == ReasonCode.SESSION_TAKEN_OVER) {
          return; // the connection is about to end; no ack that is not true
        }
        loop.counters().increment(Counter.PUBLISH_REFUSED);
        loop.dropped(refused.cause(), null, message, owed.qos());
        if (owed.qos() > 0 && !v5) {
          connection.closeRefused(refused.reason(), refused.why());
        } else if (owed.qos() > 0) {
          Properties why = Properties.builder().add(Property.REASON_STRING, refused.why()).build();
          complete(owed, refused.reason(), why);
        }
      }
      default -> throw new IllegalStateException("Append came to " + outcome);
    }
  }

  /// What an ack says that waited for the store.
  private Properties answer(@Nullable AckLevel asked, boolean survives) {
    if (asked == null) {
      return Properties.NONE;
    }
    AckLevel reached =
        survives && services.door().isDurable() ? AckLevel.PERSISTED : AckLevel.RECEIVED;
    return reached.answer();
  }

  private void complete(Owed owed, ReasonCode reason, Properties properties) {
    int packetId = owed.packetId();
    loop.onAck(owed.sinceNanos());
    if (owed.story() != null) {
      owed.story().acknowledged(reason);
    }
    if (owed.qos() == 1) {
      acks.complete(owed.ticket(), new Packet.Puback(packetId, reason, properties));
    } else {
      if (reason.isError()) {
        closeId(packetId);
      }
      acks.complete(owed.ticket(), new Packet.Pubrec(packetId, reason, properties));
    }
    sendAcks();
  }

  /// Acknowledges the PUBLISH at hand, which waits for nothing but the acks before its own.
  private void acknowledgePublish(int qos, int packetId, boolean unmatched, @Nullable Story story) {
    ReasonCode reason = v5 && unmatched ? ReasonCode.NO_MATCHING_SUBSCRIBERS : ReasonCode.SUCCESS;
    if (story != null) {
      story.acknowledged(reason);
    }
    if (acks.isEmpty() && asked == null) {
      out.writeAck(
          qos == 1 ? PacketType.PUBACK : PacketType.PUBREC, packetId, reason.code(), version);
      return;
    }
    Properties properties = asked == null ? Properties.NONE : AckLevel.RECEIVED.answer();
    acknowledge(
        qos == 1
            ? new Packet.Puback(packetId, reason, properties)
            : new Packet.Pubrec(packetId, reason, properties));
  }

  private void acknowledge(Packet ack) {
    acks.complete(reserve(ack instanceof Packet.Puback), ack);
    sendAcks();
  }

  /// A place among the acks. A PUBLISH of QoS 1 is unacknowledged until its PUBACK has left.
  private long reserve(boolean puback) {
    if (puback) {
      unacknowledged++;
    }
    if (!v5 && acks.size() >= services.settings().receiveMaximum()) {
      connection.pause(Connection.WAITS_FOR_ACKS);
    }
    return acks.reserve();
  }

  private void sendAcks() {
    for (Packet ack; (ack = acks.poll()) != null; ) {
      if (ack instanceof Packet.Puback) {
        unacknowledged--;
      }
      connection.send(ack);
    }
    readOn();
  }

  private void readOn() {
    int few = services.settings().receiveMaximum() / 2 + 1;
    if (acks.size() < few && ahead < few) {
      connection.resume(Connection.WAITS_FOR_ACKS);
    }
  }

  /// PUBREL from the publisher.
  void onPubrel(int packetId) {
    if (persistent) {
      long ticket = acks.reserve();
      loop.lane()
          .submit(
              new Command.Forget(clientId, session.epoch(), packetId),
              outcome -> {
                if (session.isOpen() && outcome instanceof Outcome.Found found) {
                  // What the store refused after its PUBREC is known here only.
                  boolean known = found.found() || openIds.get(packetId);
                  closeId(packetId);
                  acks.complete(ticket, pubcomp(packetId, known));
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
      unacknowledged = Math.max(0, unacknowledged - 1);
    }
  }
}
