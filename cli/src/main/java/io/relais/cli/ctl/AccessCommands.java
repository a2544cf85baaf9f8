package io.relais.cli.ctl;

import io.relais.api.ApiClient;
import io.relais.api.Json;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
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
      return options.run(
          api -> options.print(Lists.all(api, "/api/v1/users", Map.of()), "username", "source"));
    }

    @Command(
        name = "add",
        mixinStandardHelpOptions = true,
        description = "Makes a user; the password is RELAIS_NEW_PASSWORD, or asked for.")
    int add(
        @Mixin ApiOptions asked,
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
                    "password",
                    ApiOptions.password("New password: ", "RELAIS_NEW_PASSWORD")));
            asked.say("made");
          });
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
      name = "accounts",
      mixinStandardHelpOptions = true,
      description = "Lists accounts of the API, makes, changes and removes them.")
  static final class Accounts implements Callable<Integer> {
    @Mixin ApiOptions options = new ApiOptions();

    @Override
    public Integer call() throws IOException {
      return options.run(
          api ->
              options.print(
                  Lists.all(api, "/api/v1/accounts", Map.of()), "username", "role", "createdAt"));
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
      return options.run(
          api ->
              options.print(
                  Lists.all(api, "/api/v1/keys", Map.of()),
                  "id",
                  "name",
                  "role",
                  "createdAt",
                  "expiresAt"));
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
        @Parameters(paramLabel = "NAME", description = "What it is for.") String name)
        throws IOException {
      return asked.run(
          api -> {
            JsonNode made =
                api.call(
                    "POST", "/api/v1/keys", Map.of("name", name, "role", role), JsonNode.class);
            if (asked.json) {
              asked.print(made);
            } else {
              asked.say(made.get("key").stringValue());
            }
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
                  "maxQos",
                  "retain"));
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

    @Option(
        names = {"-n", "--limit"},
        paramLabel = "N",
        description = "At most so many. Default: 1000.")
    int limit = 1_000;

    @Override
    public Integer call() throws IOException {
      return options.run(
          api ->
              options.print(
                  Lists.first(api, "/api/v1/audit", Map.of(), limit),
                  "at",
                  "who",
                  "address",
                  "action",
                  "before",
                  "after"));
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
