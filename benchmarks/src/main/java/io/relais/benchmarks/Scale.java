package io.relais.benchmarks;

import io.relais.benchmarks.Broker.Launched;
import io.relais.benchmarks.Broker.Mosquitto;
import io.relais.benchmarks.Broker.Relais;
import io.relais.benchmarks.Growth.Load;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.stream.Stream;

/// `benchmarks/scale`: how the cost of brokers grows with the size of what they carry, one table
/// for each kind of growth.
///
/// At each size the brokers alternate, round by round, and each run has a freshly started one.
///
/// Owner: the main thread. Limits: each run of the generator has five minutes beside its measured
/// time, each start and each stop of a broker one.
final class Scale {
  private static final Duration SPARE = Duration.ofMinutes(5);

  private static final RunningBroker.Stay STAY =
      new RunningBroker.Stay(Duration.ofMinutes(1), Duration.ofMinutes(1), false);

  private final Bench bench;
  private final ScaleOptions asked;
  private final List<Launched> brokers;
  private final Pinning pinning;
  private final Generator generator;

  private Scale(Bench bench, ScaleOptions asked) {
    this.bench = bench;
    this.asked = asked;
    this.brokers = asked.brokers().stream().map(bench::broker).toList();
    this.pinning =
        asked.pin() ? Pinning.halves(Runtime.getRuntime().availableProcessors()) : Pinning.NONE;
    this.generator = bench.generator(asked.seconds(), asked.warmSeconds(), SPARE, pinning);
  }

  public static void main(String[] args) throws InterruptedException {
    Program.run(
        "benchmarks/scale",
        args,
        (root, options, children) -> {
          ScaleOptions asked = ScaleOptions.parse(options);
          if (asked.help()) {
            System.out.print(ScaleOptions.USAGE);
            return 0;
          }
          return new Scale(new Bench(root, children), asked).measure(options);
        });
  }

  private int measure(List<String> options) throws IOException, InterruptedException {
    Map<String, String> versions = new LinkedHashMap<>();
    for (Launched broker : brokers) {
      versions.put(broker.name(), bench.version(broker));
    }
    Machine machine = Machine.here(bench.root(), bench.children());
    Path directory = bench.newRunDirectory();
    StringBuilder text = new StringBuilder("Command: benchmarks/scale ");
    text.append(String.join(" ", options)).append('\n');
    boolean failed = false;
    for (Growth kind : asked.kinds()) {
      List<Point> points = measure(kind, directory);
      String result = new GrowthText(kind, points).text();
      System.out.print("\n" + result);
      System.out.flush();
      text.append('\n').append(result);
      failed |= points.stream().anyMatch(Point::failed);
    }
    String circumstances = circumstances(versions, machine);
    System.out.print("\n" + circumstances);
    System.out.println("logs in " + directory);
    if (asked.save()) {
      Path file = bench.save("scale", machine, text + "\n" + circumstances);
      System.out.println("written to " + file);
    }
    return failed ? 1 : 0;
  }

  private String circumstances(Map<String, String> versions, Machine machine) {
    StringBuilder text = new StringBuilder();
    versions.forEach((name, version) -> text.append(name + ": " + version + "\n"));
    text.append(machine.text());
    text.append(
        "%d rounds, timed ones of %s s after %s s%s; growth: the cost as a multiple of that at the smallest size%n"
            .formatted(
                asked.rounds(),
                asked.seconds(),
                asked.warmSeconds(),
                asked.pin() ? ", pinned" : ""));
    return text.toString();
  }

  private List<Point> measure(Growth kind, Path directory) throws InterruptedException {
    List<Launched> able =
        brokers.stream().filter(b -> Collections.disjoint(b.lacks(), kind.needs())).toList();
    List<Point> points = new ArrayList<>();
    for (int size : kind.sizes(asked.quick(), asked.sizes())) {
      for (Load load : kind.loads().apply(size)) {
        Map<String, List<Outcome>> outcomes = new LinkedHashMap<>();
        for (int round = 1; round <= asked.rounds(); round++) {
          for (Launched broker : able) {
            Path seat =
                directory.resolve(
                    "%s-%d-%s".formatted(load.scenario().name(), round, broker.name()));
            Outcome outcome = run(load.scenario(), settled(broker, kind), seat);
            if (bench.children().isEnding()) {
              throw new Children.InterruptedRun();
            }
            outcomes.computeIfAbsent(broker.name(), name -> new ArrayList<>()).add(outcome);
            progress(kind, load, round, broker, outcome);
          }
        }
        outcomes.forEach((name, all) -> points.add(new Point(kind, size, load, name, all)));
      }
    }
    return points;
  }

  /// With what the sizes of `kind` need beyond a broker's usual settings.
  private static Launched settled(Launched broker, Growth kind) {
    if (broker instanceof Relais relais) {
      return new Relais(
          relais.name(),
          relais.launcher(),
          join(relais.settings(), kind.relaisSettings()),
          relais.jvmOptions());
    }
    if (broker instanceof Mosquitto mosquitto) {
      return new Mosquitto(
          mosquitto.executable(), join(mosquitto.settings(), kind.mosquittoSettings()));
    }
    return broker;
  }

  private static List<String> join(List<String> usual, List<String> more) {
    return Stream.concat(usual.stream(), more.stream()).toList();
  }

  private Outcome run(Scenario scenario, Launched broker, Path seat) throws InterruptedException {
    Path results = seat.resolveSibling(seat.getFileName() + ".load");
    try (RunningBroker running =
        RunningBroker.start(broker, seat, STAY, pinning, bench.children())) {
      return generator.run(scenario, running, results);
    } catch (IOException | IllegalArgumentException broken) {
      return new Outcome.Failed(String.valueOf(broken.getMessage()), Optional.empty());
    }
  }

  private static void progress(
      Growth kind, Load load, int round, Launched broker, Outcome outcome) {
    String told =
        switch (outcome) {
          case Outcome.Measured measured -> {
            List<String> figures = new ArrayList<>();
            for (Growth.Column column : kind.columns()) {
              OptionalDouble value = column.figure().apply(measured.report());
              if (value.isPresent()) {
                figures.add(Table.figure(value.getAsDouble()) + " " + column.title());
              }
            }
            yield String.join(", ", figures);
          }
          case Outcome.Failed failed -> "FAILED: " + failed.reason();
        };
    System.err.printf(
        "%-21s round %d  %-10s %s%n", load.scenario().name(), round, broker.name(), told);
  }
}
