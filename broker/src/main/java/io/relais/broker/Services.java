package io.relais.broker;

import io.relais.broker.access.Authentication;
import io.relais.broker.access.LiveBans;
import io.relais.broker.access.LivePolicy;
import io.relais.cluster.Door;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;

/// What all connections of a broker use. Immutable.
///
/// @param backlogBytesOfLoopMax bytes that may wait in the backlogs of one loop's sessions
record Services(
    BrokerSettings settings,
    Door door,
    SubscriptionTree tree,
    Dispatchers dispatchers,
    Directory directory,
    Authentication authentication,
    LivePolicy policy,
    LiveBans bans,
    Flapping flapping,
    Rates rates,
    ClientEvents events,
    Drops drops,
    LiveRewrites rewrites,
    SystemTopics system,
    Watches watches,
    List<Loop> loops,
    AtomicInteger connectionCount,
    long backlogBytesOfLoopMax) {

  /// The same with other settings, for connections to come.
  Services with(BrokerSettings other) {
    return new Services(
        other,
        door,
        tree,
        dispatchers,
        directory,
        authentication,
        policy,
        bans,
        flapping,
        rates,
        events,
        drops,
        rewrites,
        system,
        watches,
        loops,
        connectionCount,
        backlogBytesOfLoopMax);
  }

  /// Runs something on a loop once everything that any loop routed before now was handed to the
  /// store: a message routed past a new subscription is then found among the retained ones.
  void afterAllSubmitted(Loop loop, Runnable then) {
    if (loops.size() == 1) {
      then.run();
      return;
    }
    var left = new AtomicInteger(loops.size() - 1);
    for (Loop other : loops) {
      if (other != loop) {
        other
            .eventLoop()
            .execute(
                () -> {
                  other.lane().flush();
                  if (left.decrementAndGet() == 0) {
                    loop.eventLoop().execute(then);
                  }
                });
      }
    }
  }
}
