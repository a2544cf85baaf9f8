package io.relais.cli.bench;

import io.relais.protocol.AckView;
import io.relais.protocol.Packet;
import io.relais.protocol.PacketType;
import io.relais.protocol.Properties;
import io.relais.protocol.PublishView;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Subscribes, acknowledges, and keeps account of what comes.
///
/// Owner: the loop.
final class Subscriber implements Connection.Peer {
  private enum Visit {
    /// Connects and subscribes.
    FIRST,
    /// Takes up its session.
    RETURN,
    /// Ends its session.
    LAST
  }

  private final Plan plan;
  private final Loop loop;
  private final int number;
  private final Account account;

  /// The highest sequence from each publisher, where the account is that of a group: what a member
  /// gets has its order, what the group gets has none.
  private final long @Nullable [] highest;

  private final BitSet unreleased = new BitSet();
  private Visit visit = Visit.FIRST;
  private @Nullable Connection connection;
  private boolean subscribed;
  private long countFromNanos = Long.MAX_VALUE;

  /// @param ofGroup whether the account is shared
  Subscriber(Plan plan, Loop loop, int number, Account account, boolean ofGroup) {
    this.plan = plan;
    this.loop = loop;
    this.number = number;
    this.account = account;
    highest = ofGroup ? new long[account.publishers()] : null;
    if (highest != null) {
      Arrays.fill(highest, -1);
    }
  }

  void onOpen(long dueNanos) {
    boolean session = plan.scenario() == Scenario.OFFLINE && visit != Visit.LAST;
    var made =
        new Connection(
            plan,
            loop,
            plan.connect(
                "sub", number, !session || visit == Visit.FIRST && plan.version().isV5(), session),
            this);
    connection = made;
    made.open(dueNanos);
  }

  void onReturn(long dueNanos) {
    visit = Visit.RETURN;
    onOpen(dueNanos);
  }

  void onEndOfSession(long dueNanos) {
    visit = Visit.LAST;
    onOpen(dueNanos);
  }

  /// From when on an open account counts, by the due times of messages.
  void onStart(long countFromNanos) {
    this.countFromNanos = countFromNanos;
  }

  void onLeave() {
    if (connection != null) {
      connection.leave();
    }
  }

  Loop loop() {
    return loop;
  }

  Account account() {
    return account;
  }

  boolean isSubscribed() {
    return subscribed;
  }

  @Override
  public void onUp(Packet.Connack connack) {
    Connection open = connection;
    if (open == null) {
      throw new IllegalStateException("up without a connection");
    }
    switch (visit) {
      case FIRST -> {
        var wanted = new Packet.Subscription(plan.filter(number), plan.qos(), false, false, 0);
        open.send(new Packet.Subscribe(1, Properties.NONE, List.of(wanted)));
        open.flush();
      }
      case RETURN -> {
        if (!connack.sessionPresent()) {
          loop.tally.error("the server did not keep a session");
        }
        loop.tally.ready.increment();
      }
      case LAST -> {
        loop.tally.ready.increment();
        open.leave();
      }
    }
  }

  @Override
  public void onSuback(Packet.Suback suback) {
    if (suback.reasons().getFirst().isError()) {
      loop.tally.subscriptionsFailed.increment();
      loop.tally.error("the server refused a subscription: " + suback.reasons().getFirst());
      return;
    }
    subscribed = true;
    loop.tally.ready.increment();
  }

  @Override
  public void onPublish(PublishView publish) {
    Connection open = connection;
    if (open == null) {
      return;
    }
    if (publish.qos() == 1) {
      open.sendAck(PacketType.PUBACK, publish.packetId());
    } else if (publish.qos() == 2) {
      open.sendAck(PacketType.PUBREC, publish.packetId());
      if (unreleased.get(publish.packetId())) {
        return; // the same delivery once more, which QoS 2 allows
      }
      unreleased.set(publish.packetId());
    }
    count(publish);
  }

  private void count(PublishView publish) {
    byte[] in = publish.array();
    int at = publish.payloadStart();
    int length = publish.end() - at;
    Flow flow = null;
    long sequence = 0;
    long due = 0;
    int publisher = 0;
    if (length >= Stamp.BYTES) {
      int run = Stamp.run(in, at);
      publisher = Stamp.publisher(in, at);
      sequence = Stamp.sequence(in, at);
      due = Stamp.dueNanos(in, at);
      if (account.isOpen() && due < countFromNanos) {
        return;
      }
      if (account.isOpen() || (run == plan.run() && length == plan.sizeBytes())) {
        flow = account.flow(run, publisher, sequence);
      }
    }
    if (flow == null) {
      loop.tally.foreign.increment();
      return;
    }
    Flow.Arrival arrival = flow.onMessage(sequence);
    switch (arrival) {
      case NEW, REORDERED -> {
        loop.tally.received.increment();
        if (isBehind(arrival, publisher, sequence)) {
          loop.tally.reordered.increment();
        }
        loop.onMessage(due, plan.scenario() != Scenario.OFFLINE);
      }
      case DUPLICATE -> loop.tally.duplicates.increment();
      case NOT_COUNTED -> {}
    }
  }

  private boolean isBehind(Flow.Arrival arrival, int publisher, long sequence) {
    if (highest == null) {
      return arrival == Flow.Arrival.REORDERED;
    }
    int at = publisher - account.firstPublisher();
    boolean behind = sequence < highest[at];
    highest[at] = Math.max(highest[at], sequence);
    return behind;
  }

  @Override
  public void onAck(AckView ack) {
    Connection open = connection;
    if (ack.type() == PacketType.PUBREL && open != null) {
      unreleased.clear(ack.packetId());
      open.sendAck(PacketType.PUBCOMP, ack.packetId());
    } else {
      loop.tally.error("the server sent a " + ack.type() + " to a subscriber");
    }
  }

  @Override
  public void onRoom() {
    // Acknowledgements wait for no room.
  }

  @Override
  public void onDown(boolean wasUp, @Nullable String cause) {
    Ends.count(loop.tally, wasUp, cause);
  }
}
