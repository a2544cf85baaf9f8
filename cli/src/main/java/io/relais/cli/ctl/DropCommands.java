package io.relais.cli.ctl;

import java.io.IOException;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/// What was not delivered.
@Command(
    name = "drops",
    mixinStandardHelpOptions = true,
    description = "Lists messages that somebody did not get: a sample for each reason.")
final class DropCommands implements Callable<Integer> {
  @Mixin ApiOptions options = new ApiOptions();

  @Option(
      names = "--reason",
      paramLabel = "REASON",
      description = "Only those dropped for this reason, like queue-full.")
  @Nullable String reason;

  @Option(
      names = "--client",
      paramLabel = "CLIENT",
      description = "Only those that this client did not get, or published.")
  @Nullable String clientId;

  @Option(
      names = {"-t", "--topic"},
      paramLabel = "FILTER",
      description = "Only those on topics that this filter takes in.")
  @Nullable String topic;

  @Option(
      names = {"-n", "--limit"},
      paramLabel = "N",
      description = "At most so many. Default: 100.")
  int limit = 100;

  @Override
  public Integer call() throws IOException {
    Map<String, @Nullable Object> query = new HashMap<>();
    query.put("reason", reason);
    query.put("clientId", clientId);
    query.put("topic", topic);
    return options.list(
        "/api/v1/drops",
        query,
        limit,
        "time",
        "reason",
        "clientId",
        "topic",
        "qos",
        "payloadBytes",
        "publisher");
  }

  @Command(
      name = "reasons",
      mixinStandardHelpOptions = true,
      description = "Lists how many messages were dropped, by reason.")
  int reasons(@Mixin ApiOptions asked) throws IOException {
    return asked.list("/api/v1/drops/reasons", Map.of(), Lists.ALL, "reason", "count", "recorded");
  }
}
