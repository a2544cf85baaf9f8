package io.relais.storage;

import io.relais.protocol.SubscriptionFilter;
import java.util.HashMap;
import java.util.Map;

/// The queue of a shared group that has a persistent member: what waits there is handed out to
/// members one by one, and returns if its member goes. An *orphaned* one has lost its last
/// persistent member while something waited, and ends when it is empty.
///
/// What returns goes in front, under a sequence that was never used: what somebody still has to say
/// of an earlier one must not meet it. So those sequences fall, by a number that only grows.
///
/// Owner: the applier, but for the final fields and `qosMax`, which any thread may read.
final class SharedQueue {
  /// Its first sequence, so that there is room in front for what returns.
  static final long FIRST_SEQUENCE = 1L << 62;

  final SubscriptionFilter filter;
  final Queue queue;
  final Map<String, StoredSubscription> members = new HashMap<>();
  volatile int qosMax = 2;

  SharedQueue(SubscriptionFilter filter, Queue queue) {
    this.filter = filter;
    this.queue = queue;
    queue.read(true);
  }

  void put(String clientId, StoredSubscription subscription) {
    members.put(clientId, subscription);
    refresh();
  }

  void remove(String clientId) {
    members.remove(clientId);
    refresh();
  }

  boolean isOrphaned() {
    return members.isEmpty();
  }

  private void refresh() {
    // An orphaned one takes what is published meanwhile, in its order.
    qosMax = members.values().stream().mapToInt(StoredSubscription::qos).max().orElse(2);
  }
}
