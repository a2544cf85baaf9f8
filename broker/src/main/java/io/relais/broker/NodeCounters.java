package io.relais.broker;

import java.util.List;

/// What a whole node counted: each loop, and the applier.
///
/// Owner: any thread.
record NodeCounters(List<Loop> loops, Counters applier) {
  long sum(Counter counter) {
    long sum = applier.get(counter);
    for (Loop loop : loops) {
      sum += loop.counters().get(counter);
    }
    return sum;
  }

  /// Messages that somebody did not get, for whatever reason.
  long drops() {
    long sum = 0;
    for (Counter counter : Counter.ALL) {
      sum += Counter.isDrop(counter) ? sum(counter) : 0;
    }
    return sum;
  }
}
