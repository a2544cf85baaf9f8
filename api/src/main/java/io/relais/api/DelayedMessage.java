package io.relais.api;

import java.time.Instant;

/// A message that waits for its time.
///
/// @param id for `DELETE /api/v1/delayed/{id}`
public record DelayedMessage(
    String id,
    String topic,
    String payload,
    Encoding encoding,
    int qos,
    boolean retain,
    Instant dueAt) {}
