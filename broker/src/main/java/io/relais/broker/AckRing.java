package io.relais.broker;

import io.relais.protocol.Packet;
import org.jspecify.annotations.Nullable;

/// Acknowledgements that a publisher is owed, in the order of its packets. One that waits for the
/// store holds back those behind it [MQTT-4.6.0-2].
///
/// Owner: the session's loop. Limits: the caller stops reading at the receive maximum.
final class AckRing {
  private static final @Nullable Packet[] NONE = {};

  private @Nullable Packet[] packets = NONE; // most clients never wait for the store
  private long head;
  private long next;

  boolean isEmpty() {
    return head == next;
  }

  int size() {
    return (int) (next - head);
  }

  /// @return the ticket to give to [#complete]
  long reserve() {
    if (next - head == packets.length) {
      grow();
    }
    return next++;
  }

  void complete(long ticket, Packet ack) {
    packets[slot(ticket)] = ack;
  }

  /// The next acknowledgement that may leave, or null.
  @Nullable Packet poll() {
    if (head == next) {
      return null;
    }
    Packet ack = packets[slot(head)];
    if (ack != null) {
      packets[slot(head)] = null;
      head++;
    }
    return ack;
  }

  private int slot(long ticket) {
    return (int) (ticket & packets.length - 1);
  }

  private void grow() {
    @Nullable Packet[] larger = new Packet[Math.max(8, packets.length * 2)];
    for (long ticket = head; ticket < next; ticket++) {
      larger[(int) (ticket & larger.length - 1)] = packets[slot(ticket)];
    }
    packets = larger;
  }
}
