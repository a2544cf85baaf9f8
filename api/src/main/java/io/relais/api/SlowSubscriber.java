package io.relais.api;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/// A subscriber that was slow within the window of `metrics.slow-subscribers`.
///
/// @param latencyMillis the longest that a message took until it was acknowledged, or at QoS 0
///   until it was written; null: none reached the threshold
/// @param topic of that message
/// @param times so often the threshold was reached
/// @param queueGrowth messages that wait more than when the window began; negative: it becomes less
public record SlowSubscriber(
    String clientId,
    @Nullable Long latencyMillis,
    @Nullable String topic,
    long times,
    long queuedMessages,
    int inFlightMessages,
    long queueGrowth,
    double queueGrowthPerSecond,
    Instant lastAt) {}
