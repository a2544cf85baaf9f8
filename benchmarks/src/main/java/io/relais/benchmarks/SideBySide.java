package io.relais.benchmarks;

import io.relais.benchmarks.Broker.Launched;
import io.relais.benchmarks.Broker.Standing;
import io.relais.benchmarks.Scenario.Phase;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/// `benchmarks/run`: the same load on each broker in turn, round by round, and one table of it all.
///
/// Brokers alternate within a scenario, so that whatever else the machine does falls upon all of
/// them, and every other round goes the other way, so that none always runs behind the same one;
/// each run has a freshly started broker, so that none inherits another scenario's memory.
///
/// Owner: the main thread.
final class SideBySide {
  private final Bench bench;
  private final Options options;

  private SideBySide(Bench bench, Options options) {
    this.bench = bench;
    this.options = options;
  }

  /// One measurement of one broker.
  record Run(Scenario scenario, String broker, int round, Outcome outcome) {}

  public static void main(String[] args) throws InterruptedException {
    Program.run(
        "benchmarks/run",
        args,
        (root, words, children) -> {
          Options options = Options.parse(words);
          if (options.help()) {
            System.out.print(Options.USAGE);
            return 0;
          }
          return new SideBySide(new Bench(root, children), options).measure(words);
        });
  }

  private int measure(List<String> asked) throws IOException, InterruptedException {
    List<Scenario> scenarios = Scenario.choose(options.scenarios());
    List<Broker> brokers = new ArrayList<>();
    options.against().ifPresent(at -> brokers.add(Bench.standing(at, options.againstPid())));
    options.brokers().forEach(name -> brokers.add(bench.broker(name)));
    Pinning pinning =
        options.pin() ? Pinning.halves(Runtime.getRuntime().availableProcessors()) : Pinning.NONE;
    Generator generator = bench.generator(options.seconds(), options.warmSeconds(), pinning);
    Map<String, String> versions = new LinkedHashMap<>();
    for (Broker broker : brokers) {
      switch (broker) {
        case Launched launched -> versions.put(broker.name(), bench.version(launched));
        case Standing standing ->
            versions.put(broker.name(), "at %s:%d".formatted(standing.host(), standing.port()));
      }
    }
    Machine machine = Machine.here(bench.root(), bench.children());
    Path directory = bench.newRunDirectory();

    List<Run> runs = new ArrayList<>();
    for (Scenario scenario : scenarios) {
      List<Broker> able =
          brokers.stream().filter(broker -> scenario.lackedBy(broker).isEmpty()).toList();
      for (int round = 1; round <= options.rounds(); round++) {
        for (Broker broker : inRound(round, able)) {
          Path seat =
              directory.resolve("%s-%d-%s".formatted(scenario.name(), round, broker.name()));
          Outcome outcome = run(scenario, broker, generator, pinning, seat);
          if (bench.children().isEnding()) {
            throw new Children.InterruptedRun();
          }
          runs.add(new Run(scenario, broker.name(), round, outcome));
          progress(runs.getLast());
        }
      }
    }

    List<Cell> cells = cells(scenarios, brokers, runs);
    String text = text(asked, cells, versions, machine);
    System.out.println();
    System.out.print(text);
    System.out.println("logs in " + directory);
    if (options.json().isPresent()) {
      new ResultFile(machine, options, versions, cells, runs).write(options.json().get());
    }
    if (options.save()) {
      System.out.println("written to " + bench.save("side-by-side", machine, text));
    }
    return cells.stream().anyMatch(Cell::failed) ? 1 : 0;
  }

  /// The order of a round, of which the first is 1.
  static List<Broker> inRound(int round, List<Broker> brokers) {
    return round % 2 == 1 ? brokers : brokers.reversed();
  }

  private String text(
      List<String> asked, List<Cell> cells, Map<String, String> versions, Machine machine) {
    StringBuilder text = new StringBuilder("Command: benchmarks/run ");
    text.append(String.join(" ", asked)).append("\n\n");
    text.append(Table.of(cells).text()).append('\n');
    versions.forEach(
        (name, version) -> text.append(name).append(": ").append(version).append('\n'));
    text.append(machine.text());
    text.append(
        "%d rounds of %s s after %s s%s; medians, in brackets from lowest to highest; ratios are made round by round%n"
            .formatted(
                options.rounds(),
                options.seconds(),
                options.warmSeconds(),
                options.pin() ? ", pinned" : ""));
    return text.toString();
  }

  private Outcome run(
      Scenario scenario, Broker broker, Generator generator, Pinning pinning, Path directory)
      throws InterruptedException {
    Path results = directory.resolveSibling(directory.getFileName() + ".load");
    try (RunningBroker running =
        RunningBroker.start(broker, directory, pinning, bench.children())) {
      return generator.run(scenario, running, results);
    } catch (IOException | IllegalArgumentException broken) {
      return new Outcome.Failed(String.valueOf(broken.getMessage()), Optional.empty());
    }
  }

  private static void progress(Run run) {
    String told =
        switch (run.outcome()) {
          case Outcome.Measured measured -> {
            Phase phase = run.scenario().phases().getLast();
            yield "%s/s, %s us CPU each"
                .formatted(
                    Table.figure(measured.report().number(phase.rate())),
                    Table.figure(measured.report().number(phase.cpu())));
          }
          case Outcome.Failed failed -> "FAILED: " + failed.reason();
        };
    System.err.printf(
        "%-12s round %d  %-14s %s%n", run.scenario().name(), run.round(), run.broker(), told);
  }

  static List<Cell> cells(List<Scenario> scenarios, List<Broker> brokers, List<Run> runs) {
    List<Cell> cells = new ArrayList<>();
    for (Scenario scenario : scenarios) {
      for (Phase phase : scenario.phases()) {
        for (Broker broker : brokers) {
          List<Outcome> outcomes =
              runs.stream()
                  .filter(r -> r.scenario().equals(scenario) && r.broker().equals(broker.name()))
                  .map(Run::outcome)
                  .toList();
          Set<Need> lacked = scenario.lackedBy(broker);
          if (!outcomes.isEmpty()) {
            cells.add(Cell.of(scenario, phase, broker.name(), outcomes));
          } else if (!lacked.isEmpty()) {
            cells.add(Cell.leftOut(scenario, phase, broker.name(), lacked));
          }
        }
      }
    }
    return cells;
  }
}
