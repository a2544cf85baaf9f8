package io.relais.server.config;

import io.relais.broker.webhook.WebhookEvent;
import io.relais.protocol.Topics;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// A service that is told what happens.
public record WebhookConfiguration(
    @Key("Its name in logs, metrics and the API: letters, digits, `-` and `_`.") String name,
    @Key(
            "URL of the service, `https`, or `http` on this machine. It is sent a POST for each batch, as"
                + " [webhooks.md](webhooks.md) says.")
        String url,
    @Key(
            "What it is told of: `client.connected`, `client.disconnected`, `client.subscribed`, `client.unsubscribed`,"
                + " `message.dropped`, `message.published`.")
        List<String> events,
    @Key(value = "Topic filters of the messages that `message.published` is about.", standard = "")
        List<String> topics,
    @Key("Headers of each request, for secrets too.") List<WebhookHeaderConfiguration> headers,
    @Key(value = "Events of one request at most, 1 to 10000.", standard = "100") int batchEvents,
    @Key(value = "How long a batch waits for more, up to 1 minute.", standard = "100ms")
        Duration batchTime,
    @Key(
            value =
                "Events that wait at most, 1 to 1000000, and 64 MiB of them; more are dropped and counted.",
            standard = "10000")
        int queueEvents,
    @Key(value = "Time for an answer, 10 ms to 1 minute.", standard = "5s") Duration timeout,
    @Key(value = "How often a batch is sent before it is dropped, 1 to 100.", standard = "5")
        int attempts,
    @Key(
            value =
                "The wait before the second attempt, 1 ms to 1 minute; it doubles up to a minute.",
            standard = "1s")
        Duration retryWait,
    @Key(value = "PEM file of the authorities to trust in place of the JDK's.", existing = true)
        @Nullable Path ca,
    @Key(
            value =
                "Whether `http` may lead to another machine, where anybody on the way may read it.",
            standard = "false")
        boolean insecure) {
  static final int TOPICS_MAX = 100;

  public WebhookConfiguration {
    events = List.copyOf(events);
    topics = List.copyOf(topics);
    headers = List.copyOf(headers);
    Violations violations = new Violations();
    violations.require(
        name.matches("[A-Za-z0-9_-]{1,64}"),
        "name",
        "is '%s'; it must have 1 to 64 letters, digits, - and _".formatted(name));
    String problem = WebAddress.problem(url, insecure);
    violations.require(problem == null, "url", String.valueOf(problem), "insecure");
    violations.require(!events.isEmpty(), "events", "is empty, so that it would be told nothing");
    for (String event : events) {
      violations.require(
          WebhookEvent.of(event) != null,
          "events",
          "has '%s'; choose of %s".formatted(event, String.join(", ", WebhookEvent.labels())));
    }
    for (String topic : topics) {
      String wrong = Topics.problemWithFilter(topic);
      violations.require(wrong == null, "topics", "has '%s': %s".formatted(topic, wrong));
    }
    violations.require(
        topics.size() <= TOPICS_MAX,
        "topics",
        "has %d entries, more than %d".formatted(topics.size(), TOPICS_MAX));
    violations.require(
        topics.isEmpty() != events.contains(WebhookEvent.MESSAGE_PUBLISHED.label()),
        "topics",
        "goes with the event message.published, and that with topics",
        "events");
    violations.range("batch-events", batchEvents, 1, 10_000);
    violations.range("batch-time", batchTime, Duration.ZERO, Duration.ofMinutes(1));
    violations.range("queue-events", queueEvents, 1, 1_000_000);
    violations.range("timeout", timeout, Duration.ofMillis(10), Duration.ofMinutes(1));
    violations.range("attempts", attempts, 1, 100);
    violations.range("retry-wait", retryWait, Duration.ofMillis(1), Duration.ofMinutes(1));
    violations.throwIfAny();
  }

  /// Whether it is told of what is published at `$events/...`.
  boolean needsEvents() {
    return events.stream()
        .anyMatch(event -> WebhookEvent.of(event) != WebhookEvent.MESSAGE_PUBLISHED);
  }

  public URI uri() {
    return URI.create(url);
  }
}
