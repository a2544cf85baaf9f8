package io.relais.benchmarks;

import static io.relais.benchmarks.Table.figure;

import io.relais.benchmarks.Scenario.Phase;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.function.Function;

/// All runs of one scenario against one broker, summed up: one row of the table.
///
/// One failed run makes the cell a failed one: it has no medians then and nobody is compared with
/// it. What was lost and duplicated is the sum over all runs, failed ones included.
record Cell(
    Scenario scenario,
    Phase phase,
    String broker,
    int runs,
    List<String> failures,
    Optional<Spread> rate,
    Optional<Spread> cpuMicros,
    Optional<Spread> residentMiB,
    Optional<Spread> latencyP50Micros,
    Optional<Spread> latencyP99Micros,
    Optional<Spread> ackP50Micros,
    Optional<Spread> ackP99Micros,
    Optional<Spread> seconds,
    Optional<Spread> peakMiB,
    Optional<Spread> diskMiB,
    long lost,
    long duplicated,
    List<String> notes) {
  /// Above this share of a processor the generator's thread, not the broker, sets the rate.
  private static final double GENERATOR_BUSY = 0.95;

  Cell {
    failures = List.copyOf(failures);
    notes = List.copyOf(notes);
  }

  static Cell of(Scenario scenario, Phase phase, String broker, List<Outcome> outcomes) {
    List<String> failures = new ArrayList<>();
    List<LoadReport> seen = new ArrayList<>();
    List<LoadReport> counted = new ArrayList<>();
    for (Outcome outcome : outcomes) {
      switch (outcome) {
        case Outcome.Measured measured -> {
          seen.add(measured.report());
          counted.add(measured.report());
        }
        case Outcome.Failed failed -> {
          failures.add(failed.reason());
          failed.report().ifPresent(seen::add);
        }
      }
    }
    List<LoadReport> shown = failures.isEmpty() ? counted : List.of();
    return new Cell(
        scenario,
        phase,
        broker,
        outcomes.size(),
        failures,
        spread(shown, report -> report.positive(phase.rate())),
        spread(shown, report -> report.positive(phase.cpu())),
        spread(shown, report -> scaled(report.positive("rss_after_kb"), 1.0 / 1024)),
        spread(shown, report -> report.figure("p50")),
        spread(shown, report -> report.figure("p99")),
        spread(shown, report -> report.figure(phase.prefix() + "ack_p50")),
        spread(shown, report -> report.figure(phase.prefix() + "ack_p99")),
        spread(shown, report -> report.figure(phase.prefix() + "s")),
        spread(shown, report -> scaled(report.positive(phase.prefix() + "peak_kb"), 1.0 / 1024)),
        spread(shown, report -> scaled(report.figure(phase.prefix() + "disk_kb"), 1.0 / 1024)),
        seen.stream().mapToLong(report -> report.count("lost")).sum(),
        seen.stream().mapToLong(report -> report.count("dup")).sum(),
        notes(scenario, seen));
  }

  private static List<String> notes(Scenario scenario, List<LoadReport> seen) {
    List<String> notes = new ArrayList<>();
    long disordered = seen.stream().mapToLong(report -> report.count("out_of_order")).sum();
    if (scenario.ordered() && disordered > 0) {
      notes.add("out of order: " + disordered);
    }
    long stalls = seen.stream().mapToLong(report -> report.count("stalls")).sum();
    if (stalls > 0) {
      notes.add("stalled: " + stalls);
    }
    spread(seen, report -> report.figure("gen_util"))
        .filter(busy -> busy.median() >= GENERATOR_BUSY)
        .ifPresent(busy -> notes.add("rate set by the generator"));
    spread(seen, report -> report.positive("rss_bytes_per_conn"))
        .ifPresent(bytes -> notes.add("%.0f bytes per connection".formatted(bytes.median())));
    spread(seen, report -> report.positive("first_ms"))
        .ifPresent(
            millis ->
                notes.add("first message %s ms after CONNECT".formatted(figure(millis.median()))));
    spread(seen, report -> report.positive("start_cpu_s"))
        .ifPresent(cpu -> notes.add("%s s of CPU".formatted(figure(cpu.median()))));
    return notes;
  }

  private static Optional<Spread> spread(
      List<LoadReport> reports, Function<LoadReport, OptionalDouble> figure) {
    List<Double> values =
        reports.stream()
            .map(figure)
            .filter(OptionalDouble::isPresent)
            .map(OptionalDouble::getAsDouble)
            .toList();
    // A median of some of the runs would hide the others.
    return values.size() == reports.size() ? Spread.of(values) : Optional.empty();
  }

  private static OptionalDouble scaled(OptionalDouble value, double factor) {
    return value.isPresent()
        ? OptionalDouble.of(value.getAsDouble() * factor)
        : OptionalDouble.empty();
  }

  boolean failed() {
    return !failures.isEmpty();
  }

  String row() {
    return phase.label().isEmpty() ? scenario.name() : scenario.name() + " " + phase.label();
  }

  /// The cell of another broker in the same row; a broker is not compared with itself.
  static Optional<Cell> reference(List<Cell> cells, Cell cell, String broker) {
    return cells.stream()
        .filter(other -> other.row().equals(cell.row()) && other.broker().equals(broker))
        .filter(other -> !other.broker().equals(cell.broker()))
        .findFirst();
  }

  /// This cell's CPU time for each message as a multiple of another's; less is better. Empty where
  /// either failed or has no such figure.
  OptionalDouble cpuRatioTo(Cell reference) {
    return ratio(cpuMicros, reference.cpuMicros);
  }

  /// This cell's rate as a multiple of another's; more is better.
  OptionalDouble rateRatioTo(Cell reference) {
    return ratio(rate, reference.rate);
  }

  private static OptionalDouble ratio(Optional<Spread> mine, Optional<Spread> theirs) {
    return mine.isPresent() && theirs.isPresent() && theirs.get().median() > 0
        ? OptionalDouble.of(mine.get().median() / theirs.get().median())
        : OptionalDouble.empty();
  }
}
