package io.relais.benchmarks;

import io.relais.benchmarks.Broker.Launch;
import io.relais.benchmarks.Broker.Launched;
import io.relais.benchmarks.Broker.Seat;
import io.relais.benchmarks.Broker.Standing;
import java.io.BufferedReader;
import java.io.BufferedWriter;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.io.UncheckedIOException;
import java.net.BindException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/// A broker that serves now, and how to reach and to end it.
///
/// Owner: the thread that started it; a daemon thread of its own copies the output into the log.
/// Limits: those of its stay; three starts (another process may take the free port first), 4 Mi
/// characters of log.
final class RunningBroker implements AutoCloseable {
  private static final int STARTS_MAX = 3;
  private static final int LOG_CHARACTERS_MAX = 4 << 20;

  private final String host;
  private final int port;
  private final OptionalInt adminPort;
  private final OptionalLong pid;
  private final long begun;
  private final Duration readyAfter;
  private final Stay stay;
  private final Optional<Process> process;
  private final Optional<Path> directory;
  private final Children children;

  private RunningBroker(
      String host,
      int port,
      OptionalInt adminPort,
      OptionalLong pid,
      long begun,
      Duration readyAfter,
      Stay stay,
      Optional<Process> process,
      Optional<Path> directory,
      Children children) {
    this.host = host;
    this.port = port;
    this.adminPort = adminPort;
    this.pid = pid;
    this.begun = begun;
    this.readyAfter = readyAfter;
    this.stay = stay;
    this.process = process;
    this.directory = directory;
    this.children = children;
  }

  /// How long a broker may take to get ready and to end, and whether what it stored outlasts it.
  record Stay(Duration toGetReady, Duration toEnd, boolean kept) {
    static final Stay USUAL = new Stay(Duration.ofSeconds(60), Duration.ofSeconds(15), false);

    /// With much stored. Its directory is the caller's to delete.
    static final Stay KEPT = new Stay(Duration.ofMinutes(10), Duration.ofMinutes(5), true);

    /// With much stored that goes at the end.
    static final Stay LONG = new Stay(Duration.ofMinutes(10), Duration.ofMinutes(5), false);
  }

  static RunningBroker start(Broker broker, Path directory, Pinning pinning, Children children)
      throws IOException, InterruptedException {
    return start(broker, directory, Stay.USUAL, pinning, children);
  }

  static RunningBroker start(
      Broker broker, Path directory, Stay stay, Pinning pinning, Children children)
      throws IOException, InterruptedException {
    return switch (broker) {
      case Standing standing ->
          new RunningBroker(
              standing.host(),
              standing.port(),
              OptionalInt.empty(),
              standing.pid(),
              System.nanoTime(),
              Duration.ZERO,
              stay,
              Optional.empty(),
              Optional.empty(),
              children);
      case Launched launched -> launch(launched, directory, stay, pinning, children);
    };
  }

  private static RunningBroker launch(
      Launched broker, Path directory, Stay stay, Pinning pinning, Children children)
      throws IOException, InterruptedException {
    List<String> failures = new ArrayList<>();
    while (failures.size() < STARTS_MAX) {
      Files.createDirectories(directory);
      children.storeIn(directory);
      Path log = directory.resolveSibling(directory.getFileName() + ".log");
      Seat seat = new Seat(directory, freePort(), freePort());
      Launch launch = broker.launch(seat);
      List<String> command = new ArrayList<>(pinning.broker());
      command.addAll(launch.command());
      ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
      builder.directory(directory.toFile());
      builder.environment().putAll(launch.environment());
      CompletableFuture<Long> ready = new CompletableFuture<>();
      long begun = System.nanoTime();
      Process process = children.start(builder);
      Thread.ofPlatform()
          .daemon()
          .name("log of " + broker.name())
          .start(() -> copyOutput(process, log, launch.ready(), ready));
      try {
        long at = ready.get(stay.toGetReady().toMillis(), TimeUnit.MILLISECONDS);
        return new RunningBroker(
            "127.0.0.1",
            seat.port(),
            OptionalInt.of(seat.adminPort()),
            OptionalLong.of(process.pid()),
            begun,
            Duration.ofNanos(at - begun),
            stay,
            Optional.of(process),
            Optional.of(directory),
            children);
      } catch (ExecutionException notReady) {
        failures.add(String.valueOf(notReady.getMessage()));
      } catch (TimeoutException tooLong) {
        failures.add("not ready after " + stay.toGetReady().toSeconds() + " s");
      }
      children.end(process, stay.toEnd());
      if (!stay.kept()) {
        deleteTree(directory);
      }
    }
    throw new IOException(
        broker.name() + " did not start in " + STARTS_MAX + " attempts: " + failures.getLast());
  }

  /// Ends with the output; until then it watches for the line that says that the broker is ready.
  private static void copyOutput(
      Process process, Path log, Pattern readyLine, CompletableFuture<Long> ready) {
    String last = "no output";
    int room = LOG_CHARACTERS_MAX;
    try (BufferedReader output = process.inputReader(StandardCharsets.UTF_8);
        BufferedWriter copy = Files.newBufferedWriter(log)) {
      for (String line = output.readLine(); line != null; line = output.readLine()) {
        if (!ready.isDone() && readyLine.matcher(line).find()) {
          ready.complete(System.nanoTime());
        }
        last = line;
        if (room >= line.length()) {
          copy.write(line);
          copy.newLine();
          room -= line.length();
        }
      }
      ready.completeExceptionally(
          new IOException(
              "it ended before it was ready; its last line: " + last + " (" + log + ")"));
    } catch (IOException broken) {
      ready.completeExceptionally(broken);
    }
  }

  /// A port of 20000 to 29999, which no client socket gets by chance as it may an ephemeral one.
  private static int freePort() throws IOException {
    int lastTaken = 0;
    for (int attempt = 0; attempt < 100; attempt++) {
      int port = ThreadLocalRandom.current().nextInt(20_000, 30_000);
      try (ServerSocket socket = new ServerSocket()) {
        socket.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
        return port;
      } catch (BindException taken) {
        lastTaken = port;
      }
    }
    throw new IOException(
        "no free port found between 20000 and 29999 in 100 attempts; the last tried: " + lastTaken);
  }

  String host() {
    return host;
  }

  int port() {
    return port;
  }

  /// Of the port that was free for its administration.
  OptionalInt adminPort() {
    return adminPort;
  }

  OptionalLong pid() {
    return pid;
  }

  /// From the start of the process to the line that says that it is ready.
  Duration readyAfter() {
    return readyAfter;
  }

  /// When the process began, by `System.nanoTime()`.
  long begun() {
    return begun;
  }

  /// Ends it as a loss of power would end the process, though not the machine; what it stored stays
  /// as it is.
  void kill() throws InterruptedException {
    if (process.isPresent()) {
      process.get().destroyForcibly();
      children.end(process.get(), stay.toEnd());
    }
  }

  boolean isAlive() {
    return process.map(Process::isAlive).orElse(true);
  }

  /// What it stored goes unless its stay says otherwise, the log stays.
  @Override
  public void close() throws IOException {
    try {
      if (process.isPresent() && !children.end(process.get(), stay.toEnd())) {
        System.err.println(
            "  process " + process.get().pid() + " had to be ended by force: SIGTERM did not do");
      }
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
      throw new InterruptedIOException("interrupted while a broker ended");
    }
    if (directory.isPresent() && !stay.kept()) {
      deleteTree(directory.get());
    }
  }

  static void deleteTree(Path directory) throws IOException {
    if (!Files.exists(directory)) {
      return;
    }
    try (Stream<Path> all = Files.walk(directory)) {
      all.sorted(Comparator.reverseOrder())
          .forEach(
              path -> {
                try {
                  Files.deleteIfExists(path);
                } catch (IOException kept) {
                  throw new UncheckedIOException(kept);
                }
              });
    } catch (UncheckedIOException kept) {
      throw kept.getCause();
    }
  }
}
