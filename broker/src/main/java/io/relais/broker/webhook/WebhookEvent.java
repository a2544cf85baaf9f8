package io.relais.broker.webhook;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/// What a webhook can be told of.
public enum WebhookEvent {
  CLIENT_CONNECTED,
  CLIENT_DISCONNECTED,
  CLIENT_SUBSCRIBED,
  CLIENT_UNSUBSCRIBED,
  MESSAGE_DROPPED,
  MESSAGE_PUBLISHED;

  /// As in configuration and requests: `client.connected`.
  public String label() {
    return name().toLowerCase(Locale.ROOT).replace('_', '.');
  }

  /// The topic that tells of it; null: messages as they are published.
  @Nullable String topic() {
    return this == MESSAGE_PUBLISHED ? null : "$events/" + label().replace('.', '/');
  }

  /// @return null: there is none
  public static @Nullable WebhookEvent of(String label) {
    return Arrays.stream(values()).filter(e -> e.label().equals(label)).findFirst().orElse(null);
  }

  public static List<String> labels() {
    return Arrays.stream(values()).map(WebhookEvent::label).toList();
  }
}
