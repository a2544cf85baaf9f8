package io.relais.broker;

import io.relais.storage.Message;

/// Where a [Watch] of topics stands among the subscriptions, so that routes know of it.
record WatchedTopics(Watch watch) implements Tap {
  /// What becomes of a message is told by its [Story], and that it came as well.
  @Override
  public void offer(Message message) {}
}
