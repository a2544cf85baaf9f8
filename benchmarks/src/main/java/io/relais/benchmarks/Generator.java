package io.relais.benchmarks;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/// Runs `load/mqttload.c` against a broker. Limit: each run has a time after which it is ended.
///
/// Owner: the thread of the run.
record Generator(
    Path executable,
    double seconds,
    double warmSeconds,
    Duration spare,
    Pinning pinning,
    Children children) {
  /// What opening, draining and closing may take beside the measured time.
  static final Duration USUAL_SPARE = Duration.ofSeconds(90);

  Outcome run(Scenario scenario, RunningBroker broker, Path directory)
      throws IOException, InterruptedException {
    List<String> options = new ArrayList<>(scenario.options());
    if (scenario.timed()) {
      options.addAll(List.of("-t", Double.toString(seconds), "-W", Double.toString(warmSeconds)));
    }
    return run(options, broker, directory);
  }

  Outcome run(List<String> options, RunningBroker broker, Path directory)
      throws IOException, InterruptedException {
    List<String> command = new ArrayList<>(pinning.generator());
    command.add(executable.toString());
    command.addAll(options);
    command.addAll(List.of("-h", broker.host(), "-p", Integer.toString(broker.port())));
    broker.pid().ifPresent(pid -> command.addAll(List.of("--pid", Long.toString(pid))));

    Files.createDirectories(directory);
    Path output = directory.resolve("mqttload.json");
    Path errors = directory.resolve("mqttload.log");
    Process process =
        children.start(
            new ProcessBuilder(command)
                .redirectOutput(output.toFile())
                .redirectError(errors.toFile()));
    Duration bound = spare.plusMillis((long) ((seconds + warmSeconds) * 1000));
    boolean inTime = process.waitFor(bound.toMillis(), TimeUnit.MILLISECONDS);
    children.end(process, Duration.ofSeconds(1));
    if (!inTime) {
      return new Outcome.Failed("not done after " + bound.toSeconds() + " s", Optional.empty());
    }

    String line = Files.readString(output).strip();
    if (line.isEmpty()) {
      List<String> said = Files.readAllLines(errors);
      return new Outcome.Failed(
          "mqttload ended with %d: %s"
              .formatted(process.exitValue(), said.isEmpty() ? "no message" : said.getLast()),
          Optional.empty());
    }
    LoadReport report = LoadReport.parse(line);
    if (!broker.isAlive()) {
      return new Outcome.Failed("the broker ended during the run", Optional.of(report));
    }
    Outcome outcome = Outcome.of(report);
    return outcome instanceof Outcome.Measured && process.exitValue() != 0
        ? new Outcome.Failed("mqttload ended with " + process.exitValue(), Optional.of(report))
        : outcome;
  }
}
