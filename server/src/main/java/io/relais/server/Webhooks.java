package io.relais.server;

import io.relais.broker.webhook.Webhook;
import io.relais.broker.webhook.WebhookEvent;
import io.relais.broker.webhook.WebhookSettings;
import io.relais.server.config.WebhookConfiguration;
import io.relais.server.config.WebhookHeaderConfiguration;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

/// Makes the webhooks that are configured.
final class Webhooks {
  private Webhooks() {}

  /// @param closedAfter gets what must be closed after the broker
  /// @throws IOException naming the file that is in the way
  static List<Webhook> make(List<WebhookConfiguration> configured, List<AutoCloseable> closedAfter)
      throws IOException {
    List<Webhook> made = new ArrayList<>();
    for (WebhookConfiguration one : configured) {
      var webhook = new Webhook(settings(one), InstantSource.system());
      closedAfter.add(webhook);
      made.add(webhook);
    }
    return made;
  }

  private static WebhookSettings settings(WebhookConfiguration one) throws IOException {
    List<WebhookSettings.Header> headers = new ArrayList<>();
    for (WebhookHeaderConfiguration header : one.headers()) {
      headers.add(new WebhookSettings.Header(header.name(), value(header)));
    }
    return new WebhookSettings(
        one.name(),
        one.uri(),
        one.events().stream().distinct().map(WebhookEvent::of).filter(Objects::nonNull).toList(),
        one.topics(),
        headers,
        one.batchEvents(),
        one.batchTime(),
        one.queueEvents(),
        one.timeout(),
        one.attempts(),
        one.retryWait(),
        one.ca());
  }

  private static String value(WebhookHeaderConfiguration header) throws IOException {
    Path file = header.valueFile();
    if (file == null) {
      return Objects.requireNonNull(header.value());
    }
    String value = Files.readString(file).strip();
    if (!WebhookHeaderConfiguration.isValue(value)) {
      throw new IOException(file + ": it holds characters that cannot stand in a header");
    }
    return value;
  }
}
