package io.relais.cli.bench;

import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.LongAdder;

/// What all loops count. Messages of the warm-up are not in it.
///
/// Owner: any thread adds; sums are exact once the loops have come to rest.
final class Tally {
  /// Errors beyond so many kinds are counted together.
  private static final int ERROR_KINDS_MAX = 40;

  final LongAdder ready = new LongAdder();
  final LongAdder connected = new LongAdder();
  final LongAdder connectionsFailed = new LongAdder();
  final LongAdder connectionsLost = new LongAdder();

  /// Connections whose client id connected again, and those of them that the server then ended.
  final LongAdder superseded = new LongAdder();

  final LongAdder takenOver = new LongAdder();
  final LongAdder visits = new LongAdder();
  final LongAdder closed = new LongAdder();
  final LongAdder subscriptionsFailed = new LongAdder();
  final LongAdder sent = new LongAdder();

  /// With those of the warm-up.
  final LongAdder written = new LongAdder();

  final LongAdder settled = new LongAdder();
  final LongAdder acknowledged = new LongAdder();
  final LongAdder refused = new LongAdder();
  final LongAdder received = new LongAdder();
  final LongAdder duplicates = new LongAdder();
  final LongAdder reordered = new LongAdder();
  final LongAdder foreign = new LongAdder();
  final LongAdder heldBack = new LongAdder();
  private final ConcurrentHashMap<String, LongAdder> errors = new ConcurrentHashMap<>();

  void error(String kind) {
    String known =
        errors.size() < ERROR_KINDS_MAX || errors.containsKey(kind)
            ? kind
            : "others of other kinds";
    errors.computeIfAbsent(known, _ -> new LongAdder()).increment();
  }

  Map<String, Long> errors() {
    Map<String, Long> sums = new TreeMap<>();
    errors.forEach((kind, count) -> sums.put(kind, count.sum()));
    return sums;
  }

  /// Changes as long as anything happens.
  long activity() {
    return written.sum()
        + settled.sum()
        + received.sum()
        + duplicates.sum()
        + foreign.sum()
        + connected.sum()
        + closed.sum()
        + connectionsFailed.sum();
  }
}
