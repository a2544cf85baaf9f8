package io.relais.broker;

import io.relais.broker.access.Client;
import io.relais.broker.access.Policy;
import io.relais.protocol.MalformedPacket;
import io.relais.protocol.Packet;
import io.relais.protocol.Properties;
import io.relais.protocol.Property;
import io.relais.protocol.ProtocolVersion;
import io.relais.protocol.ReasonCode;
import io.relais.protocol.SubscriptionFilter;
import io.relais.protocol.Topics;
import io.relais.storage.StoredSubscription;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// One SUBSCRIBE on its way: each filter is checked, asked about, made, and answered for, in order,
/// by one SUBACK. [MQTT-3.8.4-5]
///
/// Owner: the session's loop.
final class SubscribeRequest {
  private final Services services;
  private final Session session;
  private final Client client;
  private final ProtocolVersion version;
  private final Packet.Subscribe subscribe;
  private final @Nullable ReasonCode[] reasons;
  private final List<StoredSubscription> wanted = new ArrayList<>();
  private final List<Integer> places = new ArrayList<>(); // of `wanted` among the reasons
  private @Nullable String why;
  private int next;

  /// @throws MalformedPacket where the standard closes the connection instead of answering
  SubscribeRequest(
      Services services,
      Session session,
      Client client,
      ProtocolVersion version,
      Packet.Subscribe subscribe)
      throws MalformedPacket {
    this.services = services;
    this.session = session;
    this.client = client;
    this.version = version;
    this.subscribe = subscribe;
    this.reasons = new ReasonCode[subscribe.subscriptions().size()];
    int id = subscribe.properties().intValue(Property.SUBSCRIPTION_IDENTIFIER, 0);
    int fresh = 0;
    for (int i = 0; i < reasons.length; i++) {
      Packet.Subscription asked = subscribe.subscriptions().get(i);
      SubscriptionFilter filter = check(i, asked);
      if (filter == null) {
        continue;
      }
      if (!session.hasSubscription(filter)
          && session.subscriptionCount() + ++fresh
              > services.settings().sessionSubscriptionsMax()) {
        reasons[i] = ReasonCode.QUOTA_EXCEEDED;
        why =
            "the limit of %d subscriptions a session is reached (limits.subscriptions)"
                .formatted(services.settings().sessionSubscriptionsMax());
        continue;
      }
      if (!session.connection().maySubscribe()) {
        session.loop().counters().increment(Counter.RATE_LIMITED_SUBSCRIBES);
        reasons[i] = ReasonCode.QUOTA_EXCEEDED;
        why = "the rate of subscriptions is exceeded (limits.rates)";
        continue;
      }
      places.add(i);
      wanted.add(
          new StoredSubscription(
              filter,
              Math.min(asked.qos(), services.settings().qosMax()), // [MQTT-3.2.2-10]
              asked.noLocal(),
              asked.retainAsPublished(),
              asked.retainHandling(),
              id));
    }
  }

  private @Nullable SubscriptionFilter check(int place, Packet.Subscription asked)
      throws MalformedPacket {
    SubscriptionFilter filter;
    try {
      filter = SubscriptionFilter.parse(asked.filter());
    } catch (MalformedPacket e) {
      if (version == ProtocolVersion.MQTT_3_1) {
        throw e; // its SUBACK knows no failure
      }
      reasons[place] = e.reason();
      why = e.getMessage();
      return null;
    }
    if (filter.kind() == SubscriptionFilter.Kind.SHARED && asked.noLocal()) {
      throw new MalformedPacket( // [MQTT-3.8.3-4]
          ReasonCode.PROTOCOL_ERROR, "No Local does not go with a shared subscription");
    }
    if (asked.filter().startsWith("$queue/") || asked.filter().startsWith("$replay/")) {
      reasons[place] = ReasonCode.IMPLEMENTATION_SPECIFIC_ERROR;
      why = "$queue/ and $replay/ are not in this version";
      return null;
    }
    switch (services.rewrites().now().ofFilter(filter, client)) {
      case Rewrites.Outcome.Same() -> {}
      case Rewrites.Outcome.Other(String other, int _) -> filter = Rewrites.with(filter, other);
      case Rewrites.Outcome.Refused(String because, int _) -> {
        reasons[place] = ReasonCode.TOPIC_FILTER_INVALID;
        why = because;
        return null;
      }
    }
    int levels = Topics.levels(filter.filter());
    if (levels > services.settings().topicLevelsMax()) {
      reasons[place] = ReasonCode.TOPIC_FILTER_INVALID;
      why =
          "the filter has %d levels, the limit is %d (limits.topic-levels)"
              .formatted(levels, services.settings().topicLevelsMax());
      return null;
    }
    return filter;
  }

  /// @param done gets the SUBACK, on the loop
  void run(Loop loop, Consumer<Packet> done) {
    Policy policy = session.policy();
    while (next < wanted.size()) {
      StoredSubscription subscription = wanted.get(next);
      Policy.Verdict verdict =
          policy.isOpen()
              ? Policy.Verdict.ALLOW
              : policy.maySubscribe(
                  client,
                  subscription.filter().filter(),
                  subscription.qos(),
                  later ->
                      loop.eventLoop()
                          .execute(
                              () -> {
                                decide(later);
                                run(loop, done);
                              }));
      if (verdict == Policy.Verdict.LATER) {
        return;
      }
      decide(verdict);
    }
    if (wanted.isEmpty()) {
      done.accept(suback());
      return;
    }
    session.subscribe(
        wanted,
        made -> {
          for (int i = 0; i < made.size(); i++) {
            reasons[places.get(i)] = made.get(i);
            if (made.get(i) == ReasonCode.QUOTA_EXCEEDED) {
              why = "another client has this exclusive subscription";
            }
          }
          done.accept(suback());
        });
  }

  private void decide(Policy.Verdict verdict) {
    if (verdict == Policy.Verdict.ALLOW) {
      next++;
      return;
    }
    int place = places.get(next);
    places.subList(next, next + 1).clear();
    wanted.remove(next);
    reasons[place] = ReasonCode.NOT_AUTHORIZED;
    why = "not authorized to subscribe to this filter";
  }

  private Packet suback() {
    List<ReasonCode> all = new ArrayList<>(reasons.length);
    boolean failed = false;
    for (int i = 0; i < reasons.length; i++) {
      ReasonCode known = reasons[i];
      ReasonCode reason = known == null ? ReasonCode.UNSPECIFIED_ERROR : known;
      // The SUBACK of 3.1 knows no failure: granted in words, nothing is delivered.
      boolean inWords = version == ProtocolVersion.MQTT_3_1 && reason.isError();
      all.add(inWords ? ReasonCode.granted(subscribe.subscriptions().get(i).qos()) : reason);
      failed |= all.getLast().isError();
    }
    Properties properties =
        failed && version.isV5() && why != null
            ? Properties.builder().add(Property.REASON_STRING, why).build()
            : Properties.NONE;
    return new Packet.Suback(subscribe.packetId(), properties, all);
  }
}
