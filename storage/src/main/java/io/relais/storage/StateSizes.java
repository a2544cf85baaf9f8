package io.relais.storage;

/// How much is kept, for metrics; written by the applier, read by anyone.
public final class StateSizes {
  volatile int sessions;
  volatile int subscriptions;
  volatile long queuedMessages;
  volatile long bytes;
  volatile int retainedMessages;
  volatile long retainedBytes;
  volatile int delayedMessages;

  public int sessions() {
    return sessions;
  }

  public int subscriptions() {
    return subscriptions;
  }

  public long queuedMessages() {
    return queuedMessages;
  }

  /// Of all messages kept, each counted once.
  public long bytes() {
    return bytes;
  }

  public int retainedMessages() {
    return retainedMessages;
  }

  public long retainedBytes() {
    return retainedBytes;
  }

  public int delayedMessages() {
    return delayedMessages;
  }
}
