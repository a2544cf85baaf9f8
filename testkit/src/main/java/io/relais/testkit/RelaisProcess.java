package io.relais.testkit;

import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Relais itself, as the program that users start, on free ports of the loopback and with `store:
/// memory`. It runs in a JVM of its own with the class path of this one, so what was just compiled
/// is what runs.
///
/// Owner: any thread.
public final class RelaisProcess implements BrokerUnderTest {
  private static final int ATTEMPTS_MAX = 5;

  private final ServerProcess process;
  private final InetSocketAddress tcp;

  private RelaisProcess(ServerProcess process, InetSocketAddress tcp) {
    this.process = process;
    this.tcp = tcp;
  }

  /// @param settings each `key=value` as for `--set`; listener 0 is the one of [#tcp()], further
  ///   ones may be added from index 1 on
  public static RelaisProcess start(String... settings) {
    return start(Map.of(), settings);
  }

  /// @param configuration a file for `--config`; its listeners are replaced by the one of [#tcp()]
  public static RelaisProcess start(@Nullable Path configuration, String... settings) {
    return start(configuration, Map.of(), settings);
  }

  /// @param environment on top of this JVM's own, like that of [FaultyDisk#environment()]
  public static RelaisProcess start(Map<String, String> environment, String... settings) {
    return start(null, environment, settings);
  }

  private static RelaisProcess start(
      @Nullable Path configuration, Map<String, String> environment, String... settings) {
    AssertionError last = null;
    for (int attempt = 0; attempt < ATTEMPTS_MAX; attempt++) {
      RelaisProcess started = launch(configuration, environment, settings);
      try {
        started.process.awaitReady();
        return started;
      } catch (AssertionError e) {
        // Another process may have taken the port in between; everything else is final.
        if (!String.valueOf(e.getMessage()).contains("in use")) {
          throw e;
        }
        last = e;
      }
    }
    throw new AssertionError("no free port in " + ATTEMPTS_MAX + " attempts", last);
  }

  /// Starts it and does not wait until it serves: for tests that end it before.
  public static RelaisProcess launch(Map<String, String> environment, String... settings) {
    return launch(null, environment, settings);
  }

  private static RelaisProcess launch(
      @Nullable Path configuration, Map<String, String> environment, String... settings) {
    int port = ServerProcess.freePort();
    List<String> command = command(List.of(), "start");
    if (configuration != null) {
      command.addAll(List.of("--config", configuration.toString()));
    }
    List<String> all = new ArrayList<>();
    // --listen replaces the whole list, so settings of further listeners need the other way.
    if (Arrays.stream(settings).anyMatch(setting -> setting.startsWith("listeners."))) {
      all.add("listeners.0.bind=127.0.0.1:" + port);
    } else {
      command.addAll(List.of("--listen", "127.0.0.1:" + port));
    }
    all.add("admin.bind=127.0.0.1:0");
    all.add("store=memory");
    all.add("threads.loops=2"); // on any machine, so that messages go from one to the other
    all.addAll(Arrays.asList(settings));
    for (String setting : all) {
      command.addAll(List.of("--set", setting));
    }
    ServerProcess process =
        ServerProcess.start(
            "relais",
            command,
            workingDirectory(),
            environment,
            line -> line.contains("Relais is ready"));
    return new RelaisProcess(
        process, new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
  }

  /// What runs the `relais` command with the classes of this JVM.
  ///
  /// @param jvmOptions after those of the tests, so that they win
  /// @param arguments of `relais`
  public static List<String> command(List<String> jvmOptions, String... arguments) {
    List<String> command =
        new ArrayList<>(
            List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                // As the launcher has them.
                "-XX:+UseCompactObjectHeaders",
                "-Xms32m",
                "-Xmx1g",
                "-XX:MinHeapFreeRatio=10",
                "-XX:MaxHeapFreeRatio=30",
                "-XX:-ShrinkHeapInSteps",
                "-XX:MaxDirectMemorySize=512m",
                "-ea",
                "--enable-native-access=ALL-UNNAMED",
                "--sun-misc-unsafe-memory-access=allow"));
    command.addAll(jvmOptions);
    command.addAll(List.of("-cp", classPath(), "io.relais.cli.Main"));
    command.addAll(Arrays.asList(arguments));
    return command;
  }

  /// The class path of this JVM; Surefire hides it behind a manifest, but tells it.
  private static String classPath() {
    String told = System.getProperty("surefire.test.class.path");
    String path = told != null ? told : System.getProperty("java.class.path");
    // Test classes and their resources are no part of the program.
    List<String> entries = new ArrayList<>(Arrays.asList(path.split(File.pathSeparator)));
    entries.removeIf(entry -> entry.endsWith("test-classes"));
    return String.join(File.pathSeparator, entries);
  }

  private static Path workingDirectory() {
    try {
      Path directory = Files.createTempDirectory("relais-test");
      directory.toFile().deleteOnExit();
      return directory;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public InetSocketAddress tcp() {
    return tcp;
  }

  public ServerProcess process() {
    return process;
  }

  public long pid() {
    return process.pid();
  }

  @Override
  public String output() {
    return process.output();
  }

  @Override
  public void close() {
    process.close();
  }

  @Override
  public String toString() {
    return "Relais on " + tcp;
  }
}
