package io.relais.benchmarks;

import io.relais.benchmarks.Growth.Column;
import io.relais.benchmarks.Growth.Load;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.function.Function;

/// All runs at one size of what grows, against one broker: one row of a table of
/// `benchmarks/scale`.
///
/// As in a `Cell`, one failed run leaves the point without figures.
record Point(Growth kind, int size, Load load, String broker, List<Outcome> outcomes) {
  /// Above this share of a processor the generator's thread, not the broker, sets the rate.
  private static final double GENERATOR_BUSY = 0.95;

  Point {
    outcomes = List.copyOf(outcomes);
  }

  List<String> failures() {
    List<String> failures = new ArrayList<>();
    for (Outcome outcome : outcomes) {
      switch (outcome) {
        case Outcome.Measured measured -> {}
        case Outcome.Failed failed -> failures.add(failed.reason());
      }
    }
    return failures;
  }

  boolean failed() {
    return !failures().isEmpty();
  }

  Optional<Spread> spread(Function<LoadReport, OptionalDouble> figure) {
    List<Double> values = new ArrayList<>();
    for (Outcome outcome : outcomes) {
      switch (outcome) {
        case Outcome.Measured measured -> figure.apply(measured.report()).ifPresent(values::add);
        case Outcome.Failed failed -> {}
      }
    }
    // A median of some of the runs would hide the others.
    return values.size() == outcomes.size() ? Spread.of(values) : Optional.empty();
  }

  OptionalDouble median(Function<LoadReport, OptionalDouble> figure) {
    return spread(figure)
        .map(spread -> OptionalDouble.of(spread.median()))
        .orElse(OptionalDouble.empty());
  }

  /// The cost here as a multiple of that at the smallest size, for the same broker and load: 1 is
  /// flat. Empty where either has no such figure.
  OptionalDouble growth(Column cost, List<Point> points) {
    return points.stream()
        .filter(point -> point.isBeside(this))
        .findFirst()
        .map(smallest -> ratio(median(cost.figure()), smallest.median(cost.figure())))
        .orElse(OptionalDouble.empty());
  }

  /// Whether it is the same load on the same broker, maybe at another size.
  boolean isBeside(Point other) {
    return kind.name().equals(other.kind.name())
        && load.label().equals(other.load.label())
        && broker.equals(other.broker);
  }

  /// Whether it is another load of the same size on the same broker.
  private boolean isAnotherLoadOf(Point other) {
    return kind.name().equals(other.kind.name())
        && size == other.size
        && broker.equals(other.broker)
        && !load.label().equals(other.load.label());
  }

  List<String> remarks(List<Point> points) {
    List<String> remarks = new ArrayList<>();
    if (failed()) {
      remarks.add(
          "%d of %d runs: %s"
              .formatted(
                  failures().size(),
                  outcomes.size(),
                  String.join("; ", failures().stream().distinct().toList())));
      return remarks;
    }
    OptionalDouble lost = median(report -> report.positive("lost"));
    if (lost.isPresent()) {
      remarks.add("lost " + Table.figure(lost.getAsDouble()));
    }
    OptionalDouble busy = median(report -> report.figure("gen_util"));
    if (busy.isPresent() && busy.getAsDouble() > GENERATOR_BUSY) {
      remarks.add("rate set by the generator");
    }
    if (!load.label().equals(Growth.ALONE)) {
      points.stream()
          .filter(this::isAnotherLoadOf)
          .findFirst()
          .ifPresent(
              without -> {
                beside("rate", report -> report.positive("recv_per_s"), without, remarks);
                beside("p99", report -> report.figure("p99"), without, remarks);
              });
    }
    return remarks;
  }

  private void beside(
      String what,
      Function<LoadReport, OptionalDouble> figure,
      Point without,
      List<String> remarks) {
    OptionalDouble ratio = ratio(median(figure), without.median(figure));
    if (ratio.isPresent()) {
      remarks.add("%s %s of that without".formatted(what, Table.figure(ratio.getAsDouble())));
    }
  }

  private static OptionalDouble ratio(OptionalDouble mine, OptionalDouble theirs) {
    return mine.isPresent() && theirs.isPresent() && theirs.getAsDouble() > 0
        ? OptionalDouble.of(mine.getAsDouble() / theirs.getAsDouble())
        : OptionalDouble.empty();
  }
}
