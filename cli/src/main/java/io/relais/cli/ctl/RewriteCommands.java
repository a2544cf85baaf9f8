package io.relais.cli.ctl;

import io.relais.api.Json;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;
import tools.jackson.databind.JsonNode;

/// How topics are rewritten.
@Command(
    name = "rewrite",
    mixinStandardHelpOptions = true,
    description = "Lists the rules by which topics are rewritten, or replaces them.")
final class RewriteCommands implements Callable<Integer> {
  private static final String CALL = "/api/v1/rewrite";

  @Mixin ApiOptions options = new ApiOptions();

  @Override
  public Integer call() throws IOException {
    return options.run(
        api ->
            options.print(
                api.call("GET", CALL, null, JsonNode.class),
                "action",
                "sourceTopic",
                "regex",
                "destination"));
  }

  @Command(
      name = "set",
      mixinStandardHelpOptions = true,
      description = "Replaces all rules by those of a JSON file, as --json prints them.")
  int set(
      @Mixin ApiOptions asked,
      @Parameters(paramLabel = "FILE", description = "JSON array of rules.") Path file)
      throws IOException {
    return asked.run(
        api -> {
          JsonNode rules = Json.MAPPER.readTree(Files.readAllBytes(file));
          api.call("PUT", CALL, rules);
          asked.say(rules.size() + " rules are in force");
        });
  }
}
