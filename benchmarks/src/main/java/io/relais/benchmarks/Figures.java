package io.relais.benchmarks;

import io.relais.benchmarks.Broker.Launched;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.TimeUnit;

/// `benchmarks/figures`: how long a start takes, and what a broker holds in memory when it is idle
/// and with 10,000 idle connections.
///
/// Owner: the main thread.
final class Figures {
  private static final int CONNECTIONS = 10_000;

  /// What the generator and a broker have open beside the connections.
  private static final int OTHER_FILES = 200;

  private static final long IDLE_SECONDS = 5;

  private static final String USAGE =
      """
      benchmarks/figures [--starts N] [--brokers A,B,...]
      Prints for each broker: start to ready (median of N, default 7), resident memory 5 s after that, and
      bytes of resident memory for each of 10,000 idle connections that hold one subscription each.

        --brokers   of relais, relais-no-cache (no AOT cache), relais-memory, mosquitto, floor;
                    default relais,relais-no-cache,mosquitto,floor
      """;

  private final Bench bench;

  private Figures(Bench bench) {
    this.bench = bench;
  }

  public static void main(String[] args) throws InterruptedException {
    Program.run("benchmarks/figures", args, Figures::run);
  }

  private static int run(Path root, List<String> words, Children children)
      throws IOException, InterruptedException {
    int starts = 7;
    List<String> names = List.of("relais", Bench.WITHOUT_CACHE, "mosquitto", "floor");
    for (int at = 0; at < words.size(); at++) {
      boolean last = at + 1 == words.size();
      switch (words.get(at)) {
        case "--help", "-h" -> {
          System.out.print(USAGE);
          return 0;
        }
        case "--starts" -> starts = last ? 0 : startsOf(words.get(++at));
        case "--brokers" -> names = last ? List.of() : List.of(words.get(++at).split(",", -1));
        default -> throw new UsageError("unknown option '" + words.get(at) + "'");
      }
    }
    if (starts < 1 || starts > 100 || names.isEmpty()) {
      throw new UsageError("--starts needs a number from 1 to 100, --brokers a list of names");
    }
    new Figures(new Bench(root, children)).measure(starts, names);
    return 0;
  }

  private static int startsOf(String text) {
    return text.matches("\\d{1,3}") ? Integer.parseInt(text) : 0;
  }

  private void measure(int starts, List<String> names) throws IOException, InterruptedException {
    requireOpenFiles();
    List<Launched> brokers = new ArrayList<>();
    names.forEach(name -> brokers.add(bench.broker(name)));
    List<String> versions = new ArrayList<>();
    for (Launched broker : brokers) {
      versions.add(broker.name() + ": " + bench.version(broker));
    }
    Machine machine = Machine.here(bench.root(), bench.children());
    Path directory = bench.newRunDirectory();

    List<List<String>> rows = new ArrayList<>();
    for (Launched broker : brokers) {
      System.err.println("measuring " + broker.name());
      String millis = Table.spread(startMillis(broker, starts, directory));
      Held held = hold(broker, directory);
      rows.add(
          List.of(
              broker.name(),
              millis,
              Table.figure(held.idleMiB()),
              held.perConnection(),
              held.connectionsPerSecond()));
    }
    System.out.print(
        new Table(
                List.of(
                    "broker", "ready after ms", "idle MiB", "bytes/connection", "connections/s"),
                rows,
                1,
                0)
            .text());
    System.out.println();
    versions.forEach(System.out::println);
    System.out.print(machine.text());
  }

  private static void requireOpenFiles() throws IOException {
    String limit =
        Files.readAllLines(Path.of("/proc/self/limits")).stream()
            .filter(line -> line.startsWith("Max open files"))
            .findFirst()
            .orElse("");
    String[] words = limit.strip().split("\\s+", -1);
    String soft = words.length > 3 ? words[3] : "unlimited";
    if (!soft.equals("unlimited") && Long.parseLong(soft) < CONNECTIONS + OTHER_FILES) {
      throw new UsageError(
          "%d connections need as many open files, but only %s are allowed: ulimit -n %d"
              .formatted(CONNECTIONS, soft, CONNECTIONS + OTHER_FILES));
    }
  }

  private Optional<Spread> startMillis(Launched broker, int starts, Path directory)
      throws IOException, InterruptedException {
    List<Double> millis = new ArrayList<>();
    for (int start = 1; start <= starts; start++) {
      Path seat = directory.resolve(broker.name() + "-start-" + start);
      try (RunningBroker running =
          RunningBroker.start(broker, seat, Pinning.NONE, bench.children())) {
        millis.add(running.readyAfter().toNanos() / 1e6);
      }
    }
    return Spread.of(millis);
  }

  /// What one start holds; the texts say FAILED where the connections could not be made.
  private record Held(double idleMiB, String perConnection, String connectionsPerSecond) {}

  private Held hold(Launched broker, Path directory) throws IOException, InterruptedException {
    Generator generator = bench.generator(0, 0, Pinning.NONE);
    Path seat = directory.resolve(broker.name() + "-idle");
    try (RunningBroker running =
        RunningBroker.start(broker, seat, Pinning.NONE, bench.children())) {
      TimeUnit.SECONDS.sleep(IDLE_SECONDS);
      double idleMiB = residentKiB(running.pid()) / 1024.0;
      Outcome outcome =
          generator.run(
              List.of(
                  "conn",
                  "-S",
                  Integer.toString(CONNECTIONS),
                  "--src",
                  "4",
                  "-P",
                  "1",
                  "-k",
                  "60",
                  "--hold",
                  "5"),
              running,
              directory.resolve(broker.name() + "-connections"));
      return switch (outcome) {
        case Outcome.Measured measured ->
            new Held(
                idleMiB,
                Table.figure(measured.report().number("rss_bytes_per_conn")),
                Table.figure(measured.report().number("conn_per_s")));
        case Outcome.Failed failed -> {
          System.err.println(broker.name() + " with connections: " + failed.reason());
          yield new Held(idleMiB, "FAILED", "FAILED");
        }
      };
    }
  }

  private static long residentKiB(OptionalLong pid) throws IOException {
    Path status = Path.of("/proc", Long.toString(pid.orElseThrow()), "status");
    return Files.readAllLines(status).stream()
        .filter(line -> line.startsWith("VmRSS:"))
        .map(line -> line.replaceAll("[^0-9]", ""))
        .mapToLong(Long::parseLong)
        .findFirst()
        .orElseThrow(() -> new IOException(status + " has no VmRSS: has the broker ended?"));
  }
}
