package io.relais.server.config;

import io.relais.broker.RewriteRule;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/// Everything that a node is told: the whole file, with defaults filled in. An instance is valid;
/// `ConfigurationLoader` makes one from a file, the environment and options.
///
/// Owner: none, immutable.
public record Configuration(
    @Key("This node.") NodeConfiguration node,
    @Key(
            value = "Folder of everything that the node stores; nothing is stored elsewhere.",
            standard = "./data")
        Path data,
    @Key(
            value =
                "Where state is kept: `disk` survives restarts, kills and power cuts; `memory` writes nothing and ends with"
                    + " the process.",
            standard = "disk")
        StoreKind store,
    @Key(
            "Where clients connect. A file that has this key replaces the default list, which is MQTT on 127.0.0.1:1883 and"
                + " WebSocket on 127.0.0.1:8083. At least one, at most 64.")
        List<ListenerConfiguration> listeners,
    @Key("The dashboard and the REST API.") AdminConfiguration admin,
    @Key("What is bounded, and by how much.") LimitsConfiguration limits,
    @Key(
            "Who may connect. While nothing here is set, user names and passwords are ignored; once a source exists, wrong ones"
                + " are refused even where anonymous clients are allowed.")
        AuthenticationConfiguration authentication,
    @Key("Who may publish and subscribe what.") AuthorizationConfiguration authorization,
    @Key(
            "Rules by which topics and filters of clients are rewritten before anything else is asked; the first that speaks of a"
                + " topic does it. At most 100. See [access.md](access.md#what-topics-become).")
        List<RewriteConfiguration> rewrite,
    @Key("Services that are told over HTTP what happens. At most 16.")
        List<WebhookConfiguration> webhooks,
    @Key("Choices that the standard leaves to the server.") MqttConfiguration mqtt,
    @Key("What is measured, and where it goes besides `/metrics`.") MetricsConfiguration metrics,
    @Key("From when on an alarm is raised.") AlarmsConfiguration alarms,
    @Key("What a node remembers of the recent past, for operators.") TracesConfiguration traces,
    @Key("Threads.") ThreadsConfiguration threads,
    @Key("The log, which goes to standard error.") LogConfiguration log) {

  static final int LISTENERS_MAX = 64;
  static final int WEBHOOKS_MAX = 16;

  public Configuration {
    listeners = List.copyOf(listeners);
    rewrite = List.copyOf(rewrite);
    webhooks = List.copyOf(webhooks);
    Violations violations = new Violations();
    violations.require(
        !listeners.isEmpty(),
        "listeners",
        "is empty: nobody could connect; leave it out for the default");
    violations.require(
        listeners.size() <= LISTENERS_MAX,
        "listeners",
        "has %d entries, more than %d".formatted(listeners.size(), LISTENERS_MAX));
    violations.require(
        rewrite.size() <= RewriteRule.RULES_MAX,
        "rewrite",
        "has %d entries, more than %d".formatted(rewrite.size(), RewriteRule.RULES_MAX));
    checkWebhooks(webhooks, mqtt, violations);
    Map<String, String> takenBy = new HashMap<>();
    if (admin.bind().port() != 0) {
      takenBy.put(admin.bind().toString(), "admin.bind");
    }
    for (int i = 0; i < listeners.size(); i++) {
      ListenerConfiguration listener = listeners.get(i);
      String key = "listeners." + i + ".bind";
      if (listener.transport() == Transport.UNIX || listener.hostPort().port() != 0) {
        String other = takenBy.putIfAbsent(listener.bind(), key);
        violations.require(
            other == null,
            key,
            "is %s, as is %s; give one of them another port".formatted(listener.bind(), other));
      }
    }
    violations.throwIfAny();
  }

  private static void checkWebhooks(
      List<WebhookConfiguration> webhooks, MqttConfiguration mqtt, Violations violations) {
    violations.require(
        webhooks.size() <= WEBHOOKS_MAX,
        "webhooks",
        "has %d entries, more than %d".formatted(webhooks.size(), WEBHOOKS_MAX));
    Set<String> names = new HashSet<>();
    for (int i = 0; i < webhooks.size(); i++) {
      WebhookConfiguration one = webhooks.get(i);
      violations.require(
          names.add(one.name()),
          "webhooks." + i + ".name",
          "is '%s', as that of another; give one of them another name".formatted(one.name()));
      violations.require(
          mqtt.events() || !one.needsEvents(),
          "webhooks." + i + ".events",
          "asks for events that are not made, since mqtt.events is false",
          "mqtt.events");
    }
  }
}
