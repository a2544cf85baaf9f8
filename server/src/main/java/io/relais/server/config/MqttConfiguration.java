package io.relais.server.config;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Choices that the MQTT standards leave to the server.
public record MqttConfiguration(
    @Key(
            value =
                "Who of a shared subscription's group gets a message: in turn, at random, the same until it goes, by the"
                    + " publisher's client id, by topic, or whoever has least unacknowledged.",
            standard = "round-robin")
        SharedSubscriptionPolicy sharedSubscriptionPolicy,
    @Key(value = "How often `$SYS/...` is published; `0` turns it off.", standard = "10s")
        Duration sysInterval,
    @Key(
            value =
                "Whether what happens to clients is published at `$events/client/...`. It may be read as `$SYS` may.",
            standard = "true")
        boolean events,
    @Key(value = "The highest QoS that clients may use: 0, 1 or 2.", standard = "2") int maxQos,
    @Key("Sends every MQTT 5 client to another server. Left out: nobody is sent away.")
        @Nullable RedirectConfiguration redirect,
    @Key(
            "Topic prefix that a client gets as Response Information when it asks; the client's id follows. Left out: none.")
        @Nullable String responseInformation,
    @Key(
            value =
                "What PUBACK and PUBREC stand for at least, where something must survive (a persistent session's QoS 1 and 2,"
                    + " retained and delayed messages): that it is in memory, synced to disk here, or synced on a majority of a"
                    + " cluster. A single node gives `persisted` for `replicated`.",
            standard = "persisted")
        Acknowledge acknowledge,
    @Key(
            "Levels of some topics. The first entry whose filter matches decides; none: the listener's level. At most 1000.")
        List<AcknowledgeTopics> acknowledgeTopics) {
  static final int ACKNOWLEDGE_TOPICS_MAX = 1_000;

  public MqttConfiguration {
    acknowledgeTopics = List.copyOf(acknowledgeTopics);
    Violations violations = new Violations();
    violations.range("max-qos", maxQos, 0, 2);
    violations.range("sys-interval", sysInterval, Duration.ZERO, Duration.ofDays(1));
    if (responseInformation != null) {
      int bytes = responseInformation.getBytes(StandardCharsets.UTF_8).length;
      violations.require(
          bytes >= 1 && bytes <= 1024 && !responseInformation.matches("(?s).*[+#\\u0000].*"),
          "response-information",
          "is '%s'; it must be a topic of 1 to 1024 bytes without + and #"
              .formatted(responseInformation));
    }
    violations.require(
        acknowledgeTopics.size() <= ACKNOWLEDGE_TOPICS_MAX,
        "acknowledge-topics",
        "has %d entries, more than %d".formatted(acknowledgeTopics.size(), ACKNOWLEDGE_TOPICS_MAX));
    violations.throwIfAny();
  }
}
