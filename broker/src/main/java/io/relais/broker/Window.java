package io.relais.broker;

/// The messages of QoS 1 and 2 that were sent to a client and are not acknowledged, by sequence.
/// The packet id of a sequence is 1 + sequence mod 65,535, so that whoever owns the session sends
/// again with the same id [MQTT-4.4.0-1]. Holds a byte of state for each; the messages themselves
/// are in the session's queue in the store, or nowhere if the session ends with its connection.
///
/// Owner: the session's loop. Limits: at most 65,535 sequences between the oldest that is not
/// acknowledged and the newest; the ring grows with the window that is used.
final class Window {
  static final byte NONE = 0;
  static final byte SENT_QOS_1 = 1;
  static final byte SENT_QOS_2 = 2;

  /// PUBREC came; PUBREL waits for the store or was sent.
  static final byte RELEASED = 3;

  private static final int IDS = 65_535;

  private static final byte[] EMPTY = {};

  private byte[] ring = EMPTY;
  private long base; // the oldest that is not acknowledged, or next
  private long next; // behind the newest that was sent
  private long freed; // below: acknowledged, and the store knows
  private int inFlight;

  /// @param sequence that will be sent first
  void startAt(long sequence) {
    base = sequence;
    next = sequence;
    freed = sequence;
  }

  int inFlight() {
    return inFlight;
  }

  long base() {
    return base;
  }

  long next() {
    return next;
  }

  /// Whether the packet id of this sequence is free to be used.
  boolean hasIdFor(long sequence) {
    return sequence - freed < IDS;
  }

  void onFreed(long below) {
    freed = Math.max(freed, below);
  }

  static int packetId(long sequence) {
    return 1 + (int) (sequence % IDS);
  }

  /// @param sequence at least [#next()]; those between were not sent and never will be
  void sent(long sequence, byte state) {
    if (inFlight == 0) {
      base = sequence;
      next = sequence;
    }
    while (sequence - base >= ring.length) {
      grow();
    }
    for (long skipped = next; skipped < sequence; skipped++) {
      ring[slot(skipped)] = NONE;
    }
    ring[slot(sequence)] = state;
    next = sequence + 1;
    inFlight++;
  }

  /// The sequence that has this packet id now, or -1 where none is in flight.
  long sequenceOf(int packetId) {
    long ahead = Math.floorMod(packetId - 1 - base % IDS, (long) IDS);
    long sequence = base + ahead;
    return sequence < next && ring[slot(sequence)] != NONE ? sequence : -1;
  }

  byte state(long sequence) {
    return ring[slot(sequence)];
  }

  void release(long sequence) {
    ring[slot(sequence)] = RELEASED;
  }

  void done(long sequence) {
    ring[slot(sequence)] = NONE;
    inFlight--;
    while (base < next && ring[slot(base)] == NONE) {
      base++;
    }
  }

  private int slot(long sequence) {
    return (int) (sequence & ring.length - 1);
  }

  private void grow() {
    byte[] larger = new byte[Math.max(8, ring.length * 2)];
    for (long sequence = base; sequence < next; sequence++) {
      larger[(int) (sequence & larger.length - 1)] = ring[slot(sequence)];
    }
    ring = larger;
  }
}
