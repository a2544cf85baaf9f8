package io.relais.api;

import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// A service that is told what happens, and how that goes.
///
/// @param url without its query, which may hold a secret
/// @param queuedEvents that wait, or are on their way
/// @param sentEvents that the service took
/// @param retries requests that were sent again
/// @param droppedQueueFull events that found no room
/// @param droppedFailed events whose attempts were used up
/// @param droppedRefused events that the service refused for good
/// @param lastError null: none yet
public record Webhook(
    String name,
    String url,
    List<String> events,
    List<String> topics,
    long queuedEvents,
    long sentEvents,
    long retries,
    long droppedQueueFull,
    long droppedFailed,
    long droppedRefused,
    @Nullable String lastError,
    @Nullable Instant lastErrorAt) {}
