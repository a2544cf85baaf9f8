package io.relais.cli.bench;

import io.netty.channel.EventLoop;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/// One event loop of the generator: the clients on it, its part of the schedule, and its clocks.
///
/// Owner: the loop, but for [#submit] and the times, which the main thread drains.
final class Loop {
  /// A loop that is woken for every message has no time to send them.
  private static final long REST_NANOS = 50_000;

  private static final int INCOMING_BYTES = 256 * 1024;
  private static final int SCRATCH_BYTES = 64;

  final Times latency = new Times();
  final Times acknowledgement = new Times();
  final Times connect = new Times();

  /// How late messages were looked at, which is the generator's own fault.
  final Times delay = new Times();

  final Tally tally;

  /// What a connection of this loop just read, until its packets are dealt with.
  final byte[] incoming = new byte[INCOMING_BYTES];

  /// For the acks and stamps that are being written.
  final byte[] scratch = new byte[SCRATCH_BYTES];

  private final int number;
  private final EventLoop events;
  private final LongSupplier clock;
  private final List<Connection> unflushed = new ArrayList<>();
  private boolean collecting;
  private long lastMessageNanos;
  private volatile boolean stopped;

  Loop(int number, EventLoop events, LongSupplier clock, Tally tally) {
    this.number = number;
    this.events = events;
    this.clock = clock;
    this.tally = tally;
  }

  EventLoop events() {
    return events;
  }

  int number() {
    return number;
  }

  long now() {
    return clock.getAsLong();
  }

  void submit(Runnable work) {
    events.execute(work);
  }

  /// Follows the schedule to its end.
  ///
  /// @param onEnd once the last was handed over
  void onDrive(Pace pace, Pace.Sink sink, long startNanos, Runnable onEnd) {
    collecting = true;
    long next = stopped ? -1 : pace.advance(now() - startNanos, sink);
    collecting = false;
    for (Connection connection : unflushed) {
      connection.flush();
    }
    unflushed.clear();
    if (next < 0) {
      onEnd.run();
      return;
    }
    long wait = next - (now() - startNanos);
    Runnable again = () -> onDrive(pace, sink, startNanos, onEnd);
    if (wait <= 0) {
      events.execute(again);
    } else {
      events.schedule(again, Math.max(wait, REST_NANOS), TimeUnit.NANOSECONDS);
    }
  }

  /// Ends what it follows, from any thread.
  void stop() {
    stopped = true;
  }

  /// A message that counts has arrived.
  ///
  /// @param timed whether its latency means anything
  void onMessage(long dueNanos, boolean timed) {
    lastMessageNanos = now();
    if (timed) {
      latency.record(lastMessageNanos - dueNanos);
      if (lastMessageNanos < dueNanos) {
        tally.error("a message came before it was due: the clocks of the machines differ");
      }
    }
  }

  long lastMessageNanos() {
    return lastMessageNanos;
  }

  /// Flushes at the end of the turn, or at once outside of one.
  void flushSoon(Connection connection) {
    if (collecting) {
      unflushed.add(connection);
    } else {
      connection.flush();
    }
  }
}
