package io.relais.broker;

import org.jspecify.annotations.Nullable;

/// A subscriber that was slow within the window.
///
/// @param latencyMillis the longest that a message took to be acknowledged, or at QoS 0 to be
///   written; 0: none took as long as the threshold
/// @param topic of that message
/// @param times so often the threshold was reached
/// @param growth of what waits, messages, over `growthMillis`; negative: it becomes less
/// @param atMillis log time of the last sign
public record SlowSubscriber(
    String clientId,
    long latencyMillis,
    @Nullable String topic,
    long times,
    long waitingMessages,
    int inFlightMessages,
    long growth,
    long growthMillis,
    long atMillis) {

  /// Messages more each second.
  public double growthPerSecond() {
    return growthMillis <= 0 ? 0 : growth * 1000.0 / growthMillis;
  }
}
