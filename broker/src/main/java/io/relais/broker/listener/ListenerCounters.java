package io.relais.broker.listener;

import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.atomic.LongAdder;

/// What listeners count, one set for each or for all of them.
///
/// Owner: any thread.
public final class ListenerCounters {
  private final LongAdder accepted = new LongAdder();
  private final Map<Refusal, LongAdder> refused = new EnumMap<>(Refusal.class);

  public ListenerCounters() {
    for (Refusal refusal : Refusal.values()) {
      refused.put(refusal, new LongAdder());
    }
  }

  void countAccepted() {
    accepted.increment();
  }

  void count(Refusal refusal) {
    adder(refusal).increment();
  }

  private LongAdder adder(Refusal refusal) {
    LongAdder adder = refused.get(refusal);
    if (adder == null) {
      throw new IllegalStateException("no counter for " + refusal);
    }
    return adder;
  }

  /// Sockets accepted, whatever became of them.
  public long accepted() {
    return accepted.sum();
  }

  public long get(Refusal refusal) {
    return adder(refusal).sum();
  }

  /// `limit`, `rate`, ... with their counts, in the order of [Refusal].
  public Map<String, Long> refusedByName() {
    Map<String, Long> counts = new LinkedHashMap<>();
    for (Refusal refusal : Refusal.values()) {
      counts.put(refusal.name().toLowerCase(Locale.ROOT), get(refusal));
    }
    return counts;
  }
}
