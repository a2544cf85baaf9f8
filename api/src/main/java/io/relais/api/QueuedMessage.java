package io.relais.api;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/// A message that waits for a session.
///
/// @param sequence its place in the queue
/// @param expiresAt null: never
public record QueuedMessage(
    long sequence,
    String topic,
    String payload,
    Encoding encoding,
    int qos,
    boolean retain,
    @Nullable Instant expiresAt) {}
