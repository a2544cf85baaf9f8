package io.relais.cli.ctl;

import io.relais.api.ApiClient;
import io.relais.api.TraceRequest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import tools.jackson.databind.JsonNode;

/// `relais ctl traces`.
@Command(
    name = "traces",
    mixinStandardHelpOptions = true,
    description =
        "Lists recordings of what clients did, begins, stops, downloads and removes them.")
final class TraceCommands implements Callable<Integer> {
  private static final String ALL = "/api/v1/traces";
  private static final String ONE = ALL + "/{}";

  @Mixin ApiOptions options = new ApiOptions();

  @Override
  public Integer call() throws IOException {
    return options.list(
        ALL,
        Map.of(),
        Lists.ALL,
        "name",
        "state",
        "endedBy",
        "startedAt",
        "entries",
        "bytes",
        "dropped",
        "clientId",
        "username",
        "address",
        "topic");
  }

  @Command(
      name = "start",
      mixinStandardHelpOptions = true,
      description = "Records a client, a user, an address, or what becomes of messages.")
  int start(
      @Mixin ApiOptions asked,
      @Option(names = "--client", paramLabel = "CLIENT", description = "Of this client id.")
          @Nullable String client,
      @Option(names = "--username", paramLabel = "USER", description = "Of this user.")
          @Nullable String username,
      @Option(
              names = "--address",
              paramLabel = "ADDRESS",
              description = "From this address, or a range like 10.0.0.0/8.")
          @Nullable String address,
      @Option(
              names = {"-t", "--topic"},
              paramLabel = "FILTER",
              description = "Of messages that this topic filter takes in.")
          @Nullable String topic,
      @Option(
              names = "--seconds",
              paramLabel = "N",
              description = "For so long, up to 86400. Default: 300.")
          @Nullable Integer seconds,
      @Option(
              names = "--max-bytes",
              paramLabel = "N",
              description = "At most so much. Default: 16777216.")
          @Nullable Long maxBytes,
      @Option(
              names = "--payloads",
              paramLabel = "BYTES",
              description = "With so many bytes of each payload. Default: none.")
          @Nullable Integer payloadBytes,
      @Parameters(paramLabel = "NAME", description = "Its name.") String name)
      throws IOException {
    var request =
        new TraceRequest(name, client, username, address, topic, seconds, maxBytes, payloadBytes);
    return asked.run(
        api -> {
          JsonNode made = api.call("POST", ALL, request, JsonNode.class);
          asked.tell(
              made,
              "records for %d s; relais ctl traces download %s"
                  .formatted(made.get("seconds").intValue(), name));
        });
  }

  @Command(
      name = "download",
      mixinStandardHelpOptions = true,
      description = "Writes what was recorded until now into a file.")
  int download(
      @Mixin ApiOptions asked,
      @Option(names = "--text", description = "Lines for people instead of lines of JSON.")
          boolean text,
      @Option(
              names = {"-o", "--output"},
              paramLabel = "FILE",
              description =
                  "Where to; an existing file is replaced. Default: NAME.jsonl or NAME.txt.")
          @Nullable Path file,
      @Parameters(paramLabel = "NAME", description = "Its name.") String name)
      throws IOException {
    Path to = file == null ? Path.of(name + (text ? ".txt" : ".jsonl")) : file;
    return asked.run(
        api -> {
          Map<String, String> query = Map.of("format", text ? "text" : "json");
          api.download(ApiClient.path(ONE + "/download", query, name), to);
          asked.say("%s: %,d bytes".formatted(to, Files.size(to)));
        });
  }

  @Command(
      name = "stop",
      mixinStandardHelpOptions = true,
      description = "Ends a recording and keeps it.")
  int stop(
      @Mixin ApiOptions asked,
      @Parameters(paramLabel = "NAME", description = "Its name.") String name)
      throws IOException {
    return asked.run(
        api -> {
          JsonNode ended =
              api.call("POST", ApiClient.path(ONE + "/stop", Map.of(), name), null, JsonNode.class);
          asked.tell(
              ended, "stopped, with %,d entries".formatted(ended.get("entries").longValue()));
        });
  }

  @Command(
      name = "remove",
      mixinStandardHelpOptions = true,
      description = "Ends a recording, if it runs, and removes it.")
  int remove(
      @Mixin ApiOptions asked,
      @Parameters(paramLabel = "NAME", description = "Its name.") String name)
      throws IOException {
    return asked.run(
        api -> {
          api.call("DELETE", ApiClient.path(ONE, Map.of(), name), null);
          asked.say("removed");
        });
  }
}
