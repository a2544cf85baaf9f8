package io.relais.storage;

import io.relais.protocol.SubscriptionFilter;
import java.util.HashMap;
import java.util.Map;

/// The queue of a shared group that has a persistent member: what waits there is handed out to
/// members one by one, and returns if its member goes.
///
/// Owner: the applier, but for the final fields and `qosMax`, which any thread may read.
final class SharedQueue {
  /// Its first sequence, so that there is room in front for what returns.
  static final long FIRST_SEQUENCE = 1L << 40;

  final SubscriptionFilter filter;
  final Queue queue;
  final Map<String, StoredSubscription> members = new HashMap<>();
  volatile int qosMax;

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

  private void refresh() {
    qosMax = members.values().stream().mapToInt(StoredSubscription::qos).max().orElse(0);
  }
}
