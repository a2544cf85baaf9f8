package io.relais.broker;

import io.relais.protocol.SubscriptionFilter;
import io.relais.storage.QueueEntry;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/// The dispatchers of this node: one for each shared group that has a queue.
///
/// Owner: the applier begins, ends and offers; any loop looks one up.
final class Dispatchers {
  private final Map<SubscriptionFilter, Dispatcher> byFilter = new ConcurrentHashMap<>();
  private final Map<Dispatcher, List<QueueEntry>> offered = new HashMap<>(); // in this batch
  private final Map<SubscriptionFilter, Long> early = new HashMap<>(); // before the start
  private final Map<SubscriptionFilter, Long> earlyOrphans = new HashMap<>();
  private @Nullable Services services;

  /// Once, before the applier runs.
  void start(Services all) {
    services = all;
    early.forEach(this::begin);
    early.clear();
    earlyOrphans.forEach(this::orphaned);
    earlyOrphans.clear();
  }

  void begin(SubscriptionFilter filter, long queue) {
    if (services == null) {
      early.put(filter, queue);
      return;
    }
    List<Loop> loops = services.loops();
    Loop loop = loops.get(Math.floorMod(filter.hashCode(), loops.size()));
    var dispatcher = new Dispatcher(services, loop, filter, queue);
    byFilter.put(filter, dispatcher);
    dispatcher.wake();
  }

  void orphaned(SubscriptionFilter filter, long below) {
    Dispatcher dispatcher = byFilter.get(filter);
    if (dispatcher != null) {
      dispatcher.onOrphaned(below);
    } else if (services == null) {
      earlyOrphans.put(filter, below);
    }
  }

  void end(SubscriptionFilter filter) {
    early.remove(filter);
    Dispatcher dispatcher = byFilter.remove(filter);
    if (dispatcher != null) {
      offered.remove(dispatcher);
      dispatcher.end();
    }
  }

  void offered(SubscriptionFilter filter, QueueEntry entry) {
    Dispatcher dispatcher = byFilter.get(filter);
    if (dispatcher != null) {
      offered.computeIfAbsent(dispatcher, absent -> new ArrayList<>()).add(entry);
    }
  }

  /// At the end of a batch.
  void flush() {
    if (!offered.isEmpty()) {
      offered.forEach(Dispatcher::onOffered);
      offered.clear();
    }
  }

  /// A member came or went. Any loop.
  void onMembers(SubscriptionFilter filter) {
    Dispatcher dispatcher = byFilter.get(filter);
    if (dispatcher != null) {
      dispatcher.wake();
    }
  }

  /// The load of a member changed. Any loop.
  void onLoad(SubscriptionFilter filter) {
    Dispatcher dispatcher = byFilter.get(filter);
    if (dispatcher != null) {
      dispatcher.onLoad();
    }
  }
}
