package io.relais.benchmarks;

import java.util.Optional;
import java.util.OptionalDouble;
import java.util.function.Function;

/// The straight line through two measured sizes. What one start takes is in both ends and so falls
/// out of `perEach`; a figure beyond the larger size is computed, not measured.
record Slope(int least, int most, double atMost, double perEach) {
  Slope {
    if (least >= most) {
      throw new IllegalArgumentException(
          "a slope needs a smaller and a larger size, not %d and %d".formatted(least, most));
    }
  }

  /// Empty where one of the points has no such figure, or both have one size.
  static Optional<Slope> of(
      Point smaller, Point larger, Function<LoadReport, OptionalDouble> figure) {
    OptionalDouble low = smaller.median(figure);
    OptionalDouble high = larger.median(figure);
    if (low.isEmpty() || high.isEmpty() || smaller.size() >= larger.size()) {
      return Optional.empty();
    }
    double perEach =
        (high.getAsDouble() - low.getAsDouble()) / ((double) larger.size() - smaller.size());
    return Optional.of(new Slope(smaller.size(), larger.size(), high.getAsDouble(), perEach));
  }

  double at(long size) {
    return atMost + (size - most) * perEach;
  }
}
