package io.relais.storage;

/// A message that waits for its time.
///
/// @param dueAtMillis log time at which it is published
public record DelayedMessage(long id, long dueAtMillis, Message message) {}
