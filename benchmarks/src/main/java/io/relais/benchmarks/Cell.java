package io.relais.benchmarks;

import static io.relais.benchmarks.Table.figure;

import io.relais.benchmarks.Scenario.Phase;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Stream;

/// All runs of one scenario against one broker, summed up: one row of the table.
///
/// One failed run makes the cell a failed one: it has no medians then and nobody is compared with
/// it. What was lost and duplicated is the sum over all runs, failed ones included.
///
/// @param runs 0: the broker was left out, and the notes say why
/// @param rates of each run, in the order of the rounds; empty where one has none
/// @param cpusMicros likewise
record Cell(
    Scenario scenario,
    Phase phase,
    String broker,
    int runs,
    List<String> failures,
    List<Double> rates,
    List<Double> cpusMicros,
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
  static final String AHEAD = "ahead of all";

  /// Above this share of a processor the generator's thread, not the broker, sets the rate.
  private static final double GENERATOR_BUSY = 0.95;

  Cell {
    failures = List.copyOf(failures);
    rates = List.copyOf(rates);
    cpusMicros = List.copyOf(cpusMicros);
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
        values(shown, report -> report.positive(phase.rate())),
        values(shown, report -> report.positive(phase.cpu())),
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
    return Spread.of(values(reports, figure));
  }

  private static List<Double> values(
      List<LoadReport> reports, Function<LoadReport, OptionalDouble> figure) {
    List<Double> values =
        reports.stream()
            .map(figure)
            .filter(OptionalDouble::isPresent)
            .map(OptionalDouble::getAsDouble)
            .toList();
    // A median of some of the runs would hide the others.
    return values.size() == reports.size() ? values : List.of();
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

  /// What a broker without these cannot take part in.
  static Cell leftOut(Scenario scenario, Phase phase, String broker, Set<Need> lacked) {
    String words = String.join(", ", lacked.stream().map(Need::words).toList());
    Optional<Spread> none = Optional.empty();
    return new Cell(
        scenario,
        phase,
        broker,
        0,
        List.of(),
        List.of(),
        List.of(),
        none,
        none,
        none,
        none,
        none,
        none,
        none,
        none,
        0,
        0,
        List.of("left out: no " + words));
  }

  boolean isLeftOut() {
    return runs == 0;
  }

  Optional<Spread> rate() {
    return Spread.of(rates);
  }

  Optional<Spread> cpuMicros() {
    return Spread.of(cpusMicros);
  }

  /// The cell of another broker in the same row; a broker is not compared with itself.
  static Optional<Cell> reference(List<Cell> cells, Cell cell, String broker) {
    return others(cells, cell).filter(other -> other.broker().equals(broker)).findFirst();
  }

  /// The other brokers in the same row.
  static Stream<Cell> others(List<Cell> cells, Cell cell) {
    return cells.stream()
        .filter(other -> other.row().equals(cell.row()))
        .filter(other -> !other.broker().equals(cell.broker()));
  }

  /// Of each round's ratio of CPU time for each message to another cell's; less is better. Empty
  /// where either failed or has no such figure.
  Optional<Spread> cpuRatioTo(Cell reference) {
    return Spread.ofRatios(cpusMicros, reference.cpusMicros);
  }

  /// Of each round's ratio of rates; more is better.
  Optional<Spread> rateRatioTo(Cell reference) {
    return Spread.ofRatios(rates, reference.rates);
  }

  /// Whether it is Relais, in one of its ways, or what is measured in its place.
  boolean isOurs() {
    return broker.startsWith("relais") || broker.equals("against");
  }

  /// The peer that needs the least CPU for a message beside this one, if one needs less than this
  /// one, by the medians of the rounds' ratios; else [#AHEAD]. Empty where there is nothing to
  /// compare, and for the peers themselves. The floor does not count: it is no broker.
  Optional<String> ahead(List<Cell> cells) {
    if (!isOurs()) {
      return Optional.empty();
    }
    record Rival(String name, double ratio) {}
    return others(cells, this)
        .filter(other -> !other.isOurs() && !other.broker.equals("floor"))
        .flatMap(
            other ->
                cpuRatioTo(other).map(ratio -> new Rival(other.broker, ratio.median())).stream())
        .max(Comparator.comparingDouble(Rival::ratio))
        .map(best -> best.ratio() > 1 ? best.name() : AHEAD);
  }
}
