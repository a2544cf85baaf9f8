package io.relais.cli.bench;

import io.netty.buffer.ByteBuf;
import io.relais.protocol.AckView;
import io.relais.protocol.Packet;
import io.relais.protocol.PacketEncoder;
import io.relais.protocol.PacketType;
import io.relais.protocol.Property;
import io.relais.protocol.PublishView;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/// Sends what is due. What may not be sent yet, because too much is unacknowledged or the socket is
/// full, stays due: its due time follows from its sequence, so nothing is queued here, and its
/// latency counts from then.
///
/// Owner: the loop.
final class Publisher implements Connection.Peer {
  private static final byte FREE = 0;
  private static final byte PUBLISHED = 1;
  private static final byte RELEASED = 2;

  private final Plan plan;
  private final Schedule schedule;
  private final Loop loop;
  private final int number;
  private final Connection connection;
  private final byte[] head;
  private final byte[] filler;
  private final long firstMeasured;
  private int window;
  private boolean up;
  private long startNanos;
  private long due;
  private long next;

  /// By packet id less one, grown as far as the window.
  private long[] sequences = new long[16];

  private byte[] states = new byte[16];
  private int[] free = new int[16];
  private int freeCount;
  private int idsMade;
  private int inFlight;

  /// @param filler the payload behind the stamp, shared by all
  Publisher(Plan plan, Schedule schedule, Loop loop, int number, byte[] filler) {
    this.plan = plan;
    this.schedule = schedule;
    this.loop = loop;
    this.number = number;
    this.filler = filler;
    firstMeasured = schedule.firstMeasured(number);
    window = plan.maxInFlight();
    head = head(plan, number);
    connection = new Connection(plan, loop, plan.connect("pub", number, true, false), this);
  }

  /// All up to the packet identifier.
  private static byte[] head(Plan plan, int number) {
    byte[] topic = plan.topic(number).getBytes(StandardCharsets.UTF_8);
    int properties = plan.version().isV5() ? 1 : 0;
    int remaining = 2 + topic.length + (plan.qos() == 0 ? 0 : 2) + properties + plan.sizeBytes();
    byte[] head = new byte[1 + PacketEncoder.variableSize(remaining) + 2 + topic.length];
    head[0] = (byte) (PacketType.PUBLISH.headerByte() | plan.qos() << 1);
    int at = PacketEncoder.writeVariable(head, 1, remaining);
    at = PacketEncoder.writeShort(head, at, topic.length);
    System.arraycopy(topic, 0, head, at, topic.length);
    return head;
  }

  Connection connection() {
    return connection;
  }

  /// @param startNanos when the schedule begins
  void onStart(long startNanos) {
    this.startNanos = startNanos;
  }

  void onDue(long sequence) {
    due = sequence + 1;
    pump();
    if (next < due && sequence >= firstMeasured) {
      loop.tally.heldBack.increment();
    }
  }

  private void pump() {
    boolean wrote = false;
    while (up && next < due && inFlight < window && connection.isWritable()) {
      send(next++);
      wrote = true;
    }
    if (wrote) {
      loop.flushSoon(connection);
    }
  }

  private void send(long sequence) {
    int ids = plan.qos() == 0 ? 0 : 2;
    int properties = plan.version().isV5() ? 1 : 0;
    ByteBuf out = connection.room(head.length + ids + properties + Stamp.BYTES + filler.length);
    if (out == null) {
      return;
    }
    out.writeBytes(head);
    if (ids > 0) {
      out.writeShort(take(sequence));
    }
    if (properties > 0) {
      out.writeByte(0);
    }
    Stamp.write(loop.scratch, 0, number, sequence, dueNanos(sequence), plan.run());
    out.writeBytes(loop.scratch, 0, Stamp.BYTES).writeBytes(filler);
    loop.tally.written.increment();
    if (sequence >= firstMeasured) {
      loop.tally.sent.increment();
    }
  }

  private long dueNanos(long sequence) {
    return startNanos + schedule.dueNanos(number, sequence);
  }

  private int take(long sequence) {
    if (freeCount == 0 && idsMade == states.length) {
      int size = Math.min(states.length * 2, 65_535);
      sequences = Arrays.copyOf(sequences, size);
      states = Arrays.copyOf(states, size);
      free = Arrays.copyOf(free, size);
    }
    int slot = freeCount > 0 ? free[--freeCount] : idsMade++;
    sequences[slot] = sequence;
    states[slot] = PUBLISHED;
    inFlight++;
    return slot + 1;
  }

  @Override
  public void onAck(AckView ack) {
    int slot = ack.packetId() - 1;
    byte state = slot < idsMade ? states[slot] : FREE;
    boolean isError = ack.reasonCode() >= 0x80;
    switch (ack.type()) {
      case PUBACK -> {
        if (plan.qos() == 1 && state == PUBLISHED) {
          finish(slot, ack);
          return;
        }
      }
      case PUBREC -> {
        if (plan.qos() == 2 && state == PUBLISHED) {
          if (isError) {
            finish(slot, ack);
          } else {
            states[slot] = RELEASED;
            connection.sendAck(PacketType.PUBREL, ack.packetId());
          }
          return;
        }
      }
      case PUBCOMP -> {
        if (state == RELEASED) {
          finish(slot, ack);
          return;
        }
      }
      default -> {}
    }
    loop.tally.error("the server sent a " + ack.type() + " for nothing that waits for one");
  }

  private void finish(int slot, AckView ack) {
    states[slot] = FREE;
    free[freeCount++] = slot;
    inFlight--;
    loop.tally.settled.increment();
    long sequence = sequences[slot];
    if (ack.reasonCode() >= 0x80) {
      loop.tally.error(
          "the server refused a message: " + ack.toPacket().type() + " " + reason(ack));
      if (sequence >= firstMeasured) {
        loop.tally.refused.increment();
      }
    } else if (sequence >= firstMeasured) {
      loop.tally.acknowledged.increment();
      loop.acknowledgement.record(loop.now() - dueNanos(sequence));
    }
    pump();
  }

  private static String reason(AckView ack) {
    return "0x%02X".formatted(ack.reasonCode());
  }

  /// What was sent and counts.
  long sentMeasured() {
    return Math.max(0, next - firstMeasured);
  }

  @Override
  public void onUp(Packet.Connack connack) {
    up = true;
    window = Math.min(window, connack.properties().intValue(Property.RECEIVE_MAXIMUM, 65_535));
    loop.tally.ready.increment();
  }

  @Override
  public void onRoom() {
    pump();
  }

  @Override
  public void onPublish(PublishView publish) {
    loop.tally.foreign.increment();
  }

  @Override
  public void onSuback(Packet.Suback suback) {
    loop.tally.error("the server sent a SUBACK to a publisher");
  }

  @Override
  public void onDown(boolean wasUp, @Nullable String cause) {
    up = false;
    Ends.count(loop.tally, wasUp, cause);
  }
}
