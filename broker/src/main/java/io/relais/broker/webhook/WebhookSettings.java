package io.relais.broker.webhook;

import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// One webhook, as configured.
///
/// @param name in logs and metrics
/// @param topics filters of the messages that [WebhookEvent#MESSAGE_PUBLISHED] is about
/// @param headers of each request
/// @param batchEvents of one request at most
/// @param batchTime that a batch waits for more
/// @param queueEvents that wait at most
/// @param timeout for a whole answer
/// @param attempts for each batch, at least 1
/// @param retryWait before the second attempt; doubles with each
/// @param ca certificates of authorities to trust besides; null: those of the JDK alone
public record WebhookSettings(
    String name,
    URI url,
    List<WebhookEvent> events,
    List<String> topics,
    List<Header> headers,
    int batchEvents,
    Duration batchTime,
    int queueEvents,
    Duration timeout,
    int attempts,
    Duration retryWait,
    @Nullable Path ca) {

  /// @param value maybe a secret
  public record Header(String name, String value) {
    @Override
    public String toString() {
      return name + ": ***";
    }
  }

  public WebhookSettings {
    events = List.copyOf(events);
    topics = List.copyOf(topics);
    headers = List.copyOf(headers);
  }
}
