package io.relais.broker;

import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.jspecify.annotations.Nullable;

/// The allowances of all clients, users, addresses or listeners, by name. One that no connection
/// uses is forgotten once it is as good as new.
///
/// Owner: any loop, when clients come and go; messages do not touch it. Limits: so many names;
/// those above share one allowance.
final class Allowances {
  private static final int LOOKED_AT = 4; // of those that wait, for each that comes

  private record Waiting(String name, long atMillis) {}

  private final RateLimits limits;
  private final int loops;
  private final long namesMax;
  private final ConcurrentHashMap<String, Allowance> byName = new ConcurrentHashMap<>();
  private final ConcurrentLinkedQueue<Waiting> unused = new ConcurrentLinkedQueue<>();
  private final Allowance ofOthers;

  Allowances(RateLimits limits, int loops, long namesMax) {
    this.limits = limits;
    this.loops = loops;
    this.namesMax = namesMax;
    this.ofOthers = new Allowance(limits, loops);
  }

  /// @param name null: nobody in particular, who may take any number
  boolean mayConnect(@Nullable String name, long nowMillis) {
    if (name == null || limits.connections() == 0) {
      return true;
    }
    forget(nowMillis);
    return of(name, nowMillis, 0).mayConnect(nowMillis);
  }

  /// For a connection, which gives it back with [#release].
  ///
  /// @return null: it may take any number
  @Nullable Allowance use(@Nullable String name, long nowMillis) {
    if (name == null
        || limits.messages() == 0 && limits.messageBytes() == 0 && limits.subscribes() == 0) {
      return null;
    }
    forget(nowMillis);
    return of(name, nowMillis, 1);
  }

  private Allowance of(String name, long nowMillis, int connections) {
    boolean full = byName.mappingCount() >= namesMax;
    Allowance found =
        byName.compute(
            name,
            (_, there) -> {
              if (there == null && full) {
                return null;
              }
              Allowance one = there == null ? new Allowance(limits, loops) : there;
              one.connections += connections;
              await(name, one, nowMillis);
              return one;
            });
    return found == null ? ofOthers : found;
  }

  void release(String name, Allowance used, long nowMillis) {
    byName.computeIfPresent(
        name,
        (_, one) -> {
          if (one == used) {
            one.connections--;
            await(name, one, nowMillis);
          }
          return one;
        });
  }

  private void await(String name, Allowance one, long nowMillis) {
    if (one.connections == 0 && !one.waits) {
      one.waits = true;
      unused.add(new Waiting(name, nowMillis + 1_000));
    }
  }

  private void forget(long nowMillis) {
    for (int i = 0; i < LOOKED_AT; i++) {
      Waiting next = unused.peek();
      if (next == null || nowMillis < next.atMillis || !unused.remove(next)) {
        return;
      }
      byName.computeIfPresent(
          next.name,
          (name, one) -> {
            one.waits = false;
            if (one.connections == 0 && one.isQuiet(nowMillis)) {
              return null;
            }
            await(name, one, nowMillis);
            return one;
          });
    }
  }

  int size() {
    return byName.size();
  }
}
