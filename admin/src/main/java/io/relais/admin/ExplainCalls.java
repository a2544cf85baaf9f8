package io.relais.admin;

import io.relais.api.ExplainConnect;
import io.relais.api.ExplainPublish;
import io.relais.api.ExplainSubscribe;
import io.relais.api.Explanation;
import io.relais.api.Explanation.Step;
import io.relais.api.Json;
import io.relais.api.Listener;
import io.relais.api.Role;
import io.relais.broker.Administration;
import io.relais.broker.ClientState;
import io.relais.broker.Recipients;
import io.relais.broker.Rewrites;
import io.relais.broker.access.Ban;
import io.relais.broker.access.BuiltInUsers;
import io.relais.broker.access.Client;
import io.relais.broker.access.Rule;
import io.relais.broker.access.Rules;
import io.relais.protocol.DelayedTopic;
import io.relais.protocol.ProtocolVersion;
import io.relais.protocol.SubscriptionFilter;
import io.relais.protocol.Topics;
import io.relais.storage.StoredSubscription;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ObjectNode;

/// What would happen to a PUBLISH, a SUBSCRIBE or a CONNECT, step by step. Nothing is changed, and
/// no password is asked for.
final class ExplainCalls {
  /// An address that no ban speaks of.
  private static final InetSocketAddress NOWHERE = InetSocketAddress.createUnresolved("", 0);

  private final Administration broker;
  private final Authorization authorization;
  private final BuiltInUsers users;
  private final Supplier<List<Listener>> listeners;

  ExplainCalls(
      Administration broker,
      Authorization authorization,
      BuiltInUsers users,
      Supplier<List<Listener>> listeners) {
    this.broker = broker;
    this.authorization = authorization;
    this.users = users;
    this.listeners = listeners;
  }

  void addTo(Operations operations) {
    operations
        .post("/api/v1/explain/publish", Role.OPERATOR, "Who would get a message, and why not")
        .takes(ExplainPublish.class)
        .looks()
        .gives(Explanation.class)
        .by(this::publish);
    operations
        .post("/api/v1/explain/subscribe", Role.OPERATOR, "Whether a subscription would be made")
        .takes(ExplainSubscribe.class)
        .looks()
        .gives(Explanation.class)
        .by(this::subscribe);
    operations
        .post("/api/v1/explain/connect", Role.OPERATOR, "Whether a client would be let in")
        .takes(ExplainConnect.class)
        .looks()
        .gives(Explanation.class)
        .by(this::connect);
  }

  // ---- who

  /// The client as it is connected; or one as the request describes it.
  private Client client(
      @Nullable String clientId,
      @Nullable String username,
      @Nullable String address,
      List<Step> steps) {
    ClientState state = clientId == null ? null : Answers.await(broker.client(clientId));
    if (state != null && state.isConnected() && username == null && address == null) {
      steps.add(
          new Step(
              "client",
              "connected",
              "'%s' is connected from %s as %s"
                  .formatted(clientId, state.address(), user(state.username()))));
      Client connected = Answers.await(broker.connected(state.clientId()));
      return withGroupsTold(
          connected == null ? identity(clientId, state.username(), state.address()) : connected,
          steps);
    }
    InetSocketAddress from = address(address);
    steps.add(
        new Step(
            "client",
            "assumed",
            "%s, %s, from %s"
                .formatted(
                    clientId == null ? "any client id" : "a client with the id '" + clientId + "'",
                    user(username),
                    from.getAddress().getHostAddress())));
    return withGroupsTold(identity(clientId, username, from), steps);
  }

  /// What tells of groups at a log-in, a token or a certificate, is not there for who is assumed.
  private static Client withGroupsTold(Client client, List<Step> steps) {
    Set<String> groups = client.groups();
    if (!groups.isEmpty()) {
      steps.add(
          new Step(
              "groups", "member", "in " + String.join(", ", groups.stream().sorted().toList())));
    }
    return client;
  }

  private Client identity(
      @Nullable String clientId, @Nullable String username, @Nullable SocketAddress address) {
    var client =
        new Client(
            clientId == null ? "" : clientId,
            username,
            ProtocolVersion.MQTT_5,
            address == null ? address(null) : address,
            null,
            "",
            true);
    return username == null || users.namesInFile().contains(username)
        ? client
        : client.with(username, client.grant().ofUserIn(broker.users().groups(username)));
  }

  private static String user(@Nullable String username) {
    return username == null ? "anonymous" : "user '" + username + "'";
  }

  private static InetSocketAddress address(@Nullable String text) {
    if (text == null) {
      return new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
    }
    InetAddress literal = io.relais.broker.access.Loopback.literal(text);
    if (literal == null) {
      throw Failure.invalid("address", "is '" + text + "' and must be an IPv4 or IPv6 address");
    }
    return new InetSocketAddress(literal, 0);
  }

  /// Those that came with its log-in stand in the place of those of all.
  private Rules rules(Client client) {
    Rules own = client.grant().rules();
    return own == null ? authorization.rules() : own;
  }

  private static boolean isAllowed(
      Rules.Decision decision, Client client, Rules rules, String verb, List<Step> steps) {
    String outcome = decision.allowed() ? "allowed" : "denied";
    boolean isOwn = client.grant().rules() != null;
    steps.add(new Step("authorization", outcome, why(decision, rules, isOwn, verb)));
    return decision.allowed();
  }

  /// As it is sent to the API, without what it says nothing of.
  private static String written(io.relais.api.Rule rule) {
    ObjectNode node = Json.MAPPER.valueToTree(rule);
    node.removeNulls();
    return node.toString();
  }

  private static String why(Rules.Decision decision, Rules rules, boolean isOwn, String verb) {
    List<Rule> all = rules.rules();
    String whose = isOwn ? " of its own, which came with its log-in," : "";
    if (decision.index() >= 0) {
      return "rule %d of %d%s decides: %s"
          .formatted(
              decision.index() + 1,
              all.size(),
              isOwn ? " rules" + whose : "",
              written(Authorization.told(all.get(decision.index()))));
    }
    if (isOwn || !all.isEmpty()) {
      return "none of %d rules%s speaks of it, and then it is denied".formatted(all.size(), whose);
    }
    return decision.allowed()
        ? "there are no rules, so everybody may " + verb
        : "$SYS and $events are read on this machine, or by a rule that allows it";
  }

  /// @return null: a rule speaks of it, and cannot rewrite it
  private static @Nullable String rewritten(
      Rewrites.Outcome outcome, String before, List<Step> steps) {
    return switch (outcome) {
      case Rewrites.Outcome.Same() -> before;
      case Rewrites.Outcome.Other(String topic, int rule) -> {
        steps.add(
            new Step(
                "rewrite", "rewritten", "rule %d makes it '%s' (rewrite)".formatted(rule, topic)));
        yield topic;
      }
      case Rewrites.Outcome.Refused(String why, int _) -> {
        steps.add(new Step("rewrite", "denied", why + " (rewrite)"));
        yield null;
      }
    };
  }

  // ---- PUBLISH

  private Object publish(Call call) {
    ExplainPublish asked = call.body(ExplainPublish.class);
    var check = new Check();
    String topic = check.present("topic", asked.topic(), "");
    check.none("topic", asked.topic() == null ? null : Topics.problemWithName(topic));
    int qos = check.qos("qos", asked.qos(), 0);
    check.throwIfAny();
    boolean retain = Boolean.TRUE.equals(asked.retain());
    List<Step> steps = new ArrayList<>();
    Client client = client(asked.clientId(), asked.username(), asked.address(), steps);
    String written = rewritten(broker.rewrites().ofTopic(topic, client), topic, steps);
    if (written == null) {
      return new Explanation("denied", steps);
    }
    topic = written;
    Rules rules = rules(client);
    Rules.Decision decision = rules.onPublish(client, topic, qos, retain);
    if (!isAllowed(decision, client, rules, "publish", steps)) {
      return new Explanation("denied", steps);
    }
    String problem = problemWith(topic);
    if (problem != null) {
      steps.add(new Step("topic", "denied", problem));
      return new Explanation("denied", steps);
    }
    String meant = DelayedTopic.inner(topic);
    if (!meant.equals(topic)) {
      steps.add(new Step("delay", "kept", "published to '" + meant + "' when the delay is over"));
    }
    if (broker.isDiskFull() && (qos > 0 || retain)) {
      steps.add(
          new Step(
              "store",
              "dropped",
              "the disk is nearly full: what would have to be kept is refused until there is room"
                  + " (limits.disk-reserve-bytes)"));
      return new Explanation("dropped", steps);
    }
    if (retain) {
      steps.add(new Step("retain", "kept", "as the retained message of '" + meant + "'"));
    }
    return new Explanation(deliver(meant, qos, client, steps), steps);
  }

  private static @Nullable String problemWith(String topic) {
    if (topic.startsWith(DelayedTopic.PREFIX)) {
      return DelayedTopic.parse(topic) == null ? "expected " + DelayedTopic.SHAPE : null;
    }
    return Topics.isReserved(topic) ? "only the broker itself publishes there" : null;
  }

  /// @return the outcome
  private static String counted(long count, String what) {
    return count + " " + what + (count == 1 ? "" : "s");
  }

  private String deliver(String topic, int qos, Client publisher, List<Step> steps) {
    Recipients recipients = Answers.await(broker.recipients(topic));
    if (recipients.count() == 0) {
      steps.add(new Step("match", "no-subscriber", "no subscription takes in '" + topic + "'"));
      return "no-subscriber";
    }
    steps.add(
        new Step(
            "match",
            "matched",
            "%s and %s"
                .formatted(
                    counted(recipients.sessionCount(), "session"),
                    counted(recipients.groups().size(), "shared group"))));
    boolean delivered = false;
    boolean queued = false;
    List<String> ids = recipients.sessions().stream().map(Recipients.Recipient::clientId).toList();
    Set<String> heldBack = Answers.await(broker.heldBack(ids, topic));
    for (Recipients.Recipient one : recipients.sessions()) {
      boolean isPublisher = one.clientId().equals(publisher.clientId());
      List<StoredSubscription> taking =
          one.subscriptions().stream().filter(s -> !(isPublisher && s.noLocal())).toList();
      int most = taking.stream().mapToInt(StoredSubscription::qos).max().orElse(0);
      int given = Math.min(qos, most);
      String by = filters(one.subscriptions());
      if (taking.isEmpty()) {
        steps.add(
            new Step(
                "deliver",
                "dropped",
                "not to '%s' by %s: it published it, and wants none of its own (No Local)"
                    .formatted(one.clientId(), by)));
      } else if (heldBack.contains(one.clientId())) {
        steps.add(
            new Step(
                "deliver",
                "denied",
                "not to '%s' by %s: it may subscribe to that, but a rule denies it this topic"
                    .formatted(one.clientId(), by)));
      } else if (one.connected()) {
        delivered = true;
        steps.add(
            new Step(
                "deliver",
                "delivered",
                "to '%s' by %s at QoS %d".formatted(one.clientId(), by, given)));
      } else if (given > 0) {
        queued = true;
        steps.add(
            new Step(
                "deliver",
                "queued",
                "for '%s' by %s at QoS %d: it is away".formatted(one.clientId(), by, given)));
      } else {
        steps.add(
            new Step(
                "deliver",
                "dropped",
                "for '%s' by %s: it is away, and nothing of QoS 0 is kept"
                    .formatted(one.clientId(), by)));
      }
    }
    if (recipients.sessionCount() > recipients.sessions().size()) {
      int more = recipients.sessionCount() - recipients.sessions().size();
      steps.add(new Step("deliver", "more", more + " sessions more"));
    }
    for (SubscriptionFilter group : recipients.groups()) {
      delivered = true;
      steps.add(new Step("shared-group", "delivered", "to one member of '" + group.text() + "'"));
    }
    return delivered ? "delivered" : queued ? "queued" : "dropped";
  }

  private static String filters(List<StoredSubscription> subscriptions) {
    return String.join(
        ", ", subscriptions.stream().map(one -> "'" + one.filter().text() + "'").toList());
  }

  // ---- SUBSCRIBE

  private Object subscribe(Call call) {
    ExplainSubscribe asked = call.body(ExplainSubscribe.class);
    var check = new Check();
    String text = check.present("filter", asked.filter(), "");
    int qos = check.qos("qos", asked.qos(), 0);
    SubscriptionFilter filter = check.filter("filter", asked.filter() == null ? "#" : text);
    check.throwIfAny();
    List<Step> steps = new ArrayList<>();
    Client client = client(asked.clientId(), asked.username(), asked.address(), steps);
    String written = rewritten(broker.rewrites().ofFilter(filter, client), filter.filter(), steps);
    if (written == null) {
      return new Explanation("denied", steps);
    }
    filter = new SubscriptionFilter(filter.kind(), filter.group(), written);
    if (filter.kind() != SubscriptionFilter.Kind.PLAIN) {
      steps.add(
          new Step(
              "filter",
              filter.kind() == SubscriptionFilter.Kind.SHARED ? "shared" : "exclusive",
              "rules are asked for '" + filter.filter() + "'"));
    }
    Rules rules = rules(client);
    Rules.Decision decision = rules.onSubscribe(client, filter.filter(), qos);
    if (!isAllowed(decision, client, rules, "subscribe", steps)) {
      return new Explanation("denied", steps);
    }
    if (rules.forClient(client).checksDelivery(client, filter.filter())) {
      steps.add(
          new Step(
              "delivery",
              "checked",
              "a rule denies a part of what the filter takes in: each message is asked for again"));
    }
    steps.add(new Step("subscribe", "allowed", "granted at QoS " + qos + " at most"));
    return new Explanation("allowed", steps);
  }

  // ---- CONNECT

  private Object connect(Call call) {
    ExplainConnect asked = call.body(ExplainConnect.class);
    List<Step> steps = new ArrayList<>();
    Listener listener = listener(asked.listener());
    steps.add(
        new Step(
            "listener",
            "found",
            listener.name() + " (" + listener.transport() + ") on " + listener.address()));
    Ban ban = broker.ban(identity(asked.clientId(), asked.username(), NOWHERE));
    if (ban != null) {
      steps.add(
          new Step(
              "bans",
              "denied",
              "the %s '%s' is banned".formatted(ban.kind().label(), ban.value())));
      return new Explanation("denied", steps);
    }
    if (!users.isConfigured()) {
      return anonymous(
          listener, "there are no users, so user names and passwords are ignored", steps);
    }
    if (asked.username() == null) {
      return anonymous(listener, "no user name is given", steps);
    }
    boolean known =
        users.namesInFile().contains(asked.username())
            || broker.users().passwordHash(asked.username()) != null;
    steps.add(
        new Step(
            "authentication",
            known ? "allowed" : "denied",
            known
                ? "the user '" + asked.username() + "' is let in with the right password"
                : "there is no user '" + asked.username() + "'"));
    return new Explanation(known ? "allowed" : "denied", steps);
  }

  private static Explanation anonymous(Listener listener, String why, List<Step> steps) {
    boolean allowed = listener.allowAnonymous();
    steps.add(
        new Step(
            "authentication",
            allowed ? "allowed" : "denied",
            why
                + (allowed
                    ? ", and the listener allows anonymous clients"
                    : ", and the listener allows no anonymous clients (allow-anonymous: false)")));
    return new Explanation(allowed ? "allowed" : "denied", steps);
  }

  private Listener listener(@Nullable String name) {
    List<Listener> all = listeners.get();
    for (Listener one : all) {
      if (name == null || one.name().equals(name)) {
        return one;
      }
    }
    throw Failure.invalid("listener", "there is no listener '" + name + "'");
  }
}
