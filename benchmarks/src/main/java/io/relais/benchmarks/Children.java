package io.relais.benchmarks;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;

/// The processes that a run has started, so that none outlives it: not after an error, not after
/// Ctrl-C. What they stored goes with them.
///
/// Owner: any thread; its own lock guards it.
final class Children {
  private static final Duration TO_DIE = Duration.ofSeconds(5);

  private final Set<Process> alive = new LinkedHashSet<>();
  private final Set<Path> stores = new LinkedHashSet<>();
  private boolean ending;

  private Children() {}

  static Children endedAtExit() {
    Children children = new Children();
    Runtime.getRuntime().addShutdownHook(new Thread(children::endAll, "end-children"));
    return children;
  }

  synchronized Process start(ProcessBuilder builder) throws IOException {
    if (ending) {
      throw new InterruptedRun();
    }
    Process process = builder.start();
    alive.add(process);
    return process;
  }

  /// A directory that is deleted at the end of the run, if it is there then.
  synchronized void storeIn(Path directory) {
    stores.add(directory);
  }

  /// Whether the whole run is coming to its end, which makes the death of a child no failure of it.
  synchronized boolean isEnding() {
    return ending;
  }

  /// Asks a process to end, and ends it by force where it has not after `patience`; false in that
  /// case.
  boolean end(Process process, Duration patience) throws InterruptedException {
    List<ProcessHandle> below = process.descendants().toList();
    process.destroy();
    boolean itself = process.waitFor(patience.toMillis(), TimeUnit.MILLISECONDS);
    below.forEach(ProcessHandle::destroyForcibly);
    if (!itself) {
      process.destroyForcibly();
      process.waitFor(TO_DIE.toMillis(), TimeUnit.MILLISECONDS);
    }
    synchronized (this) {
      alive.remove(process);
    }
    return itself;
  }

  private void endAll() {
    List<Process> left;
    List<Path> stored;
    synchronized (this) {
      ending = true;
      left = List.copyOf(alive);
      stored = List.copyOf(stores);
    }
    left.forEach(Process::destroy);
    for (Process process : left) {
      try {
        end(process, TO_DIE);
      } catch (InterruptedException interrupted) {
        process.destroyForcibly();
        Thread.currentThread().interrupt();
      }
    }
    for (Path directory : stored) {
      try {
        RunningBroker.deleteTree(directory);
      } catch (IOException kept) {
        System.err.println("could not delete " + directory + ": " + kept);
      }
    }
  }

  /// The run was told to end; nothing more is started.
  static final class InterruptedRun extends RuntimeException {
    InterruptedRun() {
      super("the run is ending");
    }
  }
}
