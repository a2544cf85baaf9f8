package io.relais.cli;

import io.relais.cli.ctl.BackupCommand;
import io.relais.server.store.StoreFiles;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.HelpCommand;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;
import tools.jackson.core.ObjectWriteContext;
import tools.jackson.core.json.JsonFactory;

/// `relais store`: looks into a data directory that no node uses, and carries what it holds from
/// one to another.
@Command(
    name = "store",
    mixinStandardHelpOptions = true,
    description = "Checks, exports and imports what a node keeps on disk.",
    synopsisSubcommandLabel = "COMMAND",
    subcommands = {BackupCommand.class, HelpCommand.class})
final class StoreCommand implements Runnable {
  @Spec CommandSpec spec = CommandSpec.create();

  /// The directory, by itself or as a configuration says it.
  static final class Directory {
    @Spec(Spec.Target.MIXEE)
    CommandSpec command = CommandSpec.create();

    @Parameters(
        index = "0",
        arity = "0..1",
        paramLabel = "DIRECTORY",
        description = "Data directory. Without it: the key 'data' of the configuration.")
    @Nullable Path directory;

    @Mixin ConfigurationOptions options = new ConfigurationOptions();

    Path path() {
      if (directory != null && (options.file != null || !options.set.isEmpty())) {
        throw new ParameterException(
            command.commandLine(), "Give either a DIRECTORY or a configuration, not both");
      }
      return directory == null ? options.load().configuration().data() : directory;
    }
  }

  @Override
  public void run() {
    throw new ParameterException(
        spec.commandLine(), "Say what to do: check, export, import, backup or restore");
  }

  // ---- check

  @Command(
      name = "check",
      mixinStandardHelpOptions = true,
      description = "Verifies all files and records, and tells what they hold (1 if damaged).")
  int check(
      @Mixin Directory directory,
      @Option(names = "--json", description = "Print one JSON object.") boolean json)
      throws IOException {
    StoreFiles.Checked checked = StoreFiles.check(directory.path());
    PrintWriter out = spec.commandLine().getOut();
    if (json) {
      out.println(json(checked));
    } else {
      print(checked, out);
    }
    out.flush();
    return checked.isSound() ? 0 : Failures.FAILED;
  }

  private static Map<String, Long> numbers(StoreFiles.Contents contents) {
    Map<String, Long> numbers = new LinkedHashMap<>();
    numbers.put("format", (long) contents.format());
    numbers.put("position", contents.position());
    numbers.put("logTimeMillis", contents.logTimeMillis());
    numbers.put("wallMillis", contents.wallMillis());
    numbers.put("sessions", (long) contents.sessions());
    numbers.put("subscriptions", (long) contents.subscriptions());
    numbers.put("queues", (long) contents.queues());
    numbers.put("queuedMessages", contents.queuedMessages());
    numbers.put("retainedMessages", (long) contents.retainedMessages());
    numbers.put("delayedMessages", (long) contents.delayedMessages());
    numbers.put("users", (long) contents.users());
    numbers.put("messageBytes", contents.messageBytes());
    numbers.put("diskBytes", contents.diskBytes());
    return numbers;
  }

  private static void print(StoreFiles.Checked checked, PrintWriter out) {
    numbers(checked.contents())
        .forEach(
            (name, number) -> {
              boolean isTime = name.endsWith("Millis");
              String label =
                  name.replace("Millis", "").replaceAll("([A-Z])", " $1").toLowerCase(Locale.ROOT);
              label = label.equals("wall") ? "last write" : label;
              out.printf("%-18s %s%n", label, isTime ? time(number) : number);
            });
    for (StoreFiles.Damage damage : checked.damages()) {
      out.println("damaged: " + printable(damage.where() + ": " + damage.what()));
    }
    int more = checked.damageCount() - checked.damages().size();
    if (more > 0) {
      out.println("and " + more + " more");
    }
    out.println(checked.isSound() ? "OK" : "DAMAGED in %d places".formatted(checked.damageCount()));
  }

  private static String time(long millis) {
    return millis == 0 ? "never" : Instant.ofEpochMilli(millis).toString();
  }

  /// Names of clients and topics may hold anything.
  private static String printable(String text) {
    return text.replaceAll("\\p{Cntrl}", "?");
  }

  private static String json(StoreFiles.Checked checked) {
    var text = new StringWriter();
    try (var to = new JsonFactory().createGenerator(ObjectWriteContext.empty(), text)) {
      to.writeStartObject();
      to.writeBooleanProperty("sound", checked.isSound());
      numbers(checked.contents()).forEach(to::writeNumberProperty);
      to.writeNumberProperty("damageCount", checked.damageCount());
      to.writeArrayPropertyStart("damages");
      for (StoreFiles.Damage damage : checked.damages()) {
        to.writeStartObject();
        to.writeStringProperty("where", damage.where());
        to.writeStringProperty("what", damage.what());
        to.writeEndObject();
      }
      to.writeEndArray();
      to.writeEndObject();
    }
    return text.toString();
  }

  // ---- restore

  @Command(
      name = "restore",
      mixinStandardHelpOptions = true,
      description = "Fills an empty or missing data directory with a backup, and checks it.")
  int restore(
      @Parameters(index = "0", paramLabel = "FILE", description = "What 'store backup' wrote.")
          Path file,
      @Parameters(index = "1", paramLabel = "DIRECTORY", description = "Data directory.") Path into)
      throws IOException {
    StoreFiles.Checked checked = StoreFiles.restore(file, into);
    PrintWriter out = spec.commandLine().getOut();
    print(checked, out);
    out.flush();
    return checked.isSound() ? 0 : Failures.FAILED;
  }

  // ---- export

  @Command(
      name = "export",
      mixinStandardHelpOptions = true,
      description = "Writes everything as lines of JSON, with payloads and password hashes.")
  void export(
      @Mixin Directory directory,
      @Option(
              names = {"-o", "--output"},
              paramLabel = "FILE",
              description = "Where to; an existing file is replaced. Without it: standard output.")
          @Nullable Path output)
      throws IOException {
    Path path = directory.path();
    String version = Version.ofRelais();
    if (output == null) {
      StoreFiles.export(path, spec.commandLine().getOut(), version);
    } else {
      PrivateFile.replace(output, to -> StoreFiles.export(path, to, version));
    }
  }

  // ---- import

  @Command(
      name = "import",
      mixinStandardHelpOptions = true,
      description = "Fills an empty or missing data directory with what an export wrote.")
  void importLines(
      @Mixin Directory directory,
      @Option(
              names = {"-i", "--input"},
              paramLabel = "FILE",
              description = "Where from. Without it: standard input.")
          @Nullable Path input)
      throws IOException {
    Path path = directory.path();
    String name = input == null ? "standard input" : input.toString();
    try (BufferedReader lines =
        input == null
            ? new BufferedReader(
                new InputStreamReader(System.in, StandardCharsets.UTF_8.newDecoder()))
            : Files.newBufferedReader(input)) {
      StoreFiles.Contents held = StoreFiles.importLines(path, lines, name);
      PrintWriter out = spec.commandLine().getOut();
      out.printf(
          "Imported into %s: %d sessions, %d queued, %d retained and %d delayed messages, %d users%n",
          path,
          held.sessions(),
          held.queuedMessages(),
          held.retainedMessages(),
          held.delayedMessages(),
          held.users());
      out.flush();
    }
  }
}
