package io.relais.cli.ctl;

import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.HelpCommand;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/// `relais ctl`.
@Command(
    name = "ctl",
    mixinStandardHelpOptions = true,
    synopsisSubcommandLabel = "COMMAND",
    description = "Administers a running node through its API.",
    subcommands = {
      NodeCommands.Nodes.class,
      NodeCommands.Listeners.class,
      ClientCommands.Clients.class,
      ClientCommands.Subscriptions.class,
      MessageCommands.Publish.class,
      MessageCommands.Subscribe.class,
      MessageCommands.RetainedMessages.class,
      AccessCommands.Authentication.class,
      AccessCommands.Users.class,
      AccessCommands.Accounts.class,
      AccessCommands.Keys.class,
      AccessCommands.RuleList.class,
      BanCommands.class,
      DropCommands.class,
      RewriteCommands.class,
      WebhookCommands.class,
      TraceCommands.class,
      ConfigurationCommands.class,
      AccessCommands.AuditLog.class,
      AccessCommands.ChangePassword.class,
      ExplainCommands.Explain.class,
      InsightCommands.Metrics.class,
      InsightCommands.Alarms.class,
      InsightCommands.SlowSubscribers.class,
      InsightCommands.Counts.class,
      InsightCommands.Topics.class,
      InsightCommands.Sessions.class,
      InsightCommands.Delayed.class,
      HelpCommand.class
    },
    footer = {
      "",
      "Signs in as the account of -u with RELAIS_PASSWORD, or uses the key of RELAIS_KEY.",
      "'relais ctl help COMMAND' tells more about one of them."
    })
public final class CtlCommand implements Callable<Integer> {
  @Spec CommandSpec spec = CommandSpec.create();

  @Override
  public Integer call() {
    throw new ParameterException(
        spec.commandLine(),
        "Say what to do: one of " + String.join(", ", spec.subcommands().keySet()));
  }
}
