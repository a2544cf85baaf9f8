package io.relais.cli.ctl;

import io.relais.api.ApiClient;
import io.relais.api.Overview;
import io.relais.api.TopicMetricsRequest;
import java.io.IOException;
import java.util.HashMap;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;

/// What a node measures, who is slow, what waits, and what is wrong.
final class InsightCommands {
  private static final String SLOW = "/api/v1/slow-subscribers";
  private static final String COUNTS = "/api/v1/topic-metrics";

  private InsightCommands() {}

  @Command(
      name = "slow-subscribers",
      mixinStandardHelpOptions = true,
      description = "Lists subscribers that are slow, the worst first.")
  static final class SlowSubscribers implements Callable<Integer> {
    @Mixin ApiOptions options = new ApiOptions();

    @Option(
        names = "--by",
        paramLabel = "WHAT",
        description = "latency (default), or growth of what waits.")
    @Nullable String by;

    @Override
    public Integer call() throws IOException {
      Map<String, @Nullable Object> query = new HashMap<>();
      query.put("by", by);
      return options.list(
          SLOW,
          query,
          Lists.ALL,
          "clientId",
          "latencyMillis",
          "times",
          "queuedMessages",
          "inFlightMessages",
          "queueGrowth",
          "topic");
    }

    @Command(name = "clear", mixinStandardHelpOptions = true, description = "Forgets who was slow.")
    int clear(@Mixin ApiOptions asked) throws IOException {
      return asked.run(
          api -> {
            api.call("DELETE", SLOW, null);
            asked.say("cleared");
          });
    }
  }

  @Command(
      name = "topic-metrics",
      mixinStandardHelpOptions = true,
      description = "Lists what is counted by topic; begins and ends to count.")
  static final class Counts implements Callable<Integer> {
    @Mixin ApiOptions options = new ApiOptions();

    @Override
    public Integer call() throws IOException {
      return options.list(
          COUNTS,
          Map.of(),
          Lists.ALL,
          "filter",
          "messagesIn",
          "messagesOut",
          "messagesDropped",
          "bytesIn",
          "bytesOut",
          "messagesInPerSecond",
          "messagesOutPerSecond");
    }

    @Command(
        name = "add",
        mixinStandardHelpOptions = true,
        description = "Counts the messages that a topic filter takes in.")
    int add(
        @Mixin ApiOptions asked,
        @Parameters(paramLabel = "FILTER", description = "A topic or topic filter.") String filter)
        throws IOException {
      return asked.run(
          api -> {
            JsonNode made =
                api.call("POST", COUNTS, new TopicMetricsRequest(filter), JsonNode.class);
            asked.tell(made, "counted from now on");
          });
    }

    @Command(name = "remove", mixinStandardHelpOptions = true, description = "Counts them no more.")
    int remove(
        @Mixin ApiOptions asked,
        @Parameters(paramLabel = "FILTER", description = "As it was added.") String filter)
        throws IOException {
      return asked.run(
          api -> {
            api.call("DELETE", ApiClient.path(COUNTS + "/{}", Map.of(), filter), null);
            asked.say("removed");
          });
    }
  }

  @Command(
      name = "topics",
      mixinStandardHelpOptions = true,
      description = "Lists filters that somebody subscribed.")
  static final class Topics implements Callable<Integer> {
    @Mixin ApiOptions options = new ApiOptions();

    @Option(
        names = {"-f", "--filter"},
        paramLabel = "TEXT",
        description = "Only those that hold this text.")
    @Nullable String filter;

    @Option(
        names = {"-t", "--topic"},
        paramLabel = "TOPIC",
        description = "Only those that take in this topic.")
    @Nullable String topic;

    @Mixin Limit limit = new Limit();

    @Override
    public Integer call() throws IOException {
      Map<String, @Nullable Object> query = new HashMap<>();
      query.put("filter", filter);
      query.put("topic", topic);
      return options.list("/api/v1/topics", query, limit.most, "subscribers", "kept", "filter");
    }
  }

  @Command(
      name = "delayed",
      mixinStandardHelpOptions = true,
      description = "Lists messages that wait for their time, removes one.")
  static final class Delayed implements Callable<Integer> {
    @Mixin ApiOptions options = new ApiOptions();

    @Mixin Limit limit = new Limit();

    @Override
    public Integer call() throws IOException {
      return options.list(
          "/api/v1/delayed", Map.of(), limit.most, "id", "dueAt", "topic", "qos", "payload");
    }

    @Command(
        name = "remove",
        mixinStandardHelpOptions = true,
        description = "Removes a message; nobody gets it.")
    int remove(
        @Mixin ApiOptions asked, @Parameters(paramLabel = "ID", description = "Its id.") String id)
        throws IOException {
      return asked.run(
          api -> {
            api.call("DELETE", ApiClient.path("/api/v1/delayed/{}", Map.of(), id), null);
            asked.say("removed");
          });
    }
  }

  @Command(
      name = "sessions",
      mixinStandardHelpOptions = true,
      description = "Lists sessions that outlive their connections.")
  static final class Sessions implements Callable<Integer> {
    @Mixin ApiOptions options = new ApiOptions();

    @Option(
        names = "--connected",
        arity = "1",
        paramLabel = "true|false",
        description = "Only those whose client is connected, or is away.")
    @Nullable Boolean connected;

    @Option(
        names = {"-f", "--filter"},
        paramLabel = "TEXT",
        description = "Only client ids that hold this text.")
    @Nullable String filter;

    @Mixin Limit limit = new Limit();

    @Override
    public Integer call() throws IOException {
      Map<String, @Nullable Object> query = new HashMap<>();
      query.put("connected", connected);
      query.put("filter", filter);
      return options.list(
          "/api/v1/sessions",
          query,
          limit.most,
          "clientId",
          "connected",
          "endsAt",
          "subscriptions",
          "queuedMessages",
          "queuedBytes",
          "will");
    }
  }

  @Command(
      name = "alarms",
      mixinStandardHelpOptions = true,
      description = "Lists alarms that are active, or those that were.")
  static final class Alarms implements Callable<Integer> {
    @Mixin ApiOptions options = new ApiOptions();

    @Override
    public Integer call() throws IOException {
      return options.list(
          "/api/v1/alarms",
          Map.of(),
          Lists.ALL,
          "raisedAt",
          "severity",
          "name",
          "subject",
          "message");
    }

    @Command(
        name = "history",
        mixinStandardHelpOptions = true,
        description = "Lists alarms that are or were, the newest first.")
    int history(
        @Mixin ApiOptions asked,
        @Option(
                names = {"-n", "--limit"},
                paramLabel = "N",
                defaultValue = "100",
                description = "At most so many. Default: ${DEFAULT-VALUE}.")
            int limit)
        throws IOException {
      return asked.list(
          "/api/v1/alarms/history",
          Map.of(),
          limit,
          "raisedAt",
          "clearedAt",
          "severity",
          "name",
          "subject",
          "message");
    }
  }

  @Command(
      name = "metrics",
      mixinStandardHelpOptions = true,
      description = "Shows what the node counts and measures.")
  static final class Metrics implements Callable<Integer> {
    @Mixin ApiOptions options = new ApiOptions();

    @Override
    public Integer call() throws IOException {
      return options.run(
          api -> {
            JsonNode all = api.call("GET", "/api/v1/metrics", null, JsonNode.class);
            if (options.json) {
              options.print(all);
            } else {
              options.print(rows(all), "name", "value", "perSecond");
            }
          });
    }

    private static ArrayNode rows(JsonNode all) {
      Overview now = io.relais.api.Json.MAPPER.convertValue(all, Overview.class);
      ArrayNode rows = io.relais.api.Json.MAPPER.createArrayNode();
      new TreeMap<>(now.counters())
          .forEach(
              (name, count) ->
                  rows.addObject()
                      .put("name", name)
                      .put("value", Long.toString(count))
                      .put("perSecond", rounded(now.rates().getOrDefault(name, 0.0))));
      new TreeMap<>(now.gauges())
          .forEach(
              (name, value) -> rows.addObject().put("name", name).put("value", rounded(value)));
      return rows;
    }

    private static String rounded(double value) {
      return new java.math.BigDecimal(value)
          .setScale(1, java.math.RoundingMode.HALF_UP)
          .toPlainString();
    }
  }
}
