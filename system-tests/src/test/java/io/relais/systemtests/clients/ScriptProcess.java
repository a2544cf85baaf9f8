package io.relais.systemtests.clients;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.BufferedReader;
import java.io.BufferedWriter;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStreamWriter;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/// An interpreter that runs one of the client scripts under `src/test`; all clients of that kind
/// live in one process, which ends with this JVM since its input ends then.
///
/// Owner: any thread; commands are written under a lock, a thread reads the answers.
final class ScriptProcess {
  private static @Nullable ScriptProcess node;
  private static @Nullable ScriptProcess python;

  private final String name;
  private final Path errors;
  private final BufferedWriter commands;
  private final AtomicLong numbers = new AtomicLong();
  private final Map<String, CompletableFuture<String[]>> answers = new ConcurrentHashMap<>();
  private final Map<String, Arrivals> arrivals = new ConcurrentHashMap<>();

  private ScriptProcess(String name, List<String> command, Path directory) {
    this.name = name;
    this.errors = directory.resolve(name + "-errors.txt");
    try {
      Process process =
          new ProcessBuilder(command)
              .directory(directory.toFile())
              .redirectError(errors.toFile())
              .start();
      commands = new BufferedWriter(new OutputStreamWriter(process.getOutputStream(), UTF_8));
      // Reading a pipe of a process holds a carrier thread.
      Thread.ofPlatform().daemon().name("answers of " + name).start(() -> read(process));
    } catch (IOException e) {
      throw new UncheckedIOException(name + " does not start: " + command, e);
    }
  }

  /// MQTT.js; its packages are installed under `target/node`, at the versions of the lock file.
  static synchronized ScriptProcess node() {
    if (node == null) {
      Path interpreter = Tool.require("node", "nodejs");
      Path home = Path.of("target", "node").toAbsolutePath();
      install(home);
      node = new ScriptProcess("node", List.of(interpreter.toString(), "client.mjs"), home);
    }
    return node;
  }

  private static void install(Path home) {
    Path sources = Path.of("src", "test", "node");
    try {
      Files.createDirectories(home);
      Files.copy(
          sources.resolve("client.mjs"),
          home.resolve("client.mjs"),
          StandardCopyOption.REPLACE_EXISTING);
      Path lock = home.resolve("package-lock.json");
      Path wanted = sources.resolve("package-lock.json");
      // npm writes this file last, so an interrupted installation is done again.
      if (Files.exists(home.resolve("node_modules/.package-lock.json"))
          && Files.exists(lock)
          && Files.mismatch(lock, wanted) < 0) {
        return;
      }
      Files.copy(
          sources.resolve("package.json"),
          home.resolve("package.json"),
          StandardCopyOption.REPLACE_EXISTING);
      Files.copy(wanted, lock, StandardCopyOption.REPLACE_EXISTING);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    Path npm = Tool.require("npm", "npm");
    Tool.Outcome outcome =
        Tool.run(
            List.of(npm.toString(), "ci", "--ignore-scripts", "--no-audit", "--no-fund"),
            home,
            new byte[0],
            Duration.ofMinutes(2));
    if (outcome.exitCode() != 0) {
      throw new AssertionError("npm could not install MQTT.js:\n" + outcome.output());
    }
  }

  /// Debian's paho-mqtt, which Debian's own python3 sees.
  static synchronized ScriptProcess python() {
    if (python == null) {
      Path interpreter = Path.of("/usr/bin/python3");
      Path directory = Path.of("target").toAbsolutePath();
      if (!Files.isExecutable(interpreter)
          || Tool.run(
                      List.of(interpreter.toString(), "-c", "import paho.mqtt.client"),
                      directory,
                      new byte[0],
                      Duration.ofSeconds(20))
                  .exitCode()
              != 0) {
        throw new AssertionError(
            "paho-mqtt for /usr/bin/python3 is needed by this test and is not installed:"
                + " apt-get install python3-paho-mqtt");
      }
      Path script = Path.of("src", "test", "python", "client.py").toAbsolutePath();
      python =
          new ScriptProcess(
              "python", List.of(interpreter.toString(), script.toString()), directory);
    }
    return python;
  }

  /// Sends a command; the answer's words come back without its number.
  ///
  /// @param words each a String or bytes
  CompletableFuture<String[]> ask(String command, String handle, Object... words) {
    String number = String.valueOf(numbers.incrementAndGet());
    StringBuilder line = new StringBuilder(number);
    line.append('\t').append(command).append('\t').append(handle);
    for (Object word : words) {
      byte[] bytes =
          switch (word) {
            case byte[] binary -> binary;
            case Boolean flag -> (flag ? "1" : "0").getBytes(UTF_8);
            default -> word.toString().getBytes(UTF_8);
          };
      line.append('\t').append(Base64.getEncoder().encodeToString(bytes));
    }
    CompletableFuture<String[]> answer = new CompletableFuture<>();
    answers.put(number, answer);
    try {
      synchronized (commands) {
        commands.write(line.append('\n').toString());
        commands.flush();
      }
    } catch (IOException e) {
      answer.completeExceptionally(new AssertionError(name + " is gone: " + errors(), e));
    }
    return answer;
  }

  void deliver(String handle, Arrivals to) {
    arrivals.put(handle, to);
  }

  private void read(Process process) {
    try (var lines = new BufferedReader(new InputStreamReader(process.getInputStream(), UTF_8))) {
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        String[] words = line.split("\t", -1);
        if (words[0].equals("message")) {
          Arrivals to = arrivals.get(words[1]);
          if (to != null) {
            to.add(
                new Message(
                    new String(Base64.getDecoder().decode(words[2]), UTF_8),
                    Base64.getDecoder().decode(words[5]),
                    Integer.parseInt(words[3]),
                    words[4].equals("1")));
          }
        } else {
          CompletableFuture<String[]> answer = answers.remove(words[0]);
          if (answer != null) {
            answer.complete(words);
          }
        }
      }
    } catch (IOException e) {
      fail(e);
      return;
    }
    fail(new IOException("its output ended"));
  }

  private void fail(IOException cause) {
    AssertionError failure = new AssertionError(name + " is gone: " + errors(), cause);
    answers.values().forEach(answer -> answer.completeExceptionally(failure));
  }

  String errors() {
    try {
      return Files.readString(errors);
    } catch (IOException e) {
      return "(" + errors + " cannot be read: " + e.getMessage() + ")";
    }
  }
}
