package io.relais.systemtests.durability;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.TimeUnit;

/// What happened in the current round, and what of it must not have happened.
///
/// Owner: any thread; guarded by itself. Limits: the last 200,000 lines of 400 characters, the
/// first 200 violations.
final class History {
  private static final int LINES_MAX = 200_000;
  private static final int LINE_MAX = 400;
  private static final int VIOLATIONS_MAX = 200;

  private final long start = System.nanoTime();
  private final Deque<String> lines = new ArrayDeque<>();
  private final List<String> violations = new ArrayList<>();

  synchronized void note(String line) {
    if (lines.size() == LINES_MAX) {
      lines.removeFirst();
    }
    String kept = line.length() > LINE_MAX ? line.substring(0, LINE_MAX) + "..." : line;
    lines.addLast(
        "%8.3f %s".formatted(TimeUnit.NANOSECONDS.toMicros(System.nanoTime() - start) / 1e6, kept));
  }

  synchronized void violation(String what) {
    note("VIOLATION " + what);
    if (violations.size() < VIOLATIONS_MAX) {
      violations.add(what);
    }
  }

  synchronized List<String> violations() {
    return List.copyOf(violations);
  }

  /// Begins a round: earlier lines go, unless something is to be told of them.
  synchronized void begin(String round) {
    if (violations.isEmpty()) {
      lines.clear();
    }
    note(round);
  }

  synchronized Path write(Path file) {
    try {
      Files.createDirectories(file.toAbsolutePath().getParent());
      return Files.write(file, lines);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
