package io.relais.broker.webhook;

import org.jspecify.annotations.Nullable;

/// How a webhook does.
///
/// @param queued events that wait, or are on their way
/// @param sent events that the service took
/// @param retries requests that were sent again
/// @param droppedQueueFull events that found no room
/// @param droppedFailed events whose attempts were used up
/// @param droppedRefused events that the service refused for good
/// @param lastError null: none yet
/// @param lastErrorMillis since 1970; 0: none yet
public record WebhookState(
    long queued,
    long sent,
    long retries,
    long droppedQueueFull,
    long droppedFailed,
    long droppedRefused,
    @Nullable String lastError,
    long lastErrorMillis) {}
