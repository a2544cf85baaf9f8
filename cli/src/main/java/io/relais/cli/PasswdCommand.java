package io.relais.cli;

import io.relais.server.PasswordHash;
import java.io.BufferedReader;
import java.io.Console;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/// `relais passwd`: keeps a file of `user:hash` lines, with the options of mosquitto_passwd.
/// Comments and other users' lines stay as they are.
@Command(
    name = "passwd",
    mixinStandardHelpOptions = true,
    description = "Adds, changes or deletes a user of a password file.",
    footer = {
      "",
      "The password is asked for twice on a terminal; elsewhere it is the first line of standard input.",
      "The file is used by the key authentication.password-file."
    })
final class PasswdCommand implements Runnable {
  @Spec CommandSpec spec = CommandSpec.create();

  @Option(names = "-c", description = "Make a new file; an existing one is overwritten.")
  boolean create;

  @Option(
      names = "-b",
      description =
          "Take the password from the command line, where other users of this machine see it.")
  boolean batch;

  @Option(names = "-D", description = "Delete the user.")
  boolean delete;

  @Parameters(index = "0", paramLabel = "FILE", description = "Password file.")
  @Nullable Path file;

  @Parameters(index = "1", paramLabel = "USER", description = "Name of the user.")
  String user = "";

  @Parameters(index = "2", arity = "0..1", paramLabel = "PASSWORD", description = "Only with -b.")
  @Nullable String password;

  @Override
  public void run() {
    check();
    try {
      if (file != null) {
        change(file);
      }
    } catch (IOException failed) {
      throw new UncheckedIOException(failed);
    }
  }

  private void check() {
    if (batch != (password != null)) {
      throw wrong(
          batch
              ? "-b needs the password after the user name"
              : "A password on the command line needs -b");
    }
    if (delete && (batch || create)) {
      throw wrong("-D goes with neither -b nor -c");
    }
    if (user.isEmpty()
        || user.indexOf(':') >= 0
        || user.startsWith("#")
        || user.chars().anyMatch(Character::isISOControl)) {
      throw wrong(
          "A user name is not empty, has no ':' and no control characters, and does not begin with '#'");
    }
    if (user.getBytes(StandardCharsets.UTF_8).length > 65_535) {
      throw wrong("A user name has at most 65535 bytes in MQTT");
    }
  }

  private void change(Path file) throws IOException {
    if (!create && !Files.exists(file)) {
      throw new CommandFailure(file + " does not exist; -c makes it");
    }
    List<String> lines = new ArrayList<>(create ? List.of() : Files.readAllLines(file));
    int at = -1;
    for (int i = 0; i < lines.size(); i++) {
      if (lines.get(i).startsWith(user + ":")) {
        at = i;
      }
    }
    if (delete) {
      if (at < 0) {
        throw new CommandFailure("no user '%s' in %s".formatted(user, file));
      }
      lines.remove(at);
    } else {
      String line = user + ":" + PasswordHash.of(password == null ? ask() : password);
      if (at < 0) {
        lines.add(line);
      } else {
        lines.set(at, line);
      }
    }
    PrivateFile.replace(file, lines.isEmpty() ? "" : String.join("\n", lines) + "\n");
  }

  private String ask() throws IOException {
    Optional<Console> terminal = Optional.ofNullable(System.console()).filter(Console::isTerminal);
    if (terminal.isEmpty()) {
      String line =
          new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8)).readLine();
      return usable(line == null ? "" : line);
    }
    Console console = terminal.get();
    char[] first = console.readPassword("Password for %s: ", user);
    char[] second = console.readPassword("Again: ");
    if (first == null || !Arrays.equals(first, second)) {
      throw new CommandFailure("the two passwords differ; nothing was changed");
    }
    return usable(new String(first));
  }

  private static String usable(String password) {
    if (password.isEmpty()) {
      throw new CommandFailure("an empty password is refused; nothing was changed");
    }
    return password;
  }

  private ParameterException wrong(String message) {
    return new ParameterException(spec.commandLine(), message);
  }
}
