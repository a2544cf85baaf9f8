package io.relais.cli.ctl;

import io.relais.api.ApiClient;
import io.relais.api.Json;
import java.io.IOException;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import tools.jackson.databind.JsonNode;

/// Publishing, listening, retained messages.
final class MessageCommands {
  private MessageCommands() {}

  @Command(
      name = "publish",
      mixinStandardHelpOptions = true,
      description = "Publishes a message past all rules, and says how many match.")
  static final class Publish implements Callable<Integer> {
    @Mixin ApiOptions options = new ApiOptions();

    @Option(
        names = {"-t", "--topic"},
        required = true,
        paramLabel = "TOPIC",
        description = "Topic.")
    String topic = "";

    @Option(
        names = {"-m", "--message"},
        paramLabel = "TEXT",
        description = "Payload. Default: none.")
    String message = "";

    @Option(
        names = {"-q", "--qos"},
        paramLabel = "QOS",
        description = "0, 1 or 2. Default: 0.")
    int qos;

    @Option(
        names = {"-r", "--retain"},
        description = "Keep it as the topic's retained message.")
    boolean retain;

    @Override
    public Integer call() throws IOException {
      Map<String, Object> body = new LinkedHashMap<>();
      body.put("topic", topic);
      body.put("payload", message);
      body.put("qos", qos);
      body.put("retain", retain);
      return options.run(api -> options.print(api.call("POST", "/api/v1/publish", body)));
    }
  }

  @Command(
      name = "subscribe",
      mixinStandardHelpOptions = true,
      description = "Prints messages as they come, until Ctrl-C.")
  static final class Subscribe implements Callable<Integer> {
    @Mixin ApiOptions options = new ApiOptions();

    @Parameters(paramLabel = "FILTER", description = "Topic filter.")
    String filter = "";

    @Override
    public Integer call() throws IOException {
      return options.run(
          api ->
              options.follow(
                  api, ApiClient.path("/api/v1/subscribe", Map.of("filter", filter)), this::print));
    }

    private void print(String kind, String data) {
      JsonNode event = Json.MAPPER.readTree(data);
      if (options.json) {
        options.command.commandLine().getOut().println(data);
        options.command.commandLine().getOut().flush();
      } else if (kind.equals("message")) {
        options.say(
            "%s %s"
                .formatted(event.get("topic").stringValue(), event.get("payload").stringValue())
                .replaceAll("\\p{Cntrl}", "�"));
      } else {
        options.say(kind + " " + data);
      }
    }
  }

  @Command(
      name = "retained",
      mixinStandardHelpOptions = true,
      description = "Lists retained messages, removes them.")
  static final class RetainedMessages implements Callable<Integer> {
    @Mixin ApiOptions options = new ApiOptions();

    @Option(
        names = {"-f", "--filter"},
        paramLabel = "FILTER",
        description = "Topic filter. Default: all.")
    @Nullable String filter;

    @Mixin Limit limit = new Limit();

    @Override
    public Integer call() throws IOException {
      Map<String, @Nullable Object> query = new HashMap<>();
      query.put("filter", filter);
      return options.list(
          "/api/v1/retained", query, limit.most, "topic", "qos", "storedAt", "payload");
    }

    @Command(
        name = "remove",
        mixinStandardHelpOptions = true,
        description = "Removes the retained message of a topic, or all that a filter takes in.")
    int remove(
        @Mixin ApiOptions asked,
        @Option(names = "--all", description = "What is given is a topic filter, like 'plant/#'.")
            boolean all,
        @Parameters(paramLabel = "TOPIC", description = "Topic.") String topic)
        throws IOException {
      return asked.run(
          api -> {
            Map<String, String> query = Map.of(all ? "filter" : "topic", topic);
            api.call("DELETE", ApiClient.path("/api/v1/retained", query), null);
            asked.say("removed");
          });
    }
  }
}
