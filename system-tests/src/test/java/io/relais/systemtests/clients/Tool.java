package io.relais.systemtests.clients;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;

/// Programs of the machine that tests need. One that is missing is a failure with the name of the
/// package that has it; no test is left out for that.
public final class Tool {
  private Tool() {}

  /// @return where on PATH it is
  public static Path require(String name, String debianPackage) {
    return Arrays.stream(System.getenv().getOrDefault("PATH", "").split(":"))
        .map(folder -> Path.of(folder, name))
        .filter(Files::isExecutable)
        .findFirst()
        .orElseThrow(
            () ->
                new AssertionError(
                    "%s is needed by this test and is not installed: apt-get install %s"
                        .formatted(name, debianPackage)));
  }

  record Outcome(int exitCode, String output) {}

  /// Runs a program to its end, at most for this long.
  static Outcome run(List<String> command, Path directory, byte[] input, Duration within) {
    Path output = null;
    try {
      output = Files.createTempFile("relais-tool", ".txt");
      Process process =
          new ProcessBuilder(command)
              .directory(directory.toFile())
              .redirectErrorStream(true)
              .redirectOutput(output.toFile())
              .start();
      try {
        try (var stdin = process.getOutputStream()) {
          stdin.write(input);
        } catch (IOException e) {
          // It ended without reading all of its input: its exit code and output say why.
          if (process.isAlive() && !process.waitFor(1, TimeUnit.SECONDS)) {
            throw e;
          }
        }
        if (!process.waitFor(within.toMillis(), TimeUnit.MILLISECONDS)) {
          throw new AssertionError(
              "%s took more than %s; its output:%n%s"
                  .formatted(command, within, Files.readString(output)));
        }
        return new Outcome(process.exitValue(), Files.readString(output, UTF_8));
      } finally {
        process.destroyForcibly();
      }
    } catch (IOException e) {
      throw new UncheckedIOException(command + " does not run", e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AssertionError("interrupted while " + command + " ran", e);
    } finally {
      if (output != null) {
        output.toFile().delete();
      }
    }
  }
}
