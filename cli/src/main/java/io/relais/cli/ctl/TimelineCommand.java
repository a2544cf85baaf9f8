package io.relais.cli.ctl;

import io.relais.api.ApiClient;
import io.relais.api.Json;
import io.relais.api.TimelineEntry;
import java.io.IOException;
import java.io.PrintWriter;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import tools.jackson.databind.JsonNode;

/// `relais ctl clients timeline`.
@Command(
    name = "timeline",
    mixinStandardHelpOptions = true,
    description = {
      "What a client did of late, packet by packet.",
      "Of all clients what began, changed and ended their connections; everything of those that are"
          + " followed or traced."
    })
final class TimelineCommand implements Callable<Integer> {
  @Mixin ApiOptions options = new ApiOptions();

  @Option(
      names = "--follow",
      description = "Print what it does from now on, until Ctrl-C; it need not be connected yet.")
  boolean follow;

  @Option(
      names = "--payloads",
      paramLabel = "BYTES",
      description = "With --follow: so many bytes of each payload. Default: none.")
  int payloadBytes;

  @Parameters(paramLabel = "CLIENT", description = "Client id.")
  String clientId = "";

  @Override
  public Integer call() throws IOException {
    String path = "/api/v1/clients/{}/timeline";
    return options.run(
        api -> {
          if (follow) {
            Map<String, Integer> query = Map.of("payloadBytes", payloadBytes);
            options.follow(api, ApiClient.path(path + "/live", query, clientId), this::print);
            return;
          }
          JsonNode entries = Lists.all(api, ApiClient.path(path, Map.of(), clientId), Map.of());
          if (options.json) {
            options.print(entries);
          } else {
            entries.forEach(entry -> options.say(line(entry)));
          }
        });
  }

  private static String line(JsonNode entry) {
    return Json.MAPPER.treeToValue(entry, TimelineEntry.class).line();
  }

  private void print(String kind, String data) {
    PrintWriter out = options.command.commandLine().getOut();
    if (options.json) {
      out.println(data);
    } else {
      out.println(kind.equals("packet") ? line(Json.MAPPER.readTree(data)) : kind + " " + data);
    }
    out.flush();
  }
}
