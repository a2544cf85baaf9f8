package io.relais.broker;

import io.relais.storage.Message;

/// Somebody within the program who is told of each message on a filter, like a subscriber at QoS 0,
/// but outside of all sessions: for live streams of the API, later for rules of telemetry.
public interface Tap {
  /// On the loop that publishes, so it must not wait.
  void offer(Message message);
}
