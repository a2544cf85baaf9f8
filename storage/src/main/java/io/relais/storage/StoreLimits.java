package io.relais.storage;

/// Limits that the applier consults: part of the state, put there by a command.
///
/// @param queueMessages entries in one session's queue
/// @param queueBytes bytes of one session's queue
/// @param rejectWhenFull true: refuse a message that a full queue would have to take; false: drop
///   the oldest entry that is not in flight
/// @param retainedMessages topics with a retained message
/// @param delayedMessages messages waiting for their time
/// @param totalBytes of all that is kept, each message counted once
public record StoreLimits(
    int queueMessages,
    long queueBytes,
    boolean rejectWhenFull,
    int retainedMessages,
    int delayedMessages,
    long totalBytes) {
  public StoreLimits {
    if (queueMessages < 1 || queueBytes < 1 || totalBytes < 1) {
      throw new IllegalArgumentException("Limits of queues are at least 1");
    }
  }

  public static StoreLimits defaults() {
    return new StoreLimits(
        100_000, 256L << 20, false, 1_000_000, 100_000, Runtime.getRuntime().maxMemory() / 2);
  }
}
