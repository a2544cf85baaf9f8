package io.relais.cli;

import com.sun.management.HotSpotDiagnosticMXBean;
import io.relais.cli.mosquitto.Imported;
import io.relais.cli.mosquitto.MosquittoImport;
import io.relais.server.config.ConfigurationLoader;
import io.relais.server.config.ConfigurationLoader.Sources;
import io.relais.server.config.InvalidConfiguration;
import io.relais.server.config.Loaded;
import io.relais.server.config.Reference;
import io.relais.server.config.Setting;
import java.io.IOException;
import java.io.PrintWriter;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
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

/// `relais config`: checks, shows and explains configurations; it starts nothing.
@Command(
    name = "config",
    mixinStandardHelpOptions = true,
    description = "Checks, shows and explains the configuration.",
    synopsisSubcommandLabel = "COMMAND",
    subcommands = HelpCommand.class)
final class ConfigCommand implements Runnable {
  @Spec CommandSpec spec = CommandSpec.create();

  @Override
  public void run() {
    throw new ParameterException(
        spec.commandLine(), "Say what to do: check, show, reference or import");
  }

  @Command(
      name = "check",
      mixinStandardHelpOptions = true,
      description = "Says OK, or everything that is wrong (exit code 2).")
  void check(@Mixin ConfigurationOptions options) {
    Loaded loaded = options.load();
    PrintWriter out = spec.commandLine().getOut();
    loaded.warnings().forEach(warning -> out.println("warning: " + warning));
    out.println("OK");
    out.flush();
  }

  @Command(
      name = "show",
      mixinStandardHelpOptions = true,
      description = "Prints what each key is in effect and where that comes from.")
  void show(@Mixin ConfigurationOptions options) {
    Loaded loaded = options.load();
    PrintWriter out = spec.commandLine().getOut();
    int keyWidth =
        loaded.settings().stream().mapToInt(setting -> setting.key().length()).max().orElse(0);
    int valueWidth =
        loaded.settings().stream().mapToInt(setting -> setting.value().length()).max().orElse(0);
    String line = "%-" + keyWidth + "s = %-" + Math.min(valueWidth, 40) + "s  # %s%n";
    for (Setting setting : loaded.settings()) {
      out.printf(line, setting.key(), setting.value(), setting.origin());
    }
    out.println();
    out.printf(line, "JVM heap", mebibytes("MaxHeapSize"), jvmOrigin("-Xmx"));
    out.printf(
        line,
        "JVM direct memory",
        mebibytes("MaxDirectMemorySize"),
        jvmOrigin("-XX:MaxDirectMemorySize"));
    loaded.warnings().forEach(warning -> out.println("warning: " + warning));
    out.flush();
  }

  @Command(
      name = "reference",
      mixinStandardHelpOptions = true,
      description = "Prints every key with its type, default and meaning, as Markdown.")
  void reference() {
    PrintWriter out = spec.commandLine().getOut();
    out.print(Reference.markdown());
    out.flush();
  }

  @Command(
      name = "import",
      mixinStandardHelpOptions = true,
      description = {
        "Makes a configuration from one of mosquitto.",
        "What has no counterpart is listed with its line, and stands at the head of the result."
      })
  void takeOver(
      @Parameters(paramLabel = "mosquitto.conf", description = "The file to take over.") Path file,
      @Option(
              names = {"-o", "--output"},
              paramLabel = "FILE",
              description = "Write it here; there must be no such file yet. Default: print it.")
          @Nullable Path output)
      throws IOException {
    Imported imported = MosquittoImport.of(file);
    PrintWriter out = spec.commandLine().getOut();
    PrintWriter err = spec.commandLine().getErr();
    if (output == null) {
      out.print(imported.yaml());
      out.flush();
      return;
    }
    Files.writeString(output, imported.yaml(), StandardOpenOption.CREATE_NEW);
    imported.notes().forEach(err::println);
    try {
      Sources written = new Sources(output, Map.of(), List.of(), List.of());
      ConfigurationLoader.load(written).warnings().forEach(err::println);
      out.println(output + " is written");
    } catch (InvalidConfiguration e) {
      e.problems().forEach(err::println);
      out.println(output + " is written, and cannot be used yet: see above");
    }
    err.flush();
    out.flush();
  }

  private static String mebibytes(String option) {
    HotSpotDiagnosticMXBean jvm =
        ManagementFactory.getPlatformMXBean(HotSpotDiagnosticMXBean.class);
    long bytes = Long.parseLong(jvm.getVMOption(option).getValue());
    // HotSpot says 0 where direct memory may take as much as the heap.
    return bytes == 0 ? "as much as the heap" : (bytes >> 20) + "MiB";
  }

  private static String jvmOrigin(String option) {
    String given = System.getenv().getOrDefault("RELAIS_JVM_OPTIONS", "");
    return given.contains(option)
        ? "environment RELAIS_JVM_OPTIONS"
        : "launcher; RELAIS_JVM_OPTIONS with " + option + "... changes it";
  }
}
