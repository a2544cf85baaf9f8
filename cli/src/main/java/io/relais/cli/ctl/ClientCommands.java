package io.relais.cli.ctl;

import io.relais.api.ApiClient;
import java.io.IOException;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/// Clients and what they subscribed.
final class ClientCommands {
  private static final String ONE = "/api/v1/clients/{}";
  private static final int QUEUE_MAX = 100;

  private ClientCommands() {}

  @Command(
      name = "clients",
      mixinStandardHelpOptions = true,
      description = "Lists clients, shows or disconnects one.",
      subcommands = TimelineCommand.class)
  static final class Clients implements Callable<Integer> {
    @Mixin ApiOptions options = new ApiOptions();

    @Option(
        names = {"-f", "--filter"},
        paramLabel = "TEXT",
        description = "Only ids that hold this text.")
    @Nullable String filter;

    @Option(
        names = "--connected",
        arity = "1",
        paramLabel = "true|false",
        description = "Only those that are connected, or are away.")
    @Nullable Boolean connected;

    @Option(
        names = "--username",
        paramLabel = "USER",
        description = "Only those connected as this user.")
    @Nullable String username;

    @Option(
        names = "--address",
        paramLabel = "ADDRESS",
        description = "Only those connected from this address, or a range like 10.0.0.0/8.")
    @Nullable String address;

    @Mixin Limit limit = new Limit();

    @Override
    public Integer call() throws IOException {
      Map<String, @Nullable Object> query = new HashMap<>();
      query.put("filter", filter);
      query.put("connected", connected);
      query.put("username", username);
      query.put("address", address);
      return options.list(
          "/api/v1/clients",
          query,
          limit.most,
          "clientId",
          "username",
          "address",
          "protocol",
          "connected",
          "subscriptions",
          "queuedMessages",
          "inFlightMessages");
    }

    @Command(name = "show", mixinStandardHelpOptions = true, description = "Shows one client.")
    int show(
        @Mixin ApiOptions asked,
        @Parameters(paramLabel = "CLIENT", description = "Client id.") String clientId)
        throws IOException {
      return asked.run(
          api -> {
            asked.print(api.call("GET", ApiClient.path(ONE, Map.of(), clientId), null));
          });
    }

    @Command(
        name = "disconnect",
        mixinStandardHelpOptions = true,
        description = "Ends the connection of a client.")
    int disconnect(
        @Mixin ApiOptions asked,
        @Option(names = "--session", description = "Remove its session too, with all that waits.")
            boolean session,
        @Parameters(paramLabel = "CLIENT", description = "Client id.") String clientId)
        throws IOException {
      return asked.run(
          api -> {
            Map<String, Object> query = session ? Map.of("session", true) : Map.of();
            api.call("DELETE", ApiClient.path(ONE, query, clientId), null);
            asked.say(session ? "disconnected, and its session removed" : "disconnected");
          });
    }

    @Command(
        name = "unsubscribe",
        mixinStandardHelpOptions = true,
        description = "Ends a subscription of a client, connected or away; it is not told.")
    int unsubscribe(
        @Mixin ApiOptions asked,
        @Parameters(paramLabel = "CLIENT", description = "Client id.") String clientId,
        @Parameters(paramLabel = "FILTER", description = "As 'subscriptions' lists it.")
            String filter)
        throws IOException {
      return asked.run(
          api -> {
            Map<String, String> query = Map.of("filter", filter);
            api.call("DELETE", ApiClient.path(ONE + "/subscriptions", query, clientId), null);
            asked.say("unsubscribed");
          });
    }

    @Command(
        name = "queue",
        mixinStandardHelpOptions = true,
        description = "Lists what waits for a client, the first 100.")
    int queue(
        @Mixin ApiOptions asked,
        @Parameters(paramLabel = "CLIENT", description = "Client id.") String clientId)
        throws IOException {
      return asked.run(
          api -> {
            String path = ApiClient.path(ONE + "/queue", Map.of(), clientId);
            asked.print(
                Lists.first(api, path, Map.of(), QUEUE_MAX),
                "sequence",
                "topic",
                "qos",
                "expiresAt",
                "payload");
          });
    }

    @Command(
        name = "in-flight",
        mixinStandardHelpOptions = true,
        description = "Lists what a client was sent and has not acknowledged, the first 100.")
    int inFlight(
        @Mixin ApiOptions asked,
        @Parameters(paramLabel = "CLIENT", description = "Client id.") String clientId)
        throws IOException {
      return asked.run(
          api -> {
            String path = ApiClient.path(ONE + "/in-flight", Map.of(), clientId);
            asked.print(
                Lists.first(api, path, Map.of(), QUEUE_MAX),
                "sequence",
                "packetId",
                "qos",
                "state",
                "topic");
          });
    }
  }

  @Command(
      name = "subscriptions",
      mixinStandardHelpOptions = true,
      description = "Lists subscriptions.")
  static final class Subscriptions implements Callable<Integer> {
    @Mixin ApiOptions options = new ApiOptions();

    @Option(names = "--client", paramLabel = "CLIENT", description = "Only those of this client.")
    @Nullable String clientId;

    @Mixin Limit limit = new Limit();

    @Override
    public Integer call() throws IOException {
      Map<String, @Nullable Object> query = new HashMap<>();
      query.put("clientId", clientId);
      return options.list(
          "/api/v1/subscriptions",
          query,
          limit.most,
          "clientId",
          "filter",
          "qos",
          "noLocal",
          "retainAsPublished",
          "subscriptionId");
    }
  }
}
