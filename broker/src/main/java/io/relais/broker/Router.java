package io.relais.broker;

import static java.util.Objects.requireNonNull;

import io.relais.protocol.SubscriptionFilter;
import io.relais.storage.DurableSubscriptions;
import java.util.ArrayList;
import java.util.List;

/// Finds where the messages of a topic go. Reads both trees without a lock; what it finds holds as
/// long as neither has moved.
///
/// Owner: none; immutable. Any loop.
final class Router {
  private static final SharedGroup[] NO_GROUPS = {};

  private final SubscriptionTree connected;
  private final DurableSubscriptions durable;
  private final int loops;

  Router(SubscriptionTree connected, DurableSubscriptions durable, int loops) {
    this.connected = connected;
    this.durable = durable;
    this.loops = loops;
  }

  boolean isValid(Route route) {
    return route.version() == connected.version() && route.durableVersion() == durable.version();
  }

  Route route(String topic, byte[] topicBytes) {
    // Versions first: a tree that moves meanwhile makes a route that is found stale next time.
    long version = connected.version();
    long durableVersion = durable.version();
    List<List<Subscribers>> lists = new ArrayList<>(loops);
    for (int i = 0; i < loops; i++) {
      lists.add(new ArrayList<>());
    }
    List<SharedGroup> groups = new ArrayList<>();
    connected.match(
        topic,
        leaf -> {
          for (int i = 0; i < loops; i++) {
            Subscribers there = leaf.byLoop()[i];
            if (there != null) {
              lists.get(i).add(there);
            }
          }
          groups.addAll(List.of(leaf.groups()));
        });
    Subscribers[] @org.jspecify.annotations.Nullable [] byLoop = new Subscribers[loops][];
    for (int i = 0; i < loops; i++) {
      byLoop[i] = lists.get(i).isEmpty() ? null : lists.get(i).toArray(Subscribers[]::new);
    }
    boolean[] queued = new boolean[groups.size()];
    for (int i = 0; i < queued.length; i++) {
      SubscriptionFilter filter = groups.get(i).filter;
      queued[i] = durable.hasQueue(filter.filter(), requireNonNull(filter.group()));
    }
    return new Route(
        topic,
        topicBytes,
        version,
        durableVersion,
        byLoop,
        groups.isEmpty() ? NO_GROUPS : groups.toArray(NO_GROUPS),
        queued,
        durable.qosMax(topic),
        use(topic));
  }

  private static Route.Use use(String topic) {
    if (topic.isEmpty() || topic.charAt(0) != '$') {
      return Route.Use.ORDINARY;
    }
    if (topic.startsWith("$delayed/")) {
      return Route.Use.DELAYED;
    }
    return isReserved(topic) ? Route.Use.RESERVED : Route.Use.ORDINARY;
  }

  /// Whether only the broker itself publishes to this topic.
  static boolean isReserved(String topic) {
    return topic.equals("$SYS")
        || topic.startsWith("$SYS/")
        || topic.startsWith("$events/")
        || topic.startsWith("$queue/")
        || topic.startsWith("$replay/");
  }
}
