package io.relais.cli;

import io.relais.cli.bench.BenchCommand;
import io.relais.cli.client.PubCommand;
import io.relais.cli.client.RrCommand;
import io.relais.cli.client.SubCommand;
import io.relais.cli.ctl.CtlCommand;
import java.util.List;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.HelpCommand;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/// The `relais` command. Exit codes: 0 done, 1 failed, 2 wrong usage or configuration; `pub`, `sub`
/// and `rr` have their own.
@Command(
    name = "relais",
    mixinStandardHelpOptions = true,
    versionProvider = Version.class,
    synopsisSubcommandLabel = "COMMAND",
    description = "An MQTT platform in one program.",
    footer = {"", "'relais help COMMAND' tells more about one of them."})
public final class Main implements Runnable {

  /// In the order of the help.
  private static final List<String> COMMANDS =
      List.of(
          "start",
          "config",
          "passwd",
          "certs",
          "store",
          "ctl",
          "pub",
          "sub",
          "rr",
          "bench",
          "completion",
          "help");

  @Spec CommandSpec spec = CommandSpec.create();

  @Override
  public void run() {
    throw new ParameterException(
        spec.commandLine(), "Say what to do: one of " + String.join(", ", COMMANDS));
  }

  public static void main(String... arguments) {
    System.exit(commandLine(arguments).execute(arguments));
  }

  /// The command with those subcommands that `arguments` may need: reading the options of all of
  /// them takes longer than most commands run.
  static CommandLine commandLine(String... arguments) {
    CommandLine root = new CommandLine(new Main());
    if (arguments.length > 0 && COMMANDS.contains(arguments[0]) && !needsAll(arguments[0])) {
      root.addSubcommand(arguments[0], command(arguments[0]));
    } else if (arguments.length != 1 || !List.of("--version", "-V").contains(arguments[0])) {
      COMMANDS.forEach(name -> root.addSubcommand(name, command(name)));
    }
    root.setExecutionExceptionHandler(new Failures());
    return root;
  }

  private static boolean needsAll(String command) {
    return command.equals("help") || command.equals("completion");
  }

  private static Object command(String name) {
    return switch (name) {
      case "start" -> new StartCommand();
      case "config" -> new ConfigCommand();
      case "passwd" -> new PasswdCommand();
      case "certs" -> new CertsCommand();
      case "store" -> new StoreCommand();
      case "ctl" -> new CtlCommand();
      case "pub" -> new PubCommand();
      case "sub" -> new SubCommand();
      case "rr" -> new RrCommand();
      case "bench" -> new BenchCommand();
      case "completion" -> new CompletionCommand();
      case "help" -> new HelpCommand();
      default -> throw new IllegalStateException(name + " is listed but not made");
    };
  }
}
