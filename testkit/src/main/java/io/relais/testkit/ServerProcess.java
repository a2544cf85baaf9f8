package io.relais.testkit;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/// A server program that a test started: its output is read all the time, and it is ended by its
/// process id, at the latest when this JVM ends.
///
/// Owner: any thread; the kept output is guarded by its own lock. Keeps the last 400 lines.
public final class ServerProcess implements AutoCloseable {
  private static final int LINES_MAX = 400;
  private static final Duration START_MAX = Duration.ofSeconds(30);
  private static final Duration STOP_MAX = Duration.ofSeconds(15);

  private final String name;
  private final Process process;
  private final Thread ender;
  private final Thread reader;
  private final Deque<String> lines = new ArrayDeque<>();
  private final CompletableFuture<String> ready = new CompletableFuture<>();

  private ServerProcess(String name, Process process, Predicate<String> readyLine) {
    this.name = name;
    this.process = process;
    this.ender = new Thread(process::destroyForcibly, "end of " + name);
    Runtime.getRuntime().addShutdownHook(ender);
    // Reading a pipe of a process holds a carrier thread, which virtual threads need.
    this.reader =
        Thread.ofPlatform().daemon().name("output of " + name).start(() -> read(readyLine));
  }

  /// Starts a program; [#awaitReady()] waits for it.
  ///
  /// @param readyLine tells the line of output that says that it serves
  public static ServerProcess start(
      String name, List<String> command, Path directory, Predicate<String> readyLine) {
    return start(name, command, directory, Map.of(), readyLine);
  }

  /// @param environment on top of this JVM's own
  public static ServerProcess start(
      String name,
      List<String> command,
      Path directory,
      Map<String, String> environment,
      Predicate<String> readyLine) {
    ProcessBuilder builder =
        new ProcessBuilder(command).directory(directory.toFile()).redirectErrorStream(true);
    builder.environment().putAll(environment);
    try {
      Process process = builder.start();
      return new ServerProcess(name, process, readyLine);
    } catch (IOException e) {
      throw new UncheckedIOException(name + " does not start: " + command, e);
    }
  }

  private void read(Predicate<String> readyLine) {
    try (var in = new BufferedReader(new InputStreamReader(process.getInputStream(), UTF_8))) {
      for (String line = in.readLine(); line != null; line = in.readLine()) {
        synchronized (lines) {
          if (lines.size() == LINES_MAX) {
            lines.removeFirst();
          }
          lines.addLast(line);
        }
        if (readyLine.test(line)) {
          ready.complete(line);
        }
      }
      ready.completeExceptionally(new IOException(name + " ended before it was ready"));
    } catch (IOException e) {
      ready.completeExceptionally(e);
    }
  }

  /// @return the line that says that it serves
  /// @throws AssertionError if it ends before, or takes more than 30 s
  public String awaitReady() {
    try {
      return ready.get(START_MAX.toMillis(), TimeUnit.MILLISECONDS);
    } catch (ExecutionException | TimeoutException e) {
      close();
      throw new AssertionError(name + " was not ready in time; its output:\n" + output(), e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      close();
      throw new AssertionError("interrupted while " + name + " started", e);
    }
  }

  public long pid() {
    return process.pid();
  }

  public boolean isAlive() {
    return process.isAlive();
  }

  /// What it printed last, standard error included.
  public String output() {
    synchronized (lines) {
      return String.join("\n", lines);
    }
  }

  /// Sends SIGTERM and waits for the end.
  ///
  /// @return the exit code, or null if it was killed since 15 s did not suffice
  public @Nullable Integer terminate() {
    process.destroy();
    try {
      if (process.waitFor(STOP_MAX.toMillis(), TimeUnit.MILLISECONDS)) {
        return process.exitValue();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    process.destroyForcibly();
    return null;
  }

  /// Sends SIGKILL.
  public void kill() {
    process.destroyForcibly();
  }

  /// Waits for it to end by itself.
  ///
  /// @return the exit code
  /// @throws AssertionError if it still runs after this time
  public int awaitEnd(Duration within) {
    try {
      if (process.waitFor(within.toMillis(), TimeUnit.MILLISECONDS)) {
        reader.join(STOP_MAX); // what it said last, before somebody closes the stream
        return process.exitValue();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    throw new AssertionError(name + " still runs after " + within + "; its output:\n" + output());
  }

  @Override
  public void close() {
    if (process.isAlive()) {
      terminate();
    }
    try {
      Runtime.getRuntime().removeShutdownHook(ender);
    } catch (IllegalStateException e) {
      // the JVM is going down and runs the hook itself
      process.destroyForcibly();
    }
  }

  /// A port of the loopback that nobody uses right now; somebody else may take it before its user
  /// does, so starting a server on it is to be tried more than once.
  public static int freePort() {
    try (ServerSocket probe = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return probe.getLocalPort();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
