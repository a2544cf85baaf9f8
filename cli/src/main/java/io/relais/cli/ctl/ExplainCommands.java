package io.relais.cli.ctl;

import java.io.IOException;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.HelpCommand;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;
import tools.jackson.databind.JsonNode;

/// What would happen, and why.
final class ExplainCommands {

  private ExplainCommands() {}

  @Command(
      name = "explain",
      mixinStandardHelpOptions = true,
      synopsisSubcommandLabel = "COMMAND",
      description = "Says what would happen to a message, a subscription or a client, and why.",
      subcommands = HelpCommand.class)
  static final class Explain implements Callable<Integer> {
    @Spec CommandSpec spec = CommandSpec.create();

    @Override
    public Integer call() {
      throw new ParameterException(
          spec.commandLine(), "Say what to explain: publish, subscribe or connect");
    }

    @Command(
        name = "publish",
        mixinStandardHelpOptions = true,
        description = "Who would get a message, and why not.")
    int publish(
        @Mixin ApiOptions asked,
        @Option(
                names = {"-t", "--topic"},
                required = true,
                paramLabel = "TOPIC",
                description = "Topic.")
            String topic,
        @Option(names = "--client", paramLabel = "CLIENT", description = "Client id.")
            @Nullable String client,
        @Option(
                names = "--username",
                paramLabel = "USER",
                description = "User name. Default: that of the connected client.")
            @Nullable String username,
        @Option(names = "--address", paramLabel = "ADDRESS", description = "Where it comes from.")
            @Nullable String address,
        @Option(
                names = {"-q", "--qos"},
                paramLabel = "QOS",
                description = "0, 1 or 2. Default: 0.")
            int qos,
        @Option(
                names = {"-r", "--retain"},
                description = "Retained.")
            boolean retain)
        throws IOException {
      return asked.run(
          api -> {
            Map<String, @Nullable Object> body = new HashMap<>();
            body.put("topic", topic);
            body.put("clientId", client);
            body.put("username", username);
            body.put("address", address);
            body.put("qos", qos);
            body.put("retain", retain);
            asked.explain(api.call("POST", "/api/v1/explain/publish", body, JsonNode.class));
          });
    }

    @Command(
        name = "subscribe",
        mixinStandardHelpOptions = true,
        description = "Whether a subscription would be made.")
    int subscribe(
        @Mixin ApiOptions asked,
        @Option(
                names = {"-t", "--filter"},
                required = true,
                paramLabel = "FILTER",
                description = "Topic filter.")
            String filter,
        @Option(names = "--client", paramLabel = "CLIENT", description = "Client id.")
            @Nullable String client,
        @Option(
                names = "--username",
                paramLabel = "USER",
                description = "User name. Default: that of the connected client.")
            @Nullable String username,
        @Option(names = "--address", paramLabel = "ADDRESS", description = "Where it comes from.")
            @Nullable String address,
        @Option(
                names = {"-q", "--qos"},
                paramLabel = "QOS",
                description = "0, 1 or 2. Default: 0.")
            int qos)
        throws IOException {
      return asked.run(
          api -> {
            Map<String, @Nullable Object> body = new HashMap<>();
            body.put("filter", filter);
            body.put("clientId", client);
            body.put("username", username);
            body.put("address", address);
            body.put("qos", qos);
            asked.explain(api.call("POST", "/api/v1/explain/subscribe", body, JsonNode.class));
          });
    }

    @Command(
        name = "connect",
        mixinStandardHelpOptions = true,
        description = "Whether a client would be let in.")
    int connect(
        @Mixin ApiOptions asked,
        @Option(names = "--client", paramLabel = "CLIENT", description = "Client id.")
            @Nullable String client,
        @Option(
                names = "--username",
                paramLabel = "USER",
                description = "User name. Default: that of the connected client.")
            @Nullable String username,
        @Option(
                names = "--listener",
                paramLabel = "NAME",
                description = "By its name. Default: the first.")
            @Nullable String listener)
        throws IOException {
      return asked.run(
          api -> {
            Map<String, @Nullable Object> body = new HashMap<>();
            body.put("clientId", client);
            body.put("username", username);
            body.put("listener", listener);
            asked.explain(api.call("POST", "/api/v1/explain/connect", body, JsonNode.class));
          });
    }
  }
}
