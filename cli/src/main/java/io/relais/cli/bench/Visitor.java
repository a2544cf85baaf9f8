package io.relais.cli.bench;

import io.relais.protocol.AckView;
import io.relais.protocol.Packet;
import io.relais.protocol.PublishView;
import org.jspecify.annotations.Nullable;

/// Connects when that is due: once and stays, or again and again, leaving each time or taking its
/// own connection over. A visit that is due while the one before has not got so far waits, and its
/// time counts from when it was due.
///
/// Owner: the loop.
final class Visitor {
  private final Plan plan;
  private final Schedule schedule;
  private final Loop loop;
  private final int number;
  private @Nullable Visit current;
  private boolean connecting;
  private boolean ended;
  private long startNanos;
  private long due;
  private long next;

  Visitor(Plan plan, Schedule schedule, Loop loop, int number) {
    this.plan = plan;
    this.schedule = schedule;
    this.loop = loop;
    this.number = number;
  }

  Loop loop() {
    return loop;
  }

  void onStart(long startNanos) {
    this.startNanos = startNanos;
  }

  void onDue(long sequence) {
    due = sequence + 1;
    begin();
    if (next < due && isMeasured(sequence)) {
      loop.tally.heldBack.increment();
    }
  }

  private boolean isMeasured(long sequence) {
    return sequence >= schedule.firstMeasured(number);
  }

  private void begin() {
    boolean mustWait = connecting || (plan.scenario() == Scenario.LOGIN && current != null);
    if (mustWait || ended || next >= due) {
      return;
    }
    long sequence = next++;
    connecting = true;
    Visit visit = new Visit(sequence, current);
    if (current != null) {
      current.superseded = true;
    }
    current = visit;
    loop.tally.written.increment();
    visit.connection.open(
        isMeasured(sequence)
            ? startNanos + schedule.dueNanos(number, sequence)
            : Connection.NOT_TIMED);
  }

  void onEnd() {
    ended = true;
    if (current != null) {
      current.connection.leave();
    }
  }

  private final class Visit implements Connection.Peer {
    private final long sequence;
    private final Connection connection;
    private @Nullable Visit previous;
    private boolean superseded;
    private boolean over;

    Visit(long sequence, @Nullable Visit previous) {
      this.sequence = sequence;
      this.previous = previous;
      long id = plan.scenario() == Scenario.LOGIN ? schedule.index(number, sequence) : number;
      connection = new Connection(plan, loop, plan.connect("client", id, true, false), this);
    }

    @Override
    public void onUp(Packet.Connack connack) {
      connecting = false;
      loop.tally.ready.increment();
      if (isMeasured(sequence)) {
        loop.tally.visits.increment();
      }
      if (previous != null) {
        loop.tally.superseded.increment();
        previous = null;
      }
      if (plan.scenario() == Scenario.LOGIN) {
        connection.leave();
      }
      begin();
    }

    @Override
    public void onDown(boolean wasUp, @Nullable String cause) {
      over = true;
      if (wasUp && superseded && cause != null) {
        loop.tally.takenOver.increment();
        loop.tally.closed.increment();
      } else {
        Ends.count(loop.tally, wasUp, cause);
      }
      if (current == this) {
        connecting = false;
        current = null;
        Visit before = previous;
        if (before != null && !before.over) {
          before.superseded = false;
          current = before;
        }
      }
      begin();
    }

    @Override
    public void onPublish(PublishView publish) {
      loop.tally.foreign.increment();
    }

    @Override
    public void onAck(AckView ack) {
      loop.tally.error("the server sent a " + ack.type() + " to a client without messages");
    }

    @Override
    public void onSuback(Packet.Suback suback) {
      loop.tally.error("the server sent a SUBACK to a client without subscriptions");
    }

    @Override
    public void onRoom() {
      // Nothing waits for it.
    }
  }
}
