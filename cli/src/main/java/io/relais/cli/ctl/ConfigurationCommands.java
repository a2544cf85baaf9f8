package io.relais.cli.ctl;

import io.relais.api.ApiClient;
import io.relais.api.ConfigurationPatch;
import io.relais.api.Json;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
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
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.NullNode;
import tools.jackson.databind.node.ObjectNode;
import tools.jackson.databind.node.StringNode;

/// The configuration of a running node.
@Command(
    name = "config",
    mixinStandardHelpOptions = true,
    synopsisSubcommandLabel = "COMMAND",
    description = "Shows and changes the configuration of a running node.",
    subcommands = HelpCommand.class)
final class ConfigurationCommands implements Callable<Integer> {
  private static final String PATH = "/api/v1/configuration";

  @Spec CommandSpec spec = CommandSpec.create();

  /// Only says what would happen.
  static final class DryRun {
    @Option(names = "--dry-run", description = "Only say what is wrong, or what would change.")
    boolean only;

    Map<String, @Nullable Object> query() {
      Map<String, @Nullable Object> query = new LinkedHashMap<>();
      query.put("dryRun", only ? "true" : null);
      return query;
    }
  }

  @Override
  public Integer call() {
    throw new ParameterException(
        spec.commandLine(), "Say what to do: show, set, unset, diff, history, revert or reload");
  }

  @Command(
      name = "show",
      mixinStandardHelpOptions = true,
      description = "Prints what each key is in effect, and where that comes from.")
  int show(
      @Mixin ApiOptions asked,
      @Option(names = "--changed", description = "Only what is no default.") boolean changed,
      @Parameters(
              arity = "0..1",
              paramLabel = "PREFIX",
              description = "Only keys that begin with this.")
          @Nullable String prefix)
      throws IOException {
    return asked.run(
        api -> {
          ArrayNode keys = Json.MAPPER.createArrayNode();
          for (JsonNode key : Lists.all(api, PATH, Map.of())) {
            boolean wanted = prefix == null || key.get("key").stringValue().startsWith(prefix);
            if (wanted && !(changed && key.get("origin").stringValue().equals("default"))) {
              keys.add(key);
            }
          }
          asked.print(keys, "key", "value", "pending", "effect", "origin", "where");
        });
  }

  @Command(
      name = "set",
      mixinStandardHelpOptions = true,
      description = {
        "Changes keys, all or none, and keeps that in the store.",
        "What the file names, the file decides: the node refuses to change it."
      })
  int set(
      @Mixin ApiOptions asked,
      @Mixin DryRun dryRun,
      @Parameters(
              arity = "1..*",
              paramLabel = "KEY=VALUE",
              description =
                  "Like limits.queue-messages=5000. A value that begins with [ or { is JSON, as"
                      + " listeners=[{...}] needs it.")
          List<String> assignments)
      throws IOException {
    Map<String, JsonNode> changes = new LinkedHashMap<>();
    for (String assignment : assignments) {
      int equals = assignment.indexOf('=');
      if (equals < 1) {
        throw wrong("'" + assignment + "' is not KEY=VALUE, like limits.queue-messages=5000");
      }
      changes.put(assignment.substring(0, equals), value(assignment.substring(equals + 1)));
    }
    return change(asked, dryRun, changes);
  }

  private JsonNode value(String text) {
    if (!text.startsWith("[") && !text.startsWith("{")) {
      return new StringNode(text);
    }
    try {
      return Json.MAPPER.readTree(text);
    } catch (JacksonException e) {
      throw wrong("'" + text + "' begins like JSON and is none: " + e.getOriginalMessage());
    }
  }

  private ParameterException wrong(String why) {
    return new ParameterException(spec.commandLine(), why);
  }

  @Command(
      name = "unset",
      mixinStandardHelpOptions = true,
      description = "Takes back what was set, so that the default holds again.")
  int unset(
      @Mixin ApiOptions asked,
      @Mixin DryRun dryRun,
      @Parameters(arity = "1..*", paramLabel = "KEY", description = "Like limits.queue-messages.")
          List<String> keys)
      throws IOException {
    Map<String, JsonNode> changes = new LinkedHashMap<>();
    keys.forEach(key -> changes.put(key, NullNode.getInstance()));
    return change(asked, dryRun, changes);
  }

  private static int change(ApiOptions asked, DryRun dryRun, Map<String, JsonNode> changes)
      throws IOException {
    return asked.run(
        api ->
            print(
                asked,
                dryRun.only,
                api.call(
                    "PATCH",
                    ApiClient.path(PATH, dryRun.query()),
                    new ConfigurationPatch(changes),
                    JsonNode.class)));
  }

  private static void print(ApiOptions asked, boolean dryRun, JsonNode result) {
    if (asked.json) {
      asked.print(result);
      return;
    }
    if (result.get("changes").isEmpty()) {
      asked.say("Nothing changes.");
      return;
    }
    asked.print(result.get("changes"), "key", "before", "after", "effect");
    if (!result.get("restart").isEmpty()) {
      asked.say("What says restart takes effect when the node starts the next time.");
    }
    if (!result.get("revision").isNull()) {
      asked.say("This is revision " + result.get("revision").asString() + ".");
    } else if (dryRun) {
      asked.say("Nothing was changed.");
    }
  }

  @Command(
      name = "diff",
      mixinStandardHelpOptions = true,
      description = "Says what would change if the file were read again.")
  int diff(@Mixin ApiOptions asked) throws IOException {
    return asked.run(
        api ->
            print(
                asked, true, api.call("POST", PATH + "/reload?dryRun=true", null, JsonNode.class)));
  }

  @Command(
      name = "reload",
      mixinStandardHelpOptions = true,
      description = {
        "Reads the file again and brings into effect what changed, as SIGHUP does.",
        "If something is wrong with it, nothing changes."
      })
  int reload(@Mixin ApiOptions asked) throws IOException {
    return asked.run(
        api -> print(asked, false, api.call("POST", PATH + "/reload", null, JsonNode.class)));
  }

  @Command(
      name = "history",
      mixinStandardHelpOptions = true,
      description = "Lists what was changed by whom, or shows one change.")
  int history(
      @Mixin ApiOptions asked,
      @Parameters(arity = "0..1", paramLabel = "REVISION", description = "Its number.")
          @Nullable Long revision)
      throws IOException {
    return asked.run(
        api -> {
          if (revision == null) {
            ArrayNode all = Lists.all(api, PATH + "/revisions", Map.of());
            if (!asked.json) {
              all.forEach(one -> ((ObjectNode) one).put("changes", brief(one.get("changes"))));
            }
            asked.print(all, "number", "at", "by", "reverted", "changes");
          } else {
            asked.print(
                api.call(
                    "GET",
                    ApiClient.path(PATH + "/revisions/{}", Map.of(), revision.toString()),
                    null));
          }
        });
  }

  private static String brief(JsonNode changes) {
    List<String> all = new ArrayList<>();
    for (JsonNode change : changes) {
      all.add(
          "%s: %s -> %s"
              .formatted(
                  change.get("key").asString(),
                  change.get("before").isNull() ? "-" : change.get("before").asString(),
                  change.get("after").isNull() ? "-" : change.get("after").asString()));
    }
    return String.join("; ", all);
  }

  @Command(
      name = "revert",
      mixinStandardHelpOptions = true,
      description = "Goes back to what was set after a revision, or before all of them with 0.")
  int revert(
      @Mixin ApiOptions asked,
      @Mixin DryRun dryRun,
      @Parameters(paramLabel = "REVISION", description = "Its number.") long revision)
      throws IOException {
    return asked.run(
        api ->
            print(
                asked,
                dryRun.only,
                api.call(
                    "POST",
                    ApiClient.path(
                        PATH + "/revisions/{}/revert", dryRun.query(), Long.toString(revision)),
                    null,
                    JsonNode.class)));
  }
}
