package io.relais.cli.ctl;

import io.relais.api.ApiClient;
import io.relais.api.Json;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import tools.jackson.databind.JsonNode;

/// Users, accounts, keys, rules, and what was changed. New passwords are RELAIS_NEW_PASSWORD, or
/// asked for.
final class AccessCommands {

  private AccessCommands() {}

  @Command(
      name = "users",
      mixinStandardHelpOptions = true,
      description = "Lists users of MQTT, makes, changes and removes them.")
  static final class Users implements Callable<Integer> {
    @Mixin ApiOptions options = new ApiOptions();

    @Override
    public Integer call() throws IOException {
      return options.list("/api/v1/users", Map.of(), Lists.ALL, "username", "source", "groups");
    }

    @Command(
        name = "add",
        mixinStandardHelpOptions = true,
        description = "Makes a user; the password is RELAIS_NEW_PASSWORD, or asked for.")
    int add(
        @Mixin ApiOptions asked,
        @Option(
                names = "--group",
                paramLabel = "GROUP",
                description = "A group that it is in; may be given again.")
            @Nullable List<String> groups,
        @Parameters(paramLabel = "USER", description = "User name.") String username)
        throws IOException {
      return asked.run(
          api -> {
            api.call(
                "POST",
                "/api/v1/users",
                Map.of(
                    "username",
                    username,
                    "groups",
                    groups == null ? List.of() : groups,
                    "password",
                    ApiOptions.password("New password: ", "RELAIS_NEW_PASSWORD")));
            asked.say("made");
          });
    }

    @Command(
        name = "groups",
        mixinStandardHelpOptions = true,
        description = "Sets the groups that a user is in, for connected clients too.")
    int groups(
        @Mixin ApiOptions asked,
        @Parameters(index = "0", paramLabel = "USER", description = "User name.") String username,
        @Parameters(
                index = "1..*",
                paramLabel = "GROUP",
                description = "All groups that it is in; without any it is in none.")
            @Nullable List<String> groups)
        throws IOException {
      return asked.run(
          api -> {
            api.call(
                "PUT",
                ApiClient.path("/api/v1/users/{}", Map.of(), username),
                Map.of("groups", groups == null ? List.of() : groups));
            asked.say("changed");
          });
    }

    @Command(
        name = "import",
        mixinStandardHelpOptions = true,
        description =
            "Makes users of a file: CSV with the header username,password[,groups], a JSON array, or"
                + " a password file of mosquitto_passwd or relais passwd.")
    int importFile(
        @Mixin ApiOptions asked,
        @Option(
                names = "--format",
                paramLabel = "FORMAT",
                description =
                    "csv, json or mosquitto; by default as the file's name ends, else mosquitto.")
            @Nullable String format,
        @Option(names = "--replace", description = "Change users that there are.") boolean replace,
        @Option(names = "--dry-run", description = "Say only what would come of it.")
            boolean dryRun,
        @Parameters(paramLabel = "FILE", description = "The file.") Path file)
        throws IOException {
      int[] refused = {0};
      int code =
          asked.run(
              api -> {
                var query = new LinkedHashMap<String, Object>();
                query.put("format", format == null ? formatOf(file) : format);
                query.put("replace", replace);
                query.put("dryRun", dryRun);
                JsonNode said =
                    api.send(
                        "POST",
                        ApiClient.path("/api/v1/users/import", query),
                        Files.readAllBytes(file));
                refused[0] = said.get("refused").intValue();
                if (asked.json) {
                  asked.print(said);
                  return;
                }
                asked.say(
                    "%s%d added, %d replaced, %d refused"
                        .formatted(
                            dryRun ? "it would be: " : "",
                            said.get("added").intValue(),
                            said.get("replaced").intValue(),
                            refused[0]));
                if (refused[0] > 0) {
                  asked.print(said.get("refusals"), "line", "username", "reason");
                }
              });
      return code == 0 && refused[0] > 0 ? 1 : code;
    }

    private static String formatOf(Path file) {
      String name = file.toString().toLowerCase(Locale.ROOT);
      return name.endsWith(".csv") ? "csv" : name.endsWith(".json") ? "json" : "mosquitto";
    }

    @Command(
        name = "password",
        mixinStandardHelpOptions = true,
        description = "Changes the password of a user.")
    int password(
        @Mixin ApiOptions asked,
        @Parameters(paramLabel = "USER", description = "User name.") String username)
        throws IOException {
      return asked.run(
          api -> {
            api.call(
                "PUT",
                ApiClient.path("/api/v1/users/{}", Map.of(), username),
                Map.of("password", ApiOptions.password("New password: ", "RELAIS_NEW_PASSWORD")));
            asked.say("changed");
          });
    }

    @Command(name = "remove", mixinStandardHelpOptions = true, description = "Removes a user.")
    int remove(
        @Mixin ApiOptions asked,
        @Parameters(paramLabel = "USER", description = "User name.") String username)
        throws IOException {
      return asked.run(
          api -> {
            api.call("DELETE", ApiClient.path("/api/v1/users/{}", Map.of(), username), null);
            asked.say("removed");
          });
    }
  }

  @Command(
      name = "authentication",
      mixinStandardHelpOptions = true,
      description = "Lists what credentials of clients are checked against, in this order.")
  static final class Authentication implements Callable<Integer> {
    @Mixin ApiOptions options = new ApiOptions();

    @Override
    public Integer call() throws IOException {
      return options.list(
          "/api/v1/authentication",
          Map.of(),
          Lists.ALL,
          "name",
          "configured",
          "accepted",
          "refused");
    }
  }

  @Command(
      name = "accounts",
      mixinStandardHelpOptions = true,
      description = "Lists accounts of the API, makes, changes and removes them.")
  static final class Accounts implements Callable<Integer> {
    @Mixin ApiOptions options = new ApiOptions();

    @Override
    public Integer call() throws IOException {
      return options.list("/api/v1/accounts", Map.of(), Lists.ALL, "username", "role", "createdAt");
    }

    @Command(
        name = "add",
        mixinStandardHelpOptions = true,
        description = "Makes an account; the password is RELAIS_NEW_PASSWORD, or asked for.")
    int add(
        @Mixin ApiOptions asked,
        @Option(
                names = "--role",
                required = true,
                paramLabel = "ROLE",
                description = "administrator, operator or viewer.")
            String role,
        @Parameters(paramLabel = "ACCOUNT", description = "Its name.") String username)
        throws IOException {
      return asked.run(
          api -> {
            api.call(
                "POST",
                "/api/v1/accounts",
                Map.of(
                    "username",
                    username,
                    "role",
                    role,
                    "password",
                    ApiOptions.password("New password: ", "RELAIS_NEW_PASSWORD")));
            asked.say("made");
          });
    }

    @Command(
        name = "set",
        mixinStandardHelpOptions = true,
        description = "Changes the role or the password of an account.")
    int set(
        @Mixin ApiOptions asked,
        @Option(
                names = "--role",
                paramLabel = "ROLE",
                description = "administrator, operator or viewer.")
            @Nullable String role,
        @Option(
                names = "--password",
                description = "A new password: RELAIS_NEW_PASSWORD, or asked for.")
            boolean password,
        @Parameters(paramLabel = "ACCOUNT", description = "Its name.") String username)
        throws IOException {
      return asked.run(
          api -> {
            Map<String, Object> body = new HashMap<>();
            if (role != null) {
              body.put("role", role);
            }
            if (password) {
              body.put("password", ApiOptions.password("New password: ", "RELAIS_NEW_PASSWORD"));
            }
            api.call("PUT", ApiClient.path("/api/v1/accounts/{}", Map.of(), username), body);
            asked.say("changed");
          });
    }

    @Command(name = "remove", mixinStandardHelpOptions = true, description = "Removes an account.")
    int remove(
        @Mixin ApiOptions asked,
        @Parameters(paramLabel = "ACCOUNT", description = "Its name.") String username)
        throws IOException {
      return asked.run(
          api -> {
            api.call("DELETE", ApiClient.path("/api/v1/accounts/{}", Map.of(), username), null);
            asked.say("removed");
          });
    }
  }

  @Command(
      name = "keys",
      mixinStandardHelpOptions = true,
      description = "Lists keys of programs, makes and removes them.")
  static final class Keys implements Callable<Integer> {
    @Mixin ApiOptions options = new ApiOptions();

    @Override
    public Integer call() throws IOException {
      return options.list(
          "/api/v1/keys",
          Map.of(),
          Lists.ALL,
          "id",
          "name",
          "role",
          "scopes",
          "createdAt",
          "expiresAt");
    }

    @Command(
        name = "add",
        mixinStandardHelpOptions = true,
        description = "Makes a key and prints it; nobody can read it again.")
    int add(
        @Mixin ApiOptions asked,
        @Option(
                names = "--role",
                required = true,
                paramLabel = "ROLE",
                description = "administrator, operator or viewer.")
            String role,
        @Option(
                names = "--scope",
                paramLabel = "SCOPE",
                description =
                    "Bounds it to an area, like clients:read or publish:write; may be given again.")
            @Nullable List<String> scopes,
        @Parameters(paramLabel = "NAME", description = "What it is for.") String name)
        throws IOException {
      return asked.run(
          api -> {
            Map<String, Object> body = new HashMap<>(Map.of("name", name, "role", role));
            if (scopes != null) {
              body.put("scopes", scopes);
            }
            JsonNode made = api.call("POST", "/api/v1/keys", body, JsonNode.class);
            asked.tell(made, made.get("key").stringValue());
          });
    }

    @Command(name = "remove", mixinStandardHelpOptions = true, description = "Removes a key.")
    int remove(
        @Mixin ApiOptions asked, @Parameters(paramLabel = "ID", description = "Its id.") String id)
        throws IOException {
      return asked.run(
          api -> {
            api.call("DELETE", ApiClient.path("/api/v1/keys/{}", Map.of(), id), null);
            asked.say("removed");
          });
    }
  }

  @Command(
      name = "rules",
      mixinStandardHelpOptions = true,
      description = "Lists who may publish and subscribe what, or replaces that.")
  static final class RuleList implements Callable<Integer> {
    @Mixin ApiOptions options = new ApiOptions();

    @Override
    public Integer call() throws IOException {
      return options.run(
          api ->
              options.print(
                  api.call("GET", "/api/v1/authorization/rules", null, JsonNode.class),
                  "effect",
                  "action",
                  "filter",
                  "username",
                  "clientId",
                  "address",
                  "certificate",
                  "group",
                  "maxQos",
                  "retain"));
    }

    @Command(
        name = "try",
        mixinStandardHelpOptions = true,
        description = "What the rules of a JSON file would change; nothing is set.")
    int tryOut(
        @Mixin ApiOptions asked,
        @Parameters(paramLabel = "FILE", description = "JSON array of rules.") Path file)
        throws IOException {
      return asked.run(
          api -> {
            JsonNode rules = Json.MAPPER.readTree(Files.readAllBytes(file));
            JsonNode tried =
                api.call("POST", "/api/v1/authorization/rules/try", rules, JsonNode.class);
            if (asked.json) {
              asked.print(tried);
              return;
            }
            JsonNode changes = tried.get("changes");
            asked.print(
                changes,
                "action",
                "clientId",
                "username",
                "before",
                "after",
                "ruleBefore",
                "rule",
                "topic");
            asked.say(
                "%d changes among %d subscriptions and %d messages of late%s"
                    .formatted(
                        changes.size(),
                        tried.get("checkedSubscriptions").intValue(),
                        tried.get("checkedPublishes").intValue(),
                        tried.get("truncated").booleanValue() ? "; not all was looked at" : ""));
          });
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
            api.call("PUT", "/api/v1/authorization/rules", rules);
            asked.say(rules.size() + " rules are in force");
          });
    }
  }

  @Command(
      name = "audit",
      mixinStandardHelpOptions = true,
      description = "Lists what was changed by the API, the newest first.")
  static final class AuditLog implements Callable<Integer> {
    @Mixin ApiOptions options = new ApiOptions();

    @Mixin Limit limit = new Limit();

    @Override
    public Integer call() throws IOException {
      return options.list(
          "/api/v1/audit",
          Map.of(),
          limit.most,
          "at",
          "who",
          "address",
          "action",
          "before",
          "after");
    }
  }

  @Command(
      name = "password",
      mixinStandardHelpOptions = true,
      description = "Changes the password of the account that signs in.")
  static final class ChangePassword implements Callable<Integer> {
    @Mixin ApiOptions options = new ApiOptions();

    @Override
    public Integer call() throws IOException {
      return options.run(
          api -> {
            Map<String, Object> body =
                Map.of(
                    "current",
                    options.password(),
                    "new",
                    ApiOptions.password("New password: ", "RELAIS_NEW_PASSWORD"));
            api.call("PUT", "/api/v1/session/password", body);
            options.say("changed");
          });
    }
  }
}
