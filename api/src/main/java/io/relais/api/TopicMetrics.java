package io.relais.api;

import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// What was counted on the topics that a filter takes in, since the node started or the filter was
/// registered. Lists of counts are by QoS: 0, 1, 2.
///
/// @param in messages as they were published
/// @param out messages as they were sent, one for each subscriber
/// @param bytesIn of payloads
public record TopicMetrics(
    String filter,
    Instant createdAt,
    @Nullable String by,
    long messagesIn,
    long messagesOut,
    long messagesDropped,
    List<Long> in,
    List<Long> out,
    long bytesIn,
    long bytesOut,
    double messagesInPerSecond,
    double messagesOutPerSecond,
    double messagesDroppedPerSecond,
    double bytesInPerSecond,
    double bytesOutPerSecond) {
  public TopicMetrics {
    in = List.copyOf(in);
    out = List.copyOf(out);
  }
}
