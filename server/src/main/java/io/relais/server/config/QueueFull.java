package io.relais.server.config;

/// What happens to a message for a full queue.
public enum QueueFull {
  DROP_OLDEST,
  REJECT
}
