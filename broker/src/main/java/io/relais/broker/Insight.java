package io.relais.broker;

import io.relais.cluster.SyncTimes;
import io.relais.cluster.TimeCounts;
import io.relais.protocol.SubscriptionFilter;
import io.relais.protocol.Topics;
import io.relais.storage.Command;
import io.relais.storage.DelayedMessage;
import io.relais.storage.KeptSession;
import io.relais.storage.Message;
import io.relais.storage.Outcome;
import io.relais.storage.QueueEntry;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableSet;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicIntegerArray;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/// What operators measure of a broker, and lists that they look through: slow subscribers, meters
/// of topics, filters, delayed messages, what is in flight. Asked on any thread, like
/// [Administration].
///
/// Owner: the broker.
public final class Insight {
  private final Services services;
  private final Administration administration;
  private volatile SlowLimits slowLimits =
      new SlowLimits(Duration.ZERO, 100, Duration.ofMinutes(5));

  Insight(Services services, Administration administration) {
    this.services = services;
    this.administration = administration;
  }

  // ---- how it goes

  public SyncTimes syncs() {
    return services.door().syncs();
  }

  /// From a PUBLISH to its PUBACK or PUBREC where that waited for the store: a sample, by loop.
  public List<TimeCounts> ackTimes() {
    return services.loops().stream().map(Loop::ackTimes).toList();
  }

  public int loops() {
    return services.loops().size();
  }

  /// Connections, those that have not said CONNECT yet too.
  public int connections() {
    return services.connectionCount().get();
  }

  public int connectionsMax() {
    return services.settings().connectionsMax();
  }

  /// Tells when a loop, or behind the last of them the applier, comes to what it was just handed.
  ///
  /// @param index of the loop, or [#loops()]
  public CompletableFuture<?> reach(int index) {
    if (index == loops()) {
      return administration.look(state -> Boolean.TRUE);
    }
    return CompletableFuture.runAsync(() -> {}, services.loops().get(index).eventLoop());
  }

  /// Publishes an event of the broker's own, at QoS 0, if events are on.
  ///
  /// @param topic that begins with `$events/`
  public void announce(String topic, byte[] payload) {
    if (!services.settings().events()) {
      return;
    }
    Loop loop = services.loops().getFirst();
    try {
      loop.eventLoop()
          .execute(() -> loop.publish(Message.of(topic, payload, 0, false), false, List.of()));
    } catch (RejectedExecutionException e) {
      throw new IllegalStateException("The broker ends", e);
    }
  }

  // ---- slow subscribers

  /// From now on subscribers are watched by these limits; what was seen is forgotten.
  public void watch(SlowLimits limits) {
    slowLimits = limits;
    for (Loop loop : services.loops()) {
      loop.eventLoop().execute(() -> loop.slow().limit(limits));
    }
  }

  public SlowLimits slowLimits() {
    return slowLimits;
  }

  /// The slow ones of each loop, in no order.
  public CompletableFuture<List<SlowSubscriber>> slowSubscribers() {
    return administration
        .gather(loop -> loop.slow().worst(administration.logTimeMillis()))
        .thenCompose(
            slow -> {
              List<String> ids = slow.stream().map(SlowSubscriber::clientId).toList();
              return administration
                  .look(state -> Administration.kept(state, ids))
                  .thenApply(kept -> slow.stream().map(one -> behind(one, kept)).toList());
            });
  }

  /// A loop knows how far the numbers in a queue have come, not what of it was dropped.
  private static SlowSubscriber behind(SlowSubscriber one, Map<String, KeptSession> kept) {
    KeptSession session = kept.get(one.clientId());
    return session == null
        ? one
        : one.withStored(Math.max(0, session.queuedMessages() - one.inFlightMessages()));
  }

  public CompletableFuture<?> forgetSlowSubscribers() {
    return administration.gather(
        loop -> {
          loop.slow().clear();
          return List.of();
        });
  }

  // ---- meters

  /// Counts messages on these topics from now on.
  public TopicMeter meter(String filter) {
    var meter = new TopicMeter(filter, services.loops().size());
    services.tree().add(meter);
    tellLoops();
    return meter;
  }

  public void drop(TopicMeter meter) {
    services.tree().remove(meter);
    tellLoops();
  }

  private void tellLoops() {
    for (Loop loop : services.loops()) {
      loop.eventLoop()
          .execute(
              () -> loop.delivery().meterBy(services.tree().hasMeters() ? loop.routes() : null));
    }
  }

  // ---- filters

  /// Filters that somebody subscribed, sorted.
  ///
  /// @param wanted of a filter, as [FilterState] has it
  /// @param after the last of the page before; null: from the first
  public CompletableFuture<Page<FilterState>> filters(
      Predicate<String> wanted, @Nullable String after, int limit) {
    List<String> filters = firstFilters(wanted, after, limit + 1);
    List<String> some = filters.subList(0, Math.min(limit, filters.size()));
    String next = filters.size() > limit ? some.getLast() : null;
    var counts = new AtomicIntegerArray(some.size());
    return administration
        .gather(
            loop -> {
              countTransient(loop, some, counts);
              return List.<FilterState>of();
            })
        .thenApply(
            counted -> {
              List<FilterState> states = new ArrayList<>(some.size());
              for (int i = 0; i < some.size(); i++) {
                SubscriptionFilter filter = parse(some.get(i));
                int kept = services.door().durable().count(filter.filter(), filter.group());
                int others = counts.get(i);
                SharedGroup group = filter.group() == null ? null : services.tree().group(filter);
                if (group != null) {
                  others = group.transientMembers();
                }
                states.add(new FilterState(some.get(i), kept + others, kept));
              }
              return new Page<>(states, next);
            });
  }

  private static SubscriptionFilter parse(String text) {
    int share = text.startsWith("$share/") ? text.indexOf('/', "$share/".length()) : -1;
    return share < 0
        ? new SubscriptionFilter(SubscriptionFilter.Kind.PLAIN, null, text)
        : new SubscriptionFilter(
            SubscriptionFilter.Kind.SHARED,
            text.substring("$share/".length(), share),
            text.substring(share + 1));
  }

  private void countTransient(Loop loop, List<String> filters, AtomicIntegerArray counts) {
    for (int i = 0; i < filters.size(); i++) {
      SubscriptionTree.Leaf leaf = services.tree().leaf(filters.get(i));
      Subscribers list = leaf == null ? null : leaf.byLoop()[loop.index()];
      for (int k = 0; list != null && k < list.size(); k++) {
        counts.addAndGet(i, list.get(k).session.isPersistent() ? 0 : 1);
      }
    }
  }

  private List<String> firstFilters(Predicate<String> wanted, @Nullable String after, int most) {
    var first = new TreeSet<String>();
    services
        .tree()
        .forEach(
            (filter, leaf) -> {
              for (SharedGroup group : leaf.groups()) {
                offer(first, group.filter.text(), wanted, after, most);
              }
              for (Subscribers list : leaf.byLoop()) {
                if (list != null) {
                  offer(first, filter, wanted, after, most);
                }
              }
            });
    services
        .door()
        .durable()
        .forEachFilter((filter, count) -> offer(first, filter, wanted, after, most));
    return List.copyOf(first);
  }

  private static void offer(
      NavigableSet<String> first,
      String filter,
      Predicate<String> wanted,
      @Nullable String after,
      int most) {
    String last = first.size() < most ? null : first.last();
    if ((after == null || filter.compareTo(after) > 0)
        && (last == null || filter.compareTo(last) < 0)
        && wanted.test(filter)
        && first.add(filter)
        && first.size() > most) {
      var _ = first.pollLast();
    }
  }

  /// Whether a filter as [FilterState] has it takes in a topic.
  public static boolean takesIn(String filter, String topic) {
    return Topics.matches(parse(filter).filter(), topic);
  }

  // ---- sessions and messages

  /// Sessions that are kept, by client id.
  ///
  /// @param connected whether their clients are to be connected; null: either
  public CompletableFuture<Page<KeptSession>> sessions(
      @Nullable Boolean connected, Predicate<String> wanted, @Nullable String after, int limit) {
    Predicate<String> all =
        id ->
            services.door().hasSession(id)
                && wanted.test(id)
                && (connected == null || connected == (services.directory().get(id) != null));
    List<String> ids = administration.ids(all, after, limit + 1);
    List<String> some = ids.subList(0, Math.min(limit, ids.size()));
    String next = ids.size() > limit ? some.getLast() : null;
    return administration
        .look(state -> Administration.kept(state, some))
        .thenApply(
            kept ->
                new Page<>(some.stream().filter(kept::containsKey).map(kept::get).toList(), next));
  }

  public boolean isConnected(String clientId) {
    return services.directory().get(clientId) != null;
  }

  /// Messages that wait for their time, in the order in which they came.
  public CompletableFuture<List<DelayedMessage>> delayed(long afterId, int limit) {
    return administration.look(state -> state.readDelayed(afterId, limit));
  }

  public CompletableFuture<Outcome> dropDelayed(long id) {
    return administration.submit(new Command.DropDelayed(id));
  }

  /// What a client was sent and has not acknowledged, the oldest first.
  ///
  /// @return null: it is not connected
  public CompletableFuture<@Nullable List<InFlight>> inFlight(String clientId) {
    return administration
        .onLoops(List.of(clientId), session -> session.outbound().inFlight(65_535))
        .thenApply(found -> found.get(clientId));
  }

  /// The messages of a persistent session's queue by sequence.
  public CompletableFuture<Map<Long, QueueEntry>> entries(String clientId, List<Long> sequences) {
    return administration.look(
        state -> {
          Map<Long, QueueEntry> found = new HashMap<>();
          long next = Long.MIN_VALUE;
          for (long sequence : sequences) {
            if (sequence >= next && !found.containsKey(sequence)) {
              for (QueueEntry entry : state.readQueue(clientId, sequence, 64, 1 << 20)) {
                found.put(entry.sequence(), entry);
                next = entry.sequence() + 1;
              }
            }
          }
          return found;
        });
  }
}
