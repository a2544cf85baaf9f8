package io.relais.broker;

import org.jspecify.annotations.Nullable;

/// A subscriber that was slow within the window.
///
/// @param latencyMillis the longest that a message took to be acknowledged, or at QoS 0 to be
///   written; 0: none took as long as the threshold
/// @param topic of that message
/// @param times so often the threshold was reached
/// @param waitingMessages behind what is in flight
/// @param waitingInMemory those of them that the store does not hold
/// @param growth of what waits, messages, over `growthMillis`; negative: it becomes less
/// @param atMillis log time of the last sign
public record SlowSubscriber(
    String clientId,
    long latencyMillis,
    @Nullable String topic,
    long times,
    long waitingMessages,
    int waitingInMemory,
    int inFlightMessages,
    long growth,
    long growthMillis,
    long atMillis) {

  /// Of what its loop counts by number, the store still holds so many: the others were dropped.
  SlowSubscriber withStored(int messages) {
    long waiting = Math.min(waitingMessages, (long) waitingInMemory + messages);
    return new SlowSubscriber(
        clientId,
        latencyMillis,
        topic,
        times,
        waiting,
        waitingInMemory,
        inFlightMessages,
        Math.min(growth, waiting),
        growthMillis,
        atMillis);
  }

  /// Messages more each second.
  public double growthPerSecond() {
    return growthMillis <= 0 ? 0 : growth * 1000.0 / growthMillis;
  }
}
