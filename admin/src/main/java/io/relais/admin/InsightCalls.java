package io.relais.admin;

import io.relais.api.Alarm;
import io.relais.api.DelayedMessage;
import io.relais.api.InFlightMessage;
import io.relais.api.Items;
import io.relais.api.KeptSession;
import io.relais.api.Role;
import io.relais.api.SlowSubscriber;
import io.relais.api.Topic;
import io.relais.api.TopicMetrics;
import io.relais.api.TopicMetricsRequest;
import io.relais.broker.Administration;
import io.relais.broker.FilterState;
import io.relais.broker.InFlight;
import io.relais.broker.Insight;
import io.relais.broker.Page;
import io.relais.protocol.Topics;
import io.relais.storage.Command;
import io.relais.storage.QueueEntry;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/// Who is slow, what is counted by topic, which filters there are, what waits, and alarms.
final class InsightCalls {
  private static final int IN_FLIGHT_MAX = 65_535;
  private static final String BY_LATENCY = "latency";
  private static final String BY_GROWTH = "growth";

  private final Administration broker;
  private final TopicWatch topics;
  private final Alarms alarms;
  private final AlarmLog alarmLog;
  private final Audit audit;

  InsightCalls(
      Administration broker, TopicWatch topics, Alarms alarms, AlarmLog alarmLog, Audit audit) {
    this.broker = broker;
    this.topics = topics;
    this.alarms = alarms;
    this.alarmLog = alarmLog;
    this.audit = audit;
  }

  void addTo(Operations operations) {
    operations
        .get("/api/v1/slow-subscribers", Role.VIEWER, "Subscribers that are slow, the worst first")
        .query("by", String.class, "latency (default) or growth, of what waits")
        .givesPageOf(SlowSubscriber.class)
        .by(this::slow);
    operations
        .delete("/api/v1/slow-subscribers", Role.OPERATOR, "Forgets who was slow")
        .by(this::forgetSlow);
    operations
        .get("/api/v1/topic-metrics", Role.VIEWER, "What is counted by topic, by filter")
        .givesPageOf(TopicMetrics.class)
        .by(call -> Pages.of(topics.filters(), call, topics::get));
    operations
        .post("/api/v1/topic-metrics", Role.OPERATOR, "Counts the messages on some topics")
        .takes(TopicMetricsRequest.class)
        .gives(TopicMetrics.class)
        .creates()
        .by(this::count);
    operations
        .delete("/api/v1/topic-metrics/{filter}", Role.OPERATOR, "Counts them no more")
        .by(this::countNoMore);
    operations
        .get("/api/v1/topics", Role.VIEWER, "Filters that somebody subscribed, sorted")
        .query("filter", String.class, "Only those that hold this text")
        .query("topic", String.class, "Only those that take in this topic")
        .givesPageOf(Topic.class)
        .by(this::filters);
    operations
        .get("/api/v1/delayed", Role.OPERATOR, "Messages that wait for their time, as they came")
        .givesPageOf(DelayedMessage.class)
        .by(this::delayed);
    operations
        .delete("/api/v1/delayed/{id}", Role.OPERATOR, "Removes a message that waits for its time")
        .by(this::dropDelayed);
    operations
        .get(
            "/api/v1/clients/{clientId}/in-flight",
            Role.OPERATOR,
            "What a client was sent and has not acknowledged, the oldest first")
        .givesPageOf(InFlightMessage.class)
        .by(this::inFlight);
    operations
        .get("/api/v1/sessions", Role.VIEWER, "Sessions that outlive their connections, by client")
        .query("connected", boolean.class, "Only those whose client is connected, or is away")
        .query("filter", String.class, "Only client ids that hold this text, in any letter case")
        .givesPageOf(KeptSession.class)
        .by(this::sessions);
    operations
        .get("/api/v1/alarms", Role.VIEWER, "Alarms that are active, the oldest first")
        .givesPageOf(Alarm.class)
        .by(this::active);
    operations
        .get("/api/v1/alarms/history", Role.VIEWER, "Alarms that are or were, the newest first")
        .givesPageOf(Alarm.class)
        .by(call -> Pages.of(alarmLog.newestFirst(), call, alarmLog::get));
  }

  // ---- slow subscribers

  private Object slow(Call call) {
    String by = call.query("by") == null ? BY_LATENCY : String.valueOf(call.query("by"));
    new Check()
        .require(
            by.equals(BY_LATENCY) || by.equals(BY_GROWTH),
            "by",
            "is '" + by + "' and must be latency or growth")
        .throwIfAny();
    Comparator<io.relais.broker.SlowSubscriber> order =
        by.equals(BY_GROWTH)
            ? Comparator.comparingDouble(io.relais.broker.SlowSubscriber::growthPerSecond)
            : Comparator.comparingLong(io.relais.broker.SlowSubscriber::latencyMillis);
    List<SlowSubscriber> items =
        Answers.await(broker.insight().slowSubscribers()).stream()
            .sorted(order.reversed().thenComparing(io.relais.broker.SlowSubscriber::clientId))
            .limit(Math.min(call.limit(), topMax()))
            .map(InsightCalls::told)
            .toList();
    return new Items<>(items, null);
  }

  private int topMax() {
    return broker.insight().slowLimits().count();
  }

  private static SlowSubscriber told(io.relais.broker.SlowSubscriber one) {
    return new SlowSubscriber(
        one.clientId(),
        one.times() == 0 ? null : one.latencyMillis(),
        one.topic(),
        one.times(),
        one.waitingMessages(),
        one.inFlightMessages(),
        one.growth(),
        one.growthPerSecond(),
        Instant.ofEpochMilli(one.atMillis()));
  }

  private @Nullable Object forgetSlow(Call call) {
    Answers.await(broker.insight().forgetSlowSubscribers());
    audit.note(call, null, null);
    return null;
  }

  // ---- counts by topic

  private Object count(Call call) {
    String given = call.body(TopicMetricsRequest.class).filter();
    var check = new Check();
    String filter = check.present("filter", given, "");
    check.none("filter", given == null ? null : Topics.problemWithFilter(filter));
    check.require(
        !filter.startsWith("$share/") && !filter.startsWith("$exclusive/"),
        "filter",
        "is that of a subscription; leave out what stands before its own filter");
    check.throwIfAny();
    TopicMetrics made = topics.add(filter, call.caller().name());
    audit.note(call, null, Map.of("filter", filter));
    return made;
  }

  private @Nullable Object countNoMore(Call call) {
    String filter = call.path("filter");
    if (topics.remove(filter) == null) {
      throw Failure.notFound("'" + filter + "' is not counted");
    }
    audit.note(call, Map.of("filter", filter), null);
    return null;
  }

  // ---- filters, sessions, what waits

  private Object filters(Call call) {
    String text = call.query("filter");
    String topic = call.query("topic");
    new Check().none("topic", topic == null ? null : Topics.problemWithName(topic)).throwIfAny();
    Predicate<String> holds = text == null ? filter -> true : filter -> filter.contains(text);
    Predicate<String> takesIn =
        topic == null ? filter -> true : filter -> Insight.takesIn(filter, topic);
    Page<FilterState> page =
        Answers.await(broker.insight().filters(holds.and(takesIn), call.cursor(), call.limit()));
    return new Items<>(
        page.items().stream()
            .map(one -> new Topic(one.filter(), one.subscribers(), one.kept()))
            .toList(),
        Call.cursor(page.next()));
  }

  private Object sessions(Call call) {
    Boolean connected = call.query("connected") == null ? null : call.flag("connected");
    Page<io.relais.storage.KeptSession> page =
        Answers.await(
            broker
                .insight()
                .sessions(connected, call.holding("filter"), call.cursor(), call.limit()));
    return new Items<>(page.items().stream().map(this::told).toList(), Call.cursor(page.next()));
  }

  private KeptSession told(io.relais.storage.KeptSession one) {
    return new KeptSession(
        one.clientId(),
        broker.insight().isConnected(one.clientId()),
        one.expirySeconds() == Command.NEVER ? null : one.expirySeconds(),
        one.endsAtMillis() <= 0 || one.endsAtMillis() == Long.MAX_VALUE
            ? null
            : Instant.ofEpochMilli(one.endsAtMillis()),
        one.subscriptions().size(),
        one.queuedMessages(),
        one.queuedBytes(),
        one.hasWill());
  }

  private Object delayed(Call call) {
    return Pages.first(
        Answers.await(broker.insight().delayed(call.cursor(0), call.limit() + 1)),
        call,
        one -> Long.toString(one.id()),
        InsightCalls::told);
  }

  private static DelayedMessage told(io.relais.storage.DelayedMessage one) {
    Payloads.Told payload = Payloads.tell(one.message().payload());
    return new DelayedMessage(
        Long.toString(one.id()),
        one.message().topic(),
        payload.payload(),
        payload.encoding(),
        one.message().qos(),
        one.message().retain(),
        Instant.ofEpochMilli(one.dueAtMillis()));
  }

  private @Nullable Object dropDelayed(Call call) {
    String id = call.path("id");
    boolean found =
        id.matches("[0-9]{1,18}")
            && Answers.found(broker.insight().dropDelayed(Long.parseLong(id)));
    if (!found) {
      throw Failure.notFound("No message waits under the id '" + id + "'");
    }
    audit.note(call, Map.of("id", id), null);
    return null;
  }

  private Object inFlight(Call call) {
    String clientId = call.path("clientId");
    if (Answers.await(broker.client(clientId)) == null) {
      throw Failure.notFound("There is no client '" + clientId + "'");
    }
    long after = call.cursor(Long.MIN_VALUE);
    int limit = call.limit();
    List<InFlight> all = Answers.await(broker.insight().inFlight(clientId));
    List<InFlight> found =
        (all == null ? List.<InFlight>of() : all)
            .stream()
                .filter(one -> one.sequence() > after)
                .limit(Math.min(limit + 1, IN_FLIGHT_MAX))
                .toList();
    List<InFlight> page = found.subList(0, Math.min(limit, found.size()));
    Map<Long, QueueEntry> entries =
        Answers.await(
            broker.insight().entries(clientId, page.stream().map(InFlight::sequence).toList()));
    return new Items<>(
        page.stream().map(one -> told(one, entries.get(one.sequence()))).toList(),
        found.size() > limit ? Call.cursor(Long.toString(page.getLast().sequence())) : null);
  }

  private static InFlightMessage told(InFlight one, @Nullable QueueEntry entry) {
    return new InFlightMessage(
        one.sequence(),
        one.packetId(),
        one.qos(),
        one.released() ? "released" : "sent",
        entry == null ? null : entry.message().topic());
  }

  // ---- alarms

  private Object active(Call call) {
    String after = call.cursor();
    List<Alarm> found =
        alarms.active().stream()
            .filter(one -> after == null || one.id().compareTo(after) > 0)
            .limit(call.limit() + 1L)
            .toList();
    return Pages.first(found, call, Alarm::id, one -> one);
  }
}
