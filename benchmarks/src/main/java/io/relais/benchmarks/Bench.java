package io.relais.benchmarks;

import io.relais.benchmarks.Broker.Floor;
import io.relais.benchmarks.Broker.HiveMq;
import io.relais.benchmarks.Broker.Launched;
import io.relais.benchmarks.Broker.Moquette;
import io.relais.benchmarks.Broker.Mosquitto;
import io.relais.benchmarks.Broker.Nats;
import io.relais.benchmarks.Broker.Relais;
import io.relais.benchmarks.Broker.Standing;
import java.io.IOException;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.List;
import java.util.OptionalLong;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/// The repository as seen from here: its brokers by name, the generator, and a place for what runs
/// leave.
record Bench(Path root, Children children) {
  /// The first use of Relais builds it.
  private static final int VERSION_SECONDS = 900;

  private static final int SAVED_A_DAY_MAX = 999;

  static final String WITHOUT_CACHE = "relais-no-cache";

  /// Twenty rules that speak of other topics, and then one that allows everything.
  private static final List<String> RULES =
      Stream.concat(
              IntStream.range(0, 20)
                  .boxed()
                  .flatMap(
                      i ->
                          Stream.of(
                              "authorization.rules.%d.effect=deny".formatted(i),
                              "authorization.rules.%d.filter=plant/%d/+/state".formatted(i, i))),
              Stream.of("authorization.rules.20.effect=allow", "authorization.rules.20.filter=#"))
          .toList();

  /// All that `benchmarks/run` can put under load side by side.
  static final List<String> SIDE_BY_SIDE =
      List.of(
          "relais",
          "relais-memory",
          "relais-rules",
          "mosquitto",
          "hivemq",
          "moquette",
          "nats",
          "floor");

  private static final List<String> UNLIMITED =
      List.of(
          "store=disk",
          "limits.queue-messages=100000000",
          "limits.queue-bytes=64GiB",
          "limits.max-inflight=65535",
          "limits.receive-maximum=65535",
          "limits.retained-messages=10000000");

  Launched broker(String name) {
    return switch (name) {
      case "relais" -> new Relais(name, launcher(), List.of(), "");
      case "relais-memory" -> new Relais(name, launcher(), List.of("store=memory"), "");
      case "relais-rules" -> new Relais(name, launcher(), RULES, "");
      case WITHOUT_CACHE -> new Relais(name, launcher(), List.of(), "-XX:AOTMode=off");
      case "mosquitto" -> new Mosquitto(onPath("mosquitto"), Mosquitto.IN_MEMORY);
      case "hivemq" -> new HiveMq(java(), fetched(name), "in-memory");
      case "moquette" -> new Moquette(java(), fetched(name));
      case "nats" -> new Nats(onPath("nats-server"));
      case "floor" -> new Floor(java(), root.resolve("benchmarks/target/floor"));
      default ->
          throw new UsageError(
              "no broker is called '%s'; there are %s"
                  .formatted(name, String.join(", ", SIDE_BY_SIDE)));
    };
  }

  /// A broker that stores, what it promises by an acknowledgement, and how many messages it leaves
  /// unacknowledged toward one client.
  record Storing(Launched broker, String promise, String window) {}

  /// With limits that hold what the measurements of `benchmarks/durability` queue.
  Storing storing(String name) {
    return switch (name) {
      case "relais" ->
          new Storing(
              new Relais(name, launcher(), UNLIMITED, ""),
              "synced to disk before the acknowledgement (store: disk)",
              "65535 (limits.max-inflight; usually 1024)");
      case "mosquitto" ->
          new Storing(
              new Mosquitto(onPath("mosquitto"), Mosquitto.STORING),
              "in memory; written and synced at a stop and every 30 minutes (autosave_interval)",
              "65535 (max_inflight_messages; usually 20)");
      case "hivemq" ->
          new Storing(
              new HiveMq(java(), fetched(name), "file"),
              "written before the acknowledgement, synced some time after",
              "50, which no setting raises");
      default ->
          throw new UsageError(
              "no broker that stores is called '%s'; there are relais, mosquitto, hivemq"
                  .formatted(name));
    };
  }

  private static Path java() {
    return Path.of(System.getProperty("java.home"), "bin", "java");
  }

  /// Where `load/peers/prepare.sh` put a peer of Maven Central.
  private Path fetched(String peer) {
    Path classes = root.resolve("benchmarks/target/peers").resolve(peer);
    if (!Files.isReadable(classes.resolve("classpath"))) {
      throw new UsageError(
          "%s is missing: %s could not be fetched from Maven Central or compiled (see %s); with a network it is fetched at the next start, and --brokers leaves it out"
              .formatted(
                  classes.resolve("classpath"),
                  peer,
                  root.resolve("benchmarks/target/" + peer + ".log")));
    }
    return classes;
  }

  static Standing standing(String address, OptionalLong pid) {
    int colon = address.lastIndexOf(':');
    try {
      InetAddress host = InetAddress.getByName(colon < 1 ? "" : address.substring(0, colon));
      int port = Integer.parseInt(address.substring(colon + 1));
      if (colon > 0 && host.isLoopbackAddress() && host.getAddress().length == 4 && port > 0) {
        return new Standing("against", host.getHostAddress(), port, pid);
      }
    } catch (UnknownHostException | NumberFormatException wrong) {
      throw new UsageError(
          "--against needs HOST:PORT, not '" + address + "': " + wrong.getMessage());
    }
    throw new UsageError(
        "--against needs HOST:PORT on this machine's IPv4 loopback, such as 127.0.0.1:1883, not '"
            + address
            + "': the load stays on this machine");
  }

  String version(Launched broker) throws IOException, InterruptedException {
    return Machine.versionLine(
        children, broker.versionCommand(), broker.versionLine(), VERSION_SECONDS);
  }

  Generator generator(double seconds, double warmSeconds, Pinning pinning) {
    return generator(seconds, warmSeconds, Generator.USUAL_SPARE, pinning);
  }

  Generator generator(double seconds, double warmSeconds, Duration spare, Pinning pinning) {
    Path executable = root.resolve("benchmarks/target/mqttload");
    return new Generator(executable, seconds, warmSeconds, spare, pinning, children);
  }

  /// A directory that is kept, below `benchmarks/target/runs`.
  Path newRunDirectory() throws IOException {
    Path runs = root.resolve("benchmarks/target/runs");
    Files.createDirectories(runs);
    return Files.createTempDirectory(runs, "run-");
  }

  /// Puts a result where results are kept. One of the same day stays: the second of a day is named
  /// `DATE-KIND-2.txt`, and so on.
  ///
  /// @param kind `side-by-side`, `durability`
  Path save(String kind, Machine machine, String text) throws IOException {
    Path results = Files.createDirectories(root.resolve("benchmarks/results"));
    return save(results, machine.date().toString().substring(0, 10) + "-" + kind, text);
  }

  static Path save(Path results, String name, String text) throws IOException {
    for (int nth = 1; nth <= SAVED_A_DAY_MAX; nth++) {
      Path file = results.resolve(name + (nth == 1 ? "" : "-" + nth) + ".txt");
      if (!Files.exists(file)) {
        return Files.writeString(file, text, StandardOpenOption.CREATE_NEW);
      }
    }
    throw new IOException(
        "%s has %d results named %s already: delete some of them"
            .formatted(results, SAVED_A_DAY_MAX, name));
  }

  private Path launcher() {
    Path launcher = root.resolve("relais");
    if (!Files.isExecutable(launcher)) {
      throw new UsageError(launcher + " is missing or not executable; --brokers leaves relais out");
    }
    return launcher;
  }

  private static String onPath(String name) {
    List<Path> places =
        List.of(Path.of("/usr/sbin"), Path.of("/usr/local/sbin"), Path.of("/usr/bin"));
    return places.stream()
        .map(place -> place.resolve(name))
        .filter(Files::isExecutable)
        .findFirst()
        .map(Path::toString)
        .orElseThrow(
            () ->
                new UsageError(
                    name
                        + " is in none of "
                        + places
                        + "; install it (Debian: apt-get install "
                        + name
                        + ") or leave it out with --brokers"));
  }
}
