package io.relais.systemtests.durability;

import io.relais.protocol.Packet;
import io.relais.protocol.Properties;
import io.relais.protocol.ProtocolVersion;
import io.relais.protocol.ReasonCode;
import io.relais.testkit.Connecting;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/// A client that publishes at QoS 1 and 2 and keeps its side of the protocol over all restarts of
/// the broker: after a reconnect it sends again what was not acknowledged, in the old order, with
/// the old packet ids, and PUBREL for what was received.
///
/// Owner: guarded by itself; the endpoint's reader and the test's threads use it. Limits: its
/// window.
final class Producer {
  private static final int WINDOW = 8;

  private static final class Flight {
    private final Packet.Publish publish;
    private final String topic;
    private final int number;
    private boolean received;

    private Flight(Packet.Publish publish, String topic, int number) {
      this.publish = publish;
      this.topic = topic;
      this.number = number;
    }
  }

  private final String id;
  private final ProtocolVersion version;
  private final Book book;
  private final History history;
  private final Map<Integer, Flight> inFlight = new LinkedHashMap<>();
  private @Nullable Endpoint endpoint;
  private boolean known;
  private int lastPacketId;

  Producer(String id, ProtocolVersion version, Book book, History history) {
    this.id = id;
    this.version = version;
    this.book = book;
    this.history = history;
  }

  String id() {
    return id;
  }

  /// Connects and sends what is still in flight once more.
  ///
  /// @return whether the connection stands
  boolean resume(InetSocketAddress to) {
    Endpoint before;
    synchronized (this) {
      before = endpoint;
    }
    if (before != null) {
      before.cut();
      before.awaitEnd();
    }
    Endpoint fresh = new Endpoint(id, history, to, version, this::onPacket);
    // Set before the answer comes, since acks may come right behind it.
    synchronized (this) {
      endpoint = fresh;
    }
    Packet.Connack connack = fresh.connect(new Connecting(version, id).persistent());
    if (connack == null) {
      return false;
    }
    synchronized (this) {
      if (known && !connack.sessionPresent()) {
        history.violation(id + ": the session of a publisher is gone, its CONNACK was seen before");
        // As the standard says, its state goes with it.
        inFlight.values().forEach(flight -> flight.received = false);
      }
      known = true;
      for (Flight flight : List.copyOf(inFlight.values())) {
        if (flight.received) {
          fresh.send(
              new Packet.Pubrel(flight.publish.packetId(), ReasonCode.SUCCESS, Properties.NONE));
        } else {
          Packet.Publish first = flight.publish;
          fresh.send(
              new Packet.Publish(
                  true,
                  first.qos(),
                  first.retain(),
                  first.topic(),
                  first.packetId(),
                  first.properties(),
                  first.payload()));
        }
      }
    }
    return true;
  }

  /// Publishes the next message of a topic once there is room in the window.
  ///
  /// @param prefix before the topic on the wire: empty, or `$delayed/SECONDS/`
  /// @return its number, or 0 if the connection ended before it was sent
  int publish(String prefix, String topic, int qos, boolean retain, Payload payload) {
    synchronized (this) {
      Endpoint to = awaitInFlight(WINDOW - 1, Duration.ofSeconds(30));
      if (to == null) {
        return 0;
      }
      int number = book.send(topic);
      do {
        lastPacketId = lastPacketId % 0xFFFF + 1;
      } while (inFlight.containsKey(lastPacketId));
      Packet.Publish publish =
          new Packet.Publish(
              false,
              qos,
              retain,
              prefix + topic,
              lastPacketId,
              Properties.NONE,
              payload.of(topic, number));
      // From here on it is sent again until it is acknowledged, whatever becomes of the connection.
      inFlight.put(lastPacketId, new Flight(publish, topic, number));
      to.send(publish);
      return number;
    }
  }

  /// What a message says.
  interface Payload {
    byte[] of(String topic, int number);
  }

  /// Waits until everything is acknowledged.
  boolean settle(Duration within) {
    synchronized (this) {
      return awaitInFlight(0, within) != null;
    }
  }

  /// @return null if the connection ended, or time
  private synchronized @Nullable Endpoint awaitInFlight(int most, Duration within) {
    long end = System.nanoTime() + within.toNanos();
    while (true) {
      Endpoint now = endpoint;
      if (now == null || !now.isOpen()) {
        return null;
      }
      if (inFlight.size() <= most) {
        return now;
      }
      long left = TimeUnit.NANOSECONDS.toMillis(end - System.nanoTime());
      if (left <= 0) {
        return null;
      }
      try {
        wait(left);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        return null;
      }
    }
  }

  synchronized String inFlight() {
    List<String> told = new ArrayList<>();
    inFlight.values().forEach(flight -> told.add(book.told(flight.topic, flight.number)));
    return String.join(", ", told);
  }

  private synchronized void onPacket(Packet packet) {
    if (Endpoint.isEnd(packet)) {
      notifyAll();
      return;
    }
    switch (packet) {
      case Packet.Puback(int id, ReasonCode reason, Properties _) -> complete(id, reason, 1);
      case Packet.Pubcomp(int id, ReasonCode _, Properties _) ->
          complete(id, ReasonCode.SUCCESS, 2);
      case Packet.Pubrec(int id, ReasonCode reason, Properties _) -> {
        Flight flight = inFlight.get(id);
        if (flight == null || flight.publish.qos() != 2) {
          history.violation(this.id + ": PUBREC " + id + " answers nothing");
        } else if (reason.isError()) {
          history.violation(this.id + ": PUBREC " + id + " refuses with " + reason);
        } else {
          flight.received = true;
          book.acknowledged(flight.topic, flight.number);
          Endpoint to = endpoint;
          if (to != null) {
            to.send(new Packet.Pubrel(id, ReasonCode.SUCCESS, Properties.NONE));
          }
        }
      }
      default -> history.violation(id + ": unexpected " + packet);
    }
  }

  private void complete(int packetId, ReasonCode reason, int qos) {
    Flight flight = inFlight.get(packetId);
    if (flight == null || flight.publish.qos() != qos || (qos == 2 && !flight.received)) {
      history.violation(id + ": the ack of " + packetId + " answers nothing");
      return;
    }
    if (reason.isError()) {
      history.violation(id + ": " + packetId + " is refused with " + reason);
      return;
    }
    book.acknowledged(flight.topic, flight.number);
    inFlight.remove(packetId);
    notifyAll();
  }

  void cut() {
    Endpoint now;
    synchronized (this) {
      now = endpoint;
    }
    if (now != null) {
      now.cut();
    }
  }
}
