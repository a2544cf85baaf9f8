package io.relais.api;

import java.time.Instant;
import java.util.Collections;
import java.util.Map;

/// What a node counts and measures, at a moment.
///
/// @param counters since the node started
/// @param gauges as they stand
/// @param rates of the counters, each second, over the last seconds
public record Overview(
    Instant time,
    String node,
    long uptimeSeconds,
    Map<String, Long> counters,
    Map<String, Double> gauges,
    Map<String, Double> rates) {
  public Overview {
    counters = Collections.unmodifiableMap(counters);
    gauges = Collections.unmodifiableMap(gauges);
    rates = Collections.unmodifiableMap(rates);
  }
}
