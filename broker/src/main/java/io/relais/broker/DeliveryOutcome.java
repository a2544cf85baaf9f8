package io.relais.broker;

/// What became of a message at one session. Drops are counted with their reason where they happen.
enum DeliveryOutcome {
  SENT,
  /// waits for the window or for the socket
  QUEUED,
  /// this session gets it through its queue in the store
  KEPT,
  DROPPED
}
