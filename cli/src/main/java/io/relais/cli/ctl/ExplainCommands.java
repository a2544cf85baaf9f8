package io.relais.cli.ctl;

import io.relais.api.ApiClient;
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
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;
import tools.jackson.databind.JsonNode;

/// What would happen, and why.
final class ExplainCommands {

  private ExplainCommands() {}

  @Command(
      name = "explain",
      mixinStandardHelpOptions = true,
      synopsisSubcommandLabel = "COMMAND",
      description =
          "Says what would happen to a message, a subscription or a client, or what became of a"
              + " message, and why.",
      subcommands = HelpCommand.class)
  static final class Explain implements Callable<Integer> {
    @Spec CommandSpec spec = CommandSpec.create();

    @Override
    public Integer call() {
      throw new ParameterException(
          spec.commandLine(),
          "Say what to explain: publish, subscribe, connect, messages or message");
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
        @Mixin SubjectOptions subject,
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
            subject.addTo(body);
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
        @Mixin SubjectOptions subject,
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
            subject.addTo(body);
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

    @Command(
        name = "messages",
        mixinStandardHelpOptions = true,
        description = "Lists messages of late, the newest first, and how they came out.")
    int messages(
        @Mixin ApiOptions asked,
        @Option(names = "--client", paramLabel = "CLIENT", description = "Of this publisher.")
            @Nullable String client,
        @Option(
                names = {"-t", "--topic"},
                paramLabel = "FILTER",
                description = "That this topic filter takes in.")
            @Nullable String topic,
        @Option(
                names = {"-n", "--limit"},
                paramLabel = "N",
                defaultValue = "100",
                description = "At most so many. Default: 100.")
            int limit)
        throws IOException {
      Map<String, @Nullable Object> query = new HashMap<>();
      query.put("clientId", client);
      query.put("topic", topic);
      return asked.list(
          "/api/v1/explain/messages",
          query,
          limit,
          "id",
          "time",
          "clientId",
          "qos",
          "retain",
          "payloadBytes",
          "outcome",
          "topic");
    }

    @Command(
        name = "message",
        mixinStandardHelpOptions = true,
        description = "What became of one message of late, and why.")
    int message(
        @Mixin ApiOptions asked,
        @Parameters(paramLabel = "ID", description = "As 'explain messages' lists it.") String id)
        throws IOException {
      return asked.run(
          api -> {
            String path = ApiClient.path("/api/v1/explain/messages/{}", Map.of(), id);
            asked.explain(api.call("GET", path, null, JsonNode.class));
          });
    }
  }
}
