package io.relais.benchmarks;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;

/// Where and of what a result was measured.
record Machine(
    String processor,
    int processors,
    String memory,
    String kernel,
    String load,
    String java,
    Instant date,
    String commit) {
  private static final int TOOL_SECONDS = 10;

  static Machine here(Path root, Children children) throws IOException, InterruptedException {
    String commit =
        firstLine(
            children,
            List.of("git", "-C", root.toString(), "rev-parse", "--short=12", "HEAD"),
            TOOL_SECONDS);
    String changed =
        firstLine(
            children,
            List.of("git", "-C", root.toString(), "status", "--porcelain", "-uno"),
            TOOL_SECONDS);
    return new Machine(
        valueIn("/proc/cpuinfo", "model name"),
        Runtime.getRuntime().availableProcessors(),
        valueIn("/proc/meminfo", "MemTotal"),
        System.getProperty("os.name") + " " + System.getProperty("os.version"),
        Files.readString(Path.of("/proc/loadavg")).strip(),
        System.getProperty("java.vm.name") + " " + Runtime.version(),
        Instant.now().truncatedTo(ChronoUnit.SECONDS),
        changed.isEmpty() ? commit : commit + " with changes");
  }

  private static String valueIn(String file, String key) throws IOException {
    return Files.readAllLines(Path.of(file)).stream()
        .filter(line -> line.startsWith(key))
        .map(line -> line.substring(line.indexOf(':') + 1).strip())
        .findFirst()
        .orElse("unknown");
  }

  /// The first line that a tool prints to either output; empty if it prints none.
  static String firstLine(Children children, List<String> command, int seconds)
      throws IOException, InterruptedException {
    List<String> lines = output(children, command, seconds);
    return lines.isEmpty() ? "" : lines.getFirst();
  }

  /// The first line that matches; the tool's other lines, such as a build's, are left out.
  static String versionLine(Children children, List<String> command, Pattern wanted, int seconds)
      throws IOException, InterruptedException {
    List<String> lines = output(children, command, seconds);
    return lines.stream()
        .filter(line -> wanted.matcher(line).find())
        .findFirst()
        .orElseThrow(
            () ->
                new IOException(
                    "'%s' printed no line like /%s/ within %d s; its last line: %s"
                        .formatted(
                            String.join(" ", command),
                            wanted,
                            seconds,
                            lines.isEmpty() ? "none" : lines.getLast())));
  }

  private static List<String> output(Children children, List<String> command, int seconds)
      throws IOException, InterruptedException {
    Path output = Files.createTempFile("relais-benchmarks", ".txt");
    try {
      Process process =
          children.start(
              new ProcessBuilder(command)
                  .redirectErrorStream(true)
                  .redirectOutput(output.toFile()));
      process.waitFor(seconds, TimeUnit.SECONDS);
      children.end(process, Duration.ofSeconds(1));
      return Files.readAllLines(output);
    } finally {
      Files.deleteIfExists(output);
    }
  }

  String text() {
    return """
    %s, %d processors, %s, %s, load %s
    %s; %s; commit %s
    """
        .formatted(processor, processors, memory, kernel, load, java, date, commit);
  }
}
