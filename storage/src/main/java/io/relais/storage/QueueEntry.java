package io.relais.storage;

/// One message in one session's queue. Immutable; arrays must not be changed.
///
/// @param sequence its place in the queue; the packet id follows from it
/// @param qos the lower of published and granted; 0 only for what is not queued
/// @param retain the RETAIN flag to send
/// @param subscriptionIds those of the matching subscriptions, may be empty
/// @param released QoS 2: PUBREC came, only PUBREL is sent again
public record QueueEntry(
    long sequence,
    Message message,
    int qos,
    boolean retain,
    int[] subscriptionIds,
    boolean released) {
  public static final int[] NO_IDS = {};

  /// The sequence of what is handed over and not kept.
  public static final long NOT_QUEUED = -1;

  /// What an entry costs besides its message, for limits; bytes.
  static final int OVERHEAD_BYTES = 56;

  /// What it counts for, in limits and in the size of a page.
  public int bytes() {
    return OVERHEAD_BYTES + message.bytes();
  }
}
