package io.relais.api;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/// A message that somebody did not get.
///
/// @param reason as in `relais_messages_dropped_total`
/// @param clientId who did not get it, or the filter of a shared group; null: nobody in particular
/// @param publisher its client id; null: the broker itself
public record Drop(
    Instant time,
    String reason,
    String topic,
    @Nullable String clientId,
    @Nullable String publisher,
    int qos,
    int payloadBytes) {}
