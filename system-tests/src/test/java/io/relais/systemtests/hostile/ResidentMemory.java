package io.relais.systemtests.hostile;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;

/// The memory of another process as the kernel counts it.
public record ResidentMemory(long pid) {
  private static final Duration RETURN_MAX = Duration.ofSeconds(30);

  /// VmRSS in MiB.
  public int mebibytes() {
    try {
      for (String line : Files.readAllLines(Path.of("/proc/" + pid + "/status"))) {
        if (line.startsWith("VmRSS:")) {
          return Integer.parseInt(line.replaceAll("\\D", "")) / 1024;
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException("process " + pid + " is gone", e);
    }
    throw new IllegalStateException("no VmRSS of process " + pid);
  }

  /// Asks its JVM for a full collection. A serial heap never shrinks between collections, so this
  /// tells what is held from what was merely not collected yet.
  public void collect() {
    try {
      Process jcmd =
          new ProcessBuilder(
                  Path.of(System.getProperty("java.home"), "bin", "jcmd").toString(),
                  String.valueOf(pid),
                  "GC.run")
              .redirectOutput(ProcessBuilder.Redirect.DISCARD)
              .redirectErrorStream(true)
              .start();
      if (!jcmd.waitFor(20, TimeUnit.SECONDS) || jcmd.exitValue() != 0) {
        jcmd.destroyForcibly();
        throw new AssertionError("jcmd " + pid + " GC.run did not succeed");
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AssertionError("interrupted while jcmd ran", e);
    }
  }

  /// Waits up to 30 s until it is at most this much.
  public void awaitAtMost(int mebibytes) {
    Awaitility.await("resident memory of at most " + mebibytes + " MiB")
        .atMost(RETURN_MAX)
        .pollDelay(Duration.ZERO)
        .pollInterval(Duration.ofSeconds(1))
        .pollInSameThread()
        .untilAsserted(
            () -> {
              collect();
              int now = mebibytes();
              if (now > mebibytes) {
                throw new AssertionError(
                    "%d MiB are resident, more than %d".formatted(now, mebibytes));
              }
            });
  }
}
