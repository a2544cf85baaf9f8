package io.relais.storage;

/// Why a message was not delivered to a session. Each has a counter and, in text, this name.
public enum DropReason {
  QUEUE_FULL("queue-full"),
  STORE_FULL("store-full"),
  DISK_FULL("disk-full"),
  EXPIRED("expired"),
  TOO_LARGE("too-large"),
  SLOW_CONSUMER("slow-consumer"),
  NOT_AUTHORIZED("not-authorized"),
  NO_MEMBER("no-member"),
  SESSION_ENDED("session-ended");

  private final String label;

  DropReason(String label) {
    this.label = label;
  }

  public String label() {
    return label;
  }
}
