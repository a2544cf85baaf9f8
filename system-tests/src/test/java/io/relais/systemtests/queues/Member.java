package io.relais.systemtests.queues;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.relais.protocol.Packet;
import io.relais.protocol.Properties;
import io.relais.protocol.Property;
import io.relais.protocol.ProtocolVersion;
import io.relais.protocol.ReasonCode;
import io.relais.testkit.BrokerUnderTest;
import io.relais.testkit.Connecting;
import io.relais.testkit.Link;
import io.relais.testkit.Wire;
import java.io.BufferedInputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/// A member of a shared group that takes whatever comes, acknowledges it and writes it down, over
/// any number of connections.
///
/// Owner: the test's thread; a virtual thread reads each connection. Limits: an answer is waited
/// for 10 s.
final class Member {
  private static final ProtocolVersion VERSION = ProtocolVersion.MQTT_5;

  /// Says that a connection is over, as an answer.
  private static final Packet END = new Packet.Disconnect(ReasonCode.SUCCESS, Properties.NONE);

  private final String id;
  private final boolean persistent;
  private final String filter;
  private final Deliveries deliveries;
  private final Set<Integer> open = new HashSet<>(); // QoS 2, between PUBLISH and PUBREL
  private @Nullable Connection connection;

  Member(String id, boolean persistent, String filter, Deliveries deliveries) {
    this.id = id;
    this.persistent = persistent;
    this.filter = filter;
    this.deliveries = deliveries;
  }

  /// Connects anew; if there is a connection, this one takes it over.
  Member connect(BrokerUnderTest broker) {
    Connection before = connection;
    Connection fresh = new Connection(broker);
    var how = new Connecting(VERSION, id);
    Packet answer = fresh.ask((persistent ? how.persistent() : how).packet());
    if (!(answer instanceof Packet.Connack connack) || connack.reason() != ReasonCode.SUCCESS) {
      throw new AssertionError(id + " is not let in: " + answer);
    }
    if (before != null) {
      before.awaitEnd();
    }
    if (!connack.sessionPresent()) {
      open.clear();
    }
    connection = fresh;
    fresh.begin();
    return this;
  }

  Member subscribe(int qos) {
    Packet.Subscription one = new Packet.Subscription(filter, qos, false, false, 0);
    Packet answer = now().ask(new Packet.Subscribe(1, Properties.NONE, List.of(one)));
    if (!(answer instanceof Packet.Suback suback) || suback.reasons().getFirst().isError()) {
      throw new AssertionError(id + " is not subscribed: " + answer);
    }
    return this;
  }

  void unsubscribe() {
    Packet answer = now().ask(new Packet.Unsubscribe(1, Properties.NONE, List.of(filter)));
    if (!(answer instanceof Packet.Unsuback)) {
      throw new AssertionError(id + " is not unsubscribed: " + answer);
    }
  }

  /// Ends the connection as a failing network does.
  void cut() {
    now().close(true);
    now().awaitEnd();
    connection = null;
  }

  /// Ends the session with the connection.
  void endSession() {
    Properties now = Properties.builder().add(Property.SESSION_EXPIRY_INTERVAL, 0L).build();
    now().send(new Packet.Disconnect(ReasonCode.SUCCESS, now));
    now().awaitEnd();
    connection = null;
  }

  /// The broker is gone.
  void awaitEnd() {
    now().awaitEnd();
    connection = null;
  }

  private Connection now() {
    if (connection == null) {
      throw new IllegalStateException(id + " is not connected");
    }
    return connection;
  }

  /// One connection.
  final class Connection {
    private final Link link;
    private final BlockingQueue<Packet> answers = new LinkedBlockingQueue<>();
    private final BlockingQueue<Packet> early = new LinkedBlockingQueue<>();
    private final Thread reader;
    private boolean begun;
    private volatile boolean isOpen = true;

    Connection(BrokerUnderTest broker) {
      link = broker.link();
      reader = Thread.ofVirtual().name("reader of " + id).start(this::read);
    }

    boolean isOpen() {
      return isOpen;
    }

    /// What comes is handled from now on: whoever had the session before has seen all of its own.
    synchronized void begin() {
      begun = true;
      for (Packet packet; (packet = early.poll()) != null; ) {
        handle(packet);
      }
    }

    private void read() {
      try (DataInputStream in = new DataInputStream(new BufferedInputStream(link.in()))) {
        while (true) {
          int firstByte = in.readUnsignedByte();
          int length = 0;
          int shift = 0;
          int b;
          do {
            b = in.readUnsignedByte();
            length |= (b & 0x7F) << shift;
            shift += 7;
          } while (b >= 0x80 && shift < 28);
          byte[] body = new byte[length];
          in.readFully(body);
          take(Wire.decode(firstByte, body, VERSION));
        }
      } catch (IOException e) { // the end, by whichever side
        isOpen = false;
        answers.add(END);
      }
    }

    private synchronized void take(Packet packet) {
      switch (packet) {
        case Packet.Connack _, Packet.Suback _, Packet.Unsuback _ -> answers.add(packet);
        default -> {
          if (begun) {
            handle(packet);
          } else {
            early.add(packet);
          }
        }
      }
    }

    private void handle(Packet packet) {
      switch (packet) {
        case Packet.Publish publish -> {
          int packetId = publish.packetId();
          if (publish.qos() < 2 || open.add(packetId)) {
            int number = Integer.parseInt(new String(publish.payload(), UTF_8).strip());
            deliveries.add(number, this, publish.qos());
          }
          if (publish.qos() == 1) {
            send(new Packet.Puback(packetId, ReasonCode.SUCCESS, Properties.NONE));
          } else if (publish.qos() == 2) {
            send(new Packet.Pubrec(packetId, ReasonCode.SUCCESS, Properties.NONE));
          }
        }
        case Packet.Pubrel pubrel -> {
          open.remove(pubrel.packetId());
          send(new Packet.Pubcomp(pubrel.packetId(), ReasonCode.SUCCESS, Properties.NONE));
        }
        default -> {} // DISCONNECT of one that is taken over
      }
    }

    private synchronized void send(Packet packet) {
      try {
        link.out().write(Wire.encode(packet, VERSION));
        link.out().flush();
      } catch (IOException e) { // it ended; its reader sees that too
        isOpen = false;
      }
    }

    private @Nullable Packet ask(Packet packet) {
      send(packet);
      try {
        return answers.poll(10, TimeUnit.SECONDS);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        return null;
      }
    }

    private void close(boolean cut) {
      try {
        (cut ? link.cut() : link.close()).close();
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }

    private void awaitEnd() {
      try {
        if (!reader.join(Duration.ofSeconds(10))) {
          throw new AssertionError(id + ": the connection does not end");
        }
        close(false);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }
  }
}
