package io.relais.api;

import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// A message of late, and what became of it.
///
/// @param clientId of the publisher, of its will and its delayed messages too; null: an operator
/// @param outcome `delivered`, `queued`, `no-subscriber`, `denied` or `dropped`
/// @param steps null in lists
public record PastMessage(
    String id,
    Instant time,
    @Nullable String clientId,
    String topic,
    int qos,
    boolean retain,
    @Nullable Integer packetId,
    int payloadBytes,
    String outcome,
    @Nullable List<Step> steps) {

  /// @param afterMicroseconds since the message came
  public record Step(long afterMicroseconds, String step, String outcome, String detail) {}
}
