package io.relais.broker;

import io.relais.protocol.SubscriptionFilter;
import io.relais.protocol.TopicTree;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// The subscriptions of connected sessions: for each filter the lists of the loops that have
/// subscribers, the shared groups, and the taps. A loop's list comes and goes here; who is in it is
/// the loop's own affair, so that 10,000 subscribers of one filter are one entry for each loop, and
/// routes stay valid while they come and go.
///
/// Owner: loops, and who taps, write under this object's lock, all read without one.
final class SubscriptionTree {
  static final Tap[] NO_TAPS = {};
  private static final TopicMeter[] NO_METERS = {};
  private static final SharedGroup[] NO_GROUPS = {};

  /// What stands at a filter; immutable, replaced as a whole.
  record Leaf(
      @Nullable Subscribers[] byLoop, SharedGroup[] groups, Tap[] taps, TopicMeter[] meters) {}

  private final TopicTree<Leaf> tree = new TopicTree<>();
  private final int loops;
  private final SharedPolicy policy;
  private volatile int metersInAll;

  SubscriptionTree(int loops, SharedPolicy policy) {
    this.loops = loops;
    this.policy = policy;
  }

  long version() {
    return tree.version();
  }

  private Leaf empty() {
    return new Leaf(new Subscribers[loops], NO_GROUPS, NO_TAPS, NO_METERS);
  }

  /// Any thread, as is its counterpart.
  synchronized void add(String filter, Tap tap) {
    Leaf there = tree.get(filter);
    Leaf leaf = there == null ? empty() : there;
    Tap[] taps = Arrays.copyOf(leaf.taps, leaf.taps.length + 1);
    taps[leaf.taps.length] = tap;
    tree.put(filter, new Leaf(leaf.byLoop, leaf.groups, taps, leaf.meters));
  }

  synchronized void remove(String filter, Watch watch) {
    Leaf leaf = tree.get(filter);
    if (leaf != null) {
      for (Tap tap : leaf.taps) {
        if (tap instanceof WatchedTopics(Watch other) && other == watch) {
          remove(filter, tap);
        }
      }
    }
  }

  synchronized void remove(String filter, Tap tap) {
    Leaf leaf = tree.get(filter);
    if (leaf != null) {
      Tap[] taps = Arrays.stream(leaf.taps).filter(other -> other != tap).toArray(Tap[]::new);
      put(filter, new Leaf(leaf.byLoop, leaf.groups, taps, leaf.meters));
    }
  }

  /// Any thread, as is its counterpart.
  synchronized void add(TopicMeter meter) {
    Leaf there = tree.get(meter.filter());
    Leaf leaf = there == null ? empty() : there;
    TopicMeter[] meters = Arrays.copyOf(leaf.meters, leaf.meters.length + 1);
    meters[leaf.meters.length] = meter;
    tree.put(meter.filter(), new Leaf(leaf.byLoop, leaf.groups, leaf.taps, meters));
    metersInAll++;
  }

  synchronized void remove(TopicMeter meter) {
    Leaf leaf = tree.get(meter.filter());
    if (leaf != null) {
      TopicMeter[] meters =
          Arrays.stream(leaf.meters).filter(other -> other != meter).toArray(TopicMeter[]::new);
      metersInAll -= leaf.meters.length - meters.length;
      put(meter.filter(), new Leaf(leaf.byLoop, leaf.groups, leaf.taps, meters));
    }
  }

  /// The list of this loop at this filter, made where there is none. On the loop.
  synchronized Subscribers attach(String filter, int loop) {
    Leaf leaf = tree.get(filter);
    Subscribers there = leaf == null ? null : leaf.byLoop[loop];
    if (there != null) {
      return there;
    }
    var list = new Subscribers();
    Leaf before = leaf == null ? empty() : leaf;
    @Nullable Subscribers[] byLoop = before.byLoop.clone();
    byLoop[loop] = list;
    tree.put(filter, new Leaf(byLoop, before.groups, before.taps, before.meters));
    return list;
  }

  /// Takes an empty list out. On the loop.
  synchronized void detach(String filter, int loop) {
    Leaf leaf = tree.get(filter);
    if (leaf == null) {
      return;
    }
    @Nullable Subscribers[] byLoop = leaf.byLoop.clone();
    byLoop[loop] = null;
    put(filter, new Leaf(byLoop, leaf.groups, leaf.taps, leaf.meters));
  }

  synchronized void join(Subscriber member) {
    SubscriptionFilter shared = member.subscription.filter();
    String filter = shared.filter();
    Leaf leaf = tree.get(filter);
    if (leaf == null) {
      leaf = empty();
    }
    for (SharedGroup there : leaf.groups) {
      if (there.filter.equals(shared)) {
        there.join(member);
        return;
      }
    }
    var made = new SharedGroup(shared, policy);
    made.join(member);
    SharedGroup[] groups = Arrays.copyOf(leaf.groups, leaf.groups.length + 1);
    groups[leaf.groups.length] = made;
    tree.put(filter, new Leaf(leaf.byLoop, groups, leaf.taps, leaf.meters));
  }

  synchronized void leave(Subscriber member) {
    SubscriptionFilter shared = member.subscription.filter();
    String filter = shared.filter();
    Leaf leaf = tree.get(filter);
    if (leaf == null) {
      return;
    }
    List<SharedGroup> groups = new ArrayList<>(List.of(leaf.groups));
    for (SharedGroup there : leaf.groups) {
      if (there.filter.equals(shared)) {
        there.leave(member);
        if (there.isEmpty()) {
          groups.remove(there);
          put(filter, new Leaf(leaf.byLoop, groups.toArray(NO_GROUPS), leaf.taps, leaf.meters));
        }
        return;
      }
    }
  }

  /// The connected members of a shared group; null: there is none. Any thread.
  @Nullable SharedGroup group(SubscriptionFilter shared) {
    Leaf leaf = tree.get(shared.filter());
    if (leaf != null) {
      for (SharedGroup there : leaf.groups) {
        if (there.filter.equals(shared)) {
          return there;
        }
      }
    }
    return null;
  }

  private void put(String filter, Leaf leaf) {
    boolean empty = leaf.groups.length == 0 && leaf.taps.length == 0 && leaf.meters.length == 0;
    for (Subscribers list : leaf.byLoop) {
      empty &= list == null;
    }
    if (empty) {
      tree.remove(filter);
    } else {
      tree.put(filter, leaf);
    }
  }

  /// Somebody does not get a message.
  void meterDrop(String topic, int row) {
    if (metersInAll > 0) {
      match(
          topic,
          leaf -> {
            for (TopicMeter meter : leaf.meters) {
              meter.dropped(row);
            }
          });
    }
  }

  boolean hasMeters() {
    return metersInAll > 0;
  }

  /// Each filter that has something, in no order; any thread.
  void forEach(java.util.function.BiConsumer<String, Leaf> visitor) {
    tree.forEach(visitor);
  }

  @Nullable Leaf leaf(String filter) {
    return tree.get(filter);
  }

  void match(String topic, java.util.function.Consumer<? super Leaf> found) {
    tree.match(topic, found);
  }
}
