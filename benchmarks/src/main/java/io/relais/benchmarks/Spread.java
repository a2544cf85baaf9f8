package io.relais.benchmarks;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;

/// Where several measurements of one thing lie.
record Spread(double median, double min, double max) {
  static Optional<Spread> of(Collection<Double> values) {
    if (values.isEmpty()) {
      return Optional.empty();
    }
    double[] sorted = values.stream().mapToDouble(Double::doubleValue).sorted().toArray();
    int middle = sorted.length / 2;
    double median =
        sorted.length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
    return Optional.of(new Spread(median, sorted[0], sorted[sorted.length - 1]));
  }

  /// Of what each value is as a multiple of the one that was measured in the same round. Ratios
  /// first, the median then: what slowed one round down slowed both. Empty where there are no
  /// pairs.
  static Optional<Spread> ofRatios(List<Double> values, List<Double> references) {
    if (values.size() != references.size() || references.stream().anyMatch(value -> value <= 0)) {
      return Optional.empty();
    }
    List<Double> ratios = new ArrayList<>();
    for (int round = 0; round < values.size(); round++) {
      ratios.add(values.get(round) / references.get(round));
    }
    return of(ratios);
  }
}
