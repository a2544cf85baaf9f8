package io.relais.benchmarks;

import io.relais.benchmarks.Bench.Storing;
import io.relais.benchmarks.RunningBroker.Stay;
import io.relais.benchmarks.SideBySide.Run;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;

/// `benchmarks/durability`: what brokers keep for clients that are away, and what it costs them, in
/// turn and in one table.
///
/// Brokers alternate within a round. Each run has a freshly started broker and an empty store, but
/// for the starts, where what was stored once is the point.
///
/// Owner: the main thread. Limits: each run of the generator has half an hour, each start ten
/// minutes, each stop five.
final class Durability {
  private static final Duration SPARE = Duration.ofMinutes(30);
  private static final int SYNCS = 200;

  private static final String USAGE =
      """
      benchmarks/durability [OPTION]...
      Persistent sessions, queues, reconnection and starts of Relais and its peers in turn, as one table of medians.

        --rounds N            measurements of each scenario and broker (default 3, at most 100)
        --scenarios A,B,...   names, families (publish, queue, start, head), usual (default) or all; benchmarks/README.md has them
        --brokers A,B,...     of relais, mosquitto, hivemq (default all of them)
        --quick               a tenth of all counts
        --publishers N        publishers of the publish scenarios (default 8)
        --messages N          messages in the queue scenarios (default 1000000)
        --seconds S           measured time of a timed scenario (default 8, at most 600)
        --warm S              time before it that is not measured (default 5, at most 600)
        --pin                 broker and generator on different processors (taskset)
        --save                writes what is printed to benchmarks/results/DATE-durability.txt as well; never over another
        --help                this text

      Ends with 0; 1 if a cell FAILED or a broker could not be measured; 2 if the command line is wrong.
      """;

  /// What the command line asks for.
  private record Asked(
      int rounds,
      List<String> scenarios,
      List<String> brokers,
      DurableLoad load,
      double seconds,
      double warmSeconds,
      boolean pin,
      boolean save,
      boolean help) {
    static Asked parse(List<String> words) {
      int rounds = 3;
      List<String> scenarios = List.of("usual");
      List<String> brokers = List.of("relais", "mosquitto", "hivemq");
      int publishers = DurableLoad.WHOLE.publishers();
      Optional<Long> messages = Optional.empty();
      double seconds = 8;
      double warmSeconds = 5;
      boolean quick = false;
      boolean pin = false;
      boolean save = false;
      boolean help = false;
      for (int at = 0; at < words.size(); at++) {
        String option = words.get(at);
        switch (option) {
          case "--quick" -> quick = true;
          case "--pin" -> pin = true;
          case "--save" -> save = true;
          case "--help", "-h" -> help = true;
          case "--rounds" ->
              rounds = (int) Options.number(option, Options.value(words, ++at), 1, 100);
          case "--scenarios" -> scenarios = Options.list(Options.value(words, ++at));
          case "--brokers" -> brokers = Options.list(Options.value(words, ++at));
          case "--publishers" ->
              publishers = (int) Options.number(option, Options.value(words, ++at), 1, 1000);
          case "--messages" ->
              messages =
                  Optional.of(
                      (long) Options.number(option, Options.value(words, ++at), 10, 50_000_000));
          case "--seconds" ->
              seconds = Options.number(option, Options.value(words, ++at), 0.5, 600);
          case "--warm" -> warmSeconds = Options.number(option, Options.value(words, ++at), 0, 600);
          default -> throw new UsageError("unknown option '" + option + "'; --help lists them");
        }
      }
      DurableLoad size = quick ? DurableLoad.QUICK : DurableLoad.WHOLE;
      DurableLoad load =
          new DurableLoad(
              publishers,
              messages.orElse(size.queued()),
              size.reconnecting(),
              size.sessions(),
              size.retained(),
              size.head());
      return new Asked(rounds, scenarios, brokers, load, seconds, warmSeconds, pin, save, help);
    }
  }

  private final Bench bench;
  private final Asked asked;
  private final List<Storing> brokers;
  private final Pinning pinning;
  private final Generator generator;
  private final List<Run> runs = new ArrayList<>();

  private Durability(Bench bench, Asked asked) {
    this.bench = bench;
    this.asked = asked;
    this.brokers = asked.brokers().stream().map(bench::storing).toList();
    this.pinning =
        asked.pin() ? Pinning.halves(Runtime.getRuntime().availableProcessors()) : Pinning.NONE;
    this.generator = bench.generator(asked.seconds(), asked.warmSeconds(), SPARE, pinning);
  }

  public static void main(String[] args) throws InterruptedException {
    Program.run(
        "benchmarks/durability",
        args,
        (root, options, children) -> {
          Asked asked = Asked.parse(options);
          if (asked.help()) {
            System.out.print(USAGE);
            return 0;
          }
          return new Durability(new Bench(root, children), asked).measure(options);
        });
  }

  private int measure(List<String> options) throws IOException, InterruptedException {
    List<Scenario> scenarios =
        Scenario.choose(asked.scenarios(), asked.load().scenarios(), DurableLoad.USUAL);
    Map<String, String> versions = new LinkedHashMap<>();
    for (Storing broker : brokers) {
      versions.put(broker.broker().name(), bench.version(broker.broker()));
    }
    Machine machine = Machine.here(bench.root(), bench.children());
    Path directory = bench.newRunDirectory();
    double syncMicros = syncMicros(directory);

    for (Scenario scenario : scenarios) {
      switch (scenario.family()) {
        case DurableLoad.START, DurableLoad.HEAD -> {}
        default -> measure(scenario.name(), List.of(scenario), directory);
      }
    }
    if (has(DurableLoad.START, scenarios)) {
      measureStarts(directory);
    }
    if (has(DurableLoad.HEAD, scenarios)) {
      measure(DurableLoad.HEAD, asked.load().heads(), directory);
    }

    List<Scenario> measured = runs.stream().map(Run::scenario).distinct().toList();
    List<Broker> launched = brokers.stream().<Broker>map(Storing::broker).toList();
    List<Cell> cells = SideBySide.cells(measured, launched, runs);
    String text = text(options, cells, versions, machine, syncMicros);
    System.out.println();
    System.out.print(text);
    System.out.println("logs in " + directory);
    if (asked.save()) {
      Path file = bench.save("durability", machine, text);
      System.out.println("written to " + file);
    }
    return cells.stream().anyMatch(Cell::failed) ? 1 : 0;
  }

  /// What a broker pays at least for an acknowledgement that it syncs for and shares with no other.
  private static double syncMicros(Path directory) throws IOException {
    Path file = directory.resolve("sync");
    List<Double> micros = new ArrayList<>();
    try (FileChannel channel =
        FileChannel.open(file, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
      ByteBuffer bytes = ByteBuffer.allocateDirect(256);
      for (int sync = 0; sync < SYNCS; sync++) {
        long begun = System.nanoTime();
        channel.write(bytes.clear());
        channel.force(false);
        micros.add((System.nanoTime() - begun) / 1e3);
      }
    } finally {
      Files.deleteIfExists(file);
    }
    return Spread.of(micros).orElseThrow().median();
  }

  private static boolean has(String family, List<Scenario> scenarios) {
    return scenarios.stream().anyMatch(scenario -> scenario.family().equals(family));
  }

  /// All of `scenarios`, one behind the other, on one start of a broker.
  private void measure(String name, List<Scenario> scenarios, Path directory)
      throws InterruptedException {
    for (int round = 1; round <= asked.rounds(); round++) {
      for (Storing broker : brokers) {
        String who = broker.broker().name();
        Path seat = directory.resolve("%s-%d-%s".formatted(name, round, who));
        List<Scenario> left = new ArrayList<>(scenarios);
        try (RunningBroker running =
            RunningBroker.start(broker.broker(), seat, Stay.LONG, pinning, bench.children())) {
          while (!left.isEmpty()) {
            Scenario scenario = left.getFirst();
            Path results =
                directory.resolve("%s-%d-%s.load".formatted(scenario.name(), round, who));
            add(new Run(scenario, who, round, load(scenario, running, seat, results)));
            left.removeFirst();
          }
        } catch (IOException broken) {
          for (Scenario scenario : left) {
            add(new Run(scenario, who, round, failed(broken)));
          }
        }
      }
    }
  }

  /// Builds each broker's store once and kills the broker; starts it from what is left then; and
  /// starts it in each round after a clean stop. A store that did not survive the kill is built
  /// again.
  private void measureStarts(Path directory) throws IOException, InterruptedException {
    Scenario build = asked.load().build();
    Scenario killed = asked.load().afterKill();
    Scenario stopped = asked.load().afterStop();
    List<Storing> built = new ArrayList<>();
    try {
      for (Storing broker : brokers) {
        Path seat = storeOf(broker, directory);
        boolean usable =
            start(build, broker, seat, 1, true) && start(killed, broker, seat, 1, false);
        if (!usable) {
          RunningBroker.deleteTree(seat);
          usable = start(build, broker, seat, 2, false);
        }
        if (usable) {
          built.add(broker);
        }
      }
      for (int round = 1; round <= asked.rounds(); round++) {
        for (Storing broker : built) {
          start(stopped, broker, storeOf(broker, directory), round, false);
        }
      }
    } finally {
      for (Storing broker : brokers) {
        RunningBroker.deleteTree(storeOf(broker, directory));
      }
    }
  }

  private static Path storeOf(Storing broker, Path directory) {
    return directory.resolve("stored-" + broker.broker().name());
  }

  /// Whether it went as it should.
  private boolean start(Scenario scenario, Storing broker, Path seat, int round, boolean kill)
      throws InterruptedException {
    String name = broker.broker().name();
    Path results = seat.resolveSibling("%s-%d-%s.load".formatted(scenario.name(), round, name));
    Outcome outcome;
    try (RunningBroker running =
        RunningBroker.start(broker.broker(), seat, Stay.KEPT, pinning, bench.children())) {
      outcome = load(scenario, running, seat, results);
      if (kill) {
        running.kill();
      }
    } catch (IOException broken) {
      outcome = failed(broken);
    }
    add(new Run(scenario, name, round, outcome));
    return outcome instanceof Outcome.Measured;
  }

  private Outcome load(Scenario scenario, RunningBroker running, Path seat, Path results)
      throws IOException, InterruptedException {
    List<String> options = new ArrayList<>(scenario.options());
    options.addAll(
        List.of(
            "--dir", seat.resolve("data").toString(), "--since", Long.toString(running.begun())));
    Scenario here =
        new Scenario(
            scenario.name(),
            options,
            scenario.timed(),
            scenario.ordered(),
            scenario.needs(),
            scenario.phases());
    try {
      return generator.run(here, running, results);
    } catch (IllegalArgumentException unreadable) {
      return failed(unreadable);
    }
  }

  private static Outcome failed(Exception cause) {
    return new Outcome.Failed(String.valueOf(cause.getMessage()), Optional.empty());
  }

  private void add(Run run) {
    if (bench.children().isEnding()) {
      throw new Children.InterruptedRun();
    }
    runs.add(run);
    String told =
        switch (run.outcome()) {
          case Outcome.Measured measured -> {
            List<String> phases = new ArrayList<>();
            for (Scenario.Phase phase : run.scenario().phases()) {
              phases.add(
                  (phase.label()
                          + figure(measured.report().figure(phase.rate()), " %s/s")
                          + figure(measured.report().figure(phase.cpu()), " %s us CPU each")
                          + figure(measured.report().figure(phase.prefix() + "s"), " %s s"))
                      .strip());
            }
            yield String.join("; ", phases);
          }
          case Outcome.Failed failed -> "FAILED: " + failed.reason();
        };
    System.err.printf(
        "%-13s round %d  %-10s %s%n", run.scenario().name(), run.round(), run.broker(), told);
  }

  private static String figure(OptionalDouble value, String format) {
    return value.isPresent() ? format.formatted(Table.figure(value.getAsDouble())) : "";
  }

  private String text(
      List<String> options,
      List<Cell> cells,
      Map<String, String> versions,
      Machine machine,
      double syncMicros) {
    StringBuilder text = new StringBuilder("Command: benchmarks/durability ");
    text.append(String.join(" ", options)).append("\n\n");
    text.append(Table.ofDurability(cells).text()).append('\n');
    for (Storing broker : brokers) {
      String name = broker.broker().name();
      text.append(
          "%s: %s; an acknowledged message is %s; unacknowledged toward one client: %s%n"
              .formatted(name, versions.get(name), broker.promise(), broker.window()));
    }
    text.append(machine.text());
    text.append(
        "one write of 256 bytes and its sync, alone on this disk: %s us (median of %d)%n"
            .formatted(Table.figure(syncMicros), SYNCS));
    text.append(
        "%d rounds, timed ones of %s s after %s s%s; medians, in brackets from lowest to highest%n"
            .formatted(
                asked.rounds(),
                asked.seconds(),
                asked.warmSeconds(),
                asked.pin() ? ", pinned" : ""));
    return text.toString();
  }
}
