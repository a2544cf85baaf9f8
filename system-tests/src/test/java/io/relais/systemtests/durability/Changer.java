package io.relais.systemtests.durability;

import io.relais.protocol.Packet;
import io.relais.protocol.Properties;
import io.relais.protocol.ProtocolVersion;
import io.relais.testkit.MqttSocket;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;

/// A persistent session that subscribes and unsubscribes all the time: what was acknowledged must
/// be so after a crash, what was not may be either way.
///
/// Owner: one thread at a time.
final class Changer {
  private static final int FILTERS = 8;
  private static final String FENCE = "x/fence";

  private enum State {
    ON,
    OFF,
    /// Asked for, not acknowledged.
    UNKNOWN
  }

  private final Consumer session;
  private final Producer prober;
  private final Book book;
  private final History history;
  private final State[] states = new State[FILTERS];

  Changer(Book book, History history) {
    this.book = book;
    this.history = history;
    session = new Consumer("changer", ProtocolVersion.MQTT_5, List.of(FENCE), book, history);
    prober = new Producer("prober", ProtocolVersion.MQTT_3_1_1, book, history);
    java.util.Arrays.fill(states, State.OFF);
  }

  boolean resume(InetSocketAddress to) {
    return session.resume(to) && prober.resume(to);
  }

  void cut() {
    session.leave();
    prober.cut();
  }

  /// Changes one subscription.
  ///
  /// @return false if the connection ended
  boolean change(Random random) {
    int i = random.nextInt(FILTERS);
    boolean on = states[i] != State.ON;
    states[i] = State.UNKNOWN;
    int packetId = 2 + random.nextInt(1_000);
    Packet answer =
        session.ask(
            on
                ? new Packet.Subscribe(
                    packetId, Properties.NONE, List.of(MqttSocket.subscription("x/" + i, 1)))
                : new Packet.Unsubscribe(packetId, Properties.NONE, List.of("x/" + i)));
    if (answer == null) {
      return false;
    }
    states[i] = on ? State.ON : State.OFF;
    return true;
  }

  /// Publishes to each filter and sees which of them are subscribed to.
  void probe() {
    int[] numbers = new int[FILTERS];
    for (int i = 0; i < FILTERS; i++) {
      numbers[i] = prober.publish("", "x/" + i, 1, false, Book::payload);
    }
    int last = prober.publish("", FENCE, 1, false, Book::payload);
    long until = System.nanoTime() + TimeUnit.SECONDS.toNanos(10);
    if (!prober.settle(Duration.ofSeconds(10))
        || !session.await(FENCE + " " + Book.head(FENCE, last), until)) {
      history.violation(
          "changer: the probe " + book.told(FENCE, Math.max(last, 1)) + " does not come");
      return;
    }
    for (int i = 0; i < FILTERS; i++) {
      // All of one publisher came before its last one.
      boolean there = session.count("x/" + i + " " + Book.head("x/" + i, numbers[i])) > 0;
      if (there && states[i] == State.OFF) {
        history.violation("changer: x/" + i + " is subscribed, its UNSUBACK was seen");
      } else if (!there && states[i] == State.ON) {
        history.violation("changer: x/" + i + " is not subscribed, its SUBACK was seen");
      }
      states[i] = there ? State.ON : State.OFF;
    }
  }
}
