package io.relais.broker;

import static java.util.Objects.requireNonNull;

import io.relais.protocol.DelayedTopic;
import io.relais.protocol.SubscriptionFilter;
import io.relais.protocol.Topics;
import io.relais.storage.DurableSubscriptions;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Finds where the messages of a topic go. Reads both trees without a lock; what it finds holds as
/// long as neither has moved.
///
/// Owner: none; immutable. Any loop.
final class Router {
  private static final SharedGroup[] NO_GROUPS = {};

  private final SubscriptionTree connected;
  private final DurableSubscriptions durable;
  private final int loops;
  private final List<AckRule> ackRules;

  Router(
      SubscriptionTree connected, DurableSubscriptions durable, int loops, List<AckRule> ackRules) {
    this.connected = connected;
    this.durable = durable;
    this.loops = loops;
    this.ackRules = ackRules;
  }

  boolean isValid(Route route) {
    return route.version() == connected.version() && route.durableVersion() == durable.version();
  }

  /// The connected members of a shared group; null: there is none.
  @Nullable SharedGroup group(SubscriptionFilter shared) {
    return connected.group(shared);
  }

  /// Somebody does not get a message.
  ///
  /// @param row of the loop
  void meterDrop(String topic, int row) {
    connected.meterDrop(topic, row);
  }

  Route route(String topic, byte[] topicBytes) {
    return route(topic, topicBytes, ackLevel(topic));
  }

  /// The same topic's route as it is now.
  Route renewed(Route stale) {
    return route(stale.topic(), stale.topicBytes(), stale.ackLevel());
  }

  private Route route(String topic, byte[] topicBytes, @Nullable AckLevel ackLevel) {
    // Versions first: a tree that moves meanwhile makes a route that is found stale next time.
    long version = connected.version();
    long durableVersion = durable.version();
    List<SubscriptionTree.Leaf> leaves = new ArrayList<>(4);
    connected.match(topic, leaves::add);
    Subscribers[] @Nullable [] byLoop = new Subscribers[loops][];
    for (int i = 0; i < loops; i++) {
      byLoop[i] = lists(leaves, i);
    }
    List<SharedGroup> groups = groups(leaves);
    boolean[] queued = new boolean[groups.size()];
    int durableQosMax = -1;
    for (int i = 0; i < queued.length; i++) {
      SubscriptionFilter filter = groups.get(i).filter;
      queued[i] = durable.hasQueue(filter.filter(), requireNonNull(filter.group()));
      if (queued[i]) {
        // The queue may go before the next look. Then too the store is asked, which says so, and
        // who is left in the group gets the message.
        durableQosMax = 2;
      }
    }
    durableQosMax = Math.max(durableQosMax, durable.qosMax(topic));
    return new Route(
        topic,
        topicBytes,
        version,
        durableVersion,
        byLoop,
        groups.isEmpty() ? NO_GROUPS : groups.toArray(NO_GROUPS),
        queued,
        taps(leaves),
        meters(leaves),
        watches(leaves),
        durableQosMax,
        use(topic),
        ackLevel);
  }

  private static Subscribers @Nullable [] lists(List<SubscriptionTree.Leaf> leaves, int loop) {
    Subscribers @Nullable [] lists = null;
    int count = 0;
    for (int i = 0; i < leaves.size(); i++) {
      Subscribers there = leaves.get(i).byLoop()[loop];
      if (there != null) {
        lists = lists == null ? new Subscribers[leaves.size() - i] : lists;
        lists[count++] = there;
      }
    }
    return lists == null || count == lists.length ? lists : Arrays.copyOf(lists, count);
  }

  private static List<SharedGroup> groups(List<SubscriptionTree.Leaf> leaves) {
    List<SharedGroup> groups = List.of();
    for (SubscriptionTree.Leaf leaf : leaves) {
      if (leaf.groups().length > 0) {
        groups = groups.isEmpty() ? new ArrayList<>() : groups;
        groups.addAll(Arrays.asList(leaf.groups()));
      }
    }
    return groups;
  }

  private static Tap[] taps(List<SubscriptionTree.Leaf> leaves) {
    List<Tap> taps = List.of();
    for (SubscriptionTree.Leaf leaf : leaves) {
      for (Tap tap : leaf.taps()) {
        if (!(tap instanceof WatchedTopics)) {
          taps = taps.isEmpty() ? new ArrayList<>() : taps;
          taps.add(tap);
        }
      }
    }
    return taps.isEmpty() ? SubscriptionTree.NO_TAPS : taps.toArray(SubscriptionTree.NO_TAPS);
  }

  private static TopicMeter @Nullable [] meters(List<SubscriptionTree.Leaf> leaves) {
    List<TopicMeter> meters = List.of();
    for (SubscriptionTree.Leaf leaf : leaves) {
      if (leaf.meters().length > 0) {
        meters = meters.isEmpty() ? new ArrayList<>() : meters;
        meters.addAll(Arrays.asList(leaf.meters()));
      }
    }
    return meters.isEmpty() ? null : meters.toArray(TopicMeter[]::new);
  }

  private static Watch[] watches(List<SubscriptionTree.Leaf> leaves) {
    List<Watch> watches = List.of();
    for (SubscriptionTree.Leaf leaf : leaves) {
      for (Tap tap : leaf.taps()) {
        if (tap instanceof WatchedTopics(Watch watch)) {
          watches = watches.isEmpty() ? new ArrayList<>() : watches;
          watches.add(watch);
        }
      }
    }
    return watches.isEmpty() ? Watches.NONE : watches.toArray(Watches.NONE);
  }

  private @Nullable AckLevel ackLevel(String topic) {
    String named = DelayedTopic.inner(topic); // a delayed message counts as what it will be
    for (AckRule rule : ackRules) {
      if (Topics.matches(rule.filter(), named)) {
        return rule.level();
      }
    }
    return null;
  }

  private static Route.Use use(String topic) {
    if (topic.isEmpty() || topic.charAt(0) != '$') {
      return Route.Use.ORDINARY;
    }
    if (topic.startsWith(DelayedTopic.PREFIX)) {
      return Route.Use.DELAYED;
    }
    return Topics.isReserved(topic) ? Route.Use.RESERVED : Route.Use.ORDINARY;
  }
}
