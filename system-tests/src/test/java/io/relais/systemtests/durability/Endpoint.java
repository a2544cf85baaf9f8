package io.relais.systemtests.durability;

import io.relais.protocol.Packet;
import io.relais.protocol.PacketText;
import io.relais.protocol.Properties;
import io.relais.protocol.ProtocolVersion;
import io.relais.protocol.ReasonCode;
import io.relais.testkit.Connecting;
import io.relais.testkit.Link;
import io.relais.testkit.Wire;
import java.io.BufferedInputStream;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// One connection that may end at any byte: that is no error here, unlike with
/// [io.relais.testkit.MqttSocket]. Answers to CONNECT, SUBSCRIBE, UNSUBSCRIBE and PINGREQ are
/// waited for; everything else goes to a handler.
///
/// Owner: any thread may send; a virtual thread reads and calls the handler. Limits: an answer is
/// waited for 10 s.
final class Endpoint {
  private static final long ANSWER_SECONDS = 10;

  /// The connection's end, as an answer.
  private static final Packet END = new Packet.Disconnect(ReasonCode.SUCCESS, Properties.NONE);

  private final String name;
  private final History history;
  private final ProtocolVersion version;
  private final @Nullable Link link;
  private final Consumer<Packet> handler;
  private final BlockingQueue<Packet> answers = new LinkedBlockingQueue<>();
  private final CountDownLatch ended = new CountDownLatch(1);
  private volatile boolean open;
  private volatile long endedNanos = System.nanoTime();

  /// @param handler of packets that are no answers; called by one thread
  Endpoint(
      String name,
      History history,
      InetSocketAddress to,
      ProtocolVersion version,
      Consumer<Packet> handler) {
    this.name = name;
    this.history = history;
    this.version = version;
    this.handler = handler;
    Link dialled = null;
    try {
      dialled = Link.tcp(to);
    } catch (IOException e) {
      history.note(name + " cannot connect: " + e.getMessage());
    }
    link = dialled;
    open = dialled != null;
    if (dialled != null) {
      Link from = dialled;
      Thread.ofVirtual().name("reader of " + name).start(() -> read(from));
    }
  }

  boolean isOpen() {
    return open;
  }

  private void read(Link from) {
    try (DataInputStream in = new DataInputStream(new BufferedInputStream(from.in()))) {
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
        Packet packet = Wire.decode(firstByte, body, version);
        history.note(name + "< " + PacketText.of(packet, version));
        switch (packet) {
          case Packet.Connack _, Packet.Suback _, Packet.Unsuback _, Packet.Pingresp _ ->
              answers.add(packet);
          default -> handler.accept(packet);
        }
      }
    } catch (EOFException e) {
      history.note(name + "< END");
    } catch (IOException e) {
      history.note(name + "< END " + e.getMessage());
    } catch (RuntimeException | AssertionError e) {
      history.violation(name + ": " + e);
    } finally {
      open = false;
      endedNanos = System.nanoTime();
      answers.add(END);
      // Wakes who waits for acks.
      handler.accept(END);
      ended.countDown();
    }
  }

  /// When the connection ended, by whichever side; it has.
  long endedNanos() {
    awaitEnd();
    return endedNanos;
  }

  /// Waits until all that came was handled and the end was seen.
  void awaitEnd() {
    try {
      if (link != null && !ended.await(ANSWER_SECONDS, TimeUnit.SECONDS)) {
        history.violation(name + ": the connection did not end");
        cut();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /// Whether this is the connection's end, which the handler gets last.
  static boolean isEnd(Packet packet) {
    return packet == END;
  }

  /// @return whether it was written, which says nothing about whether it arrived
  synchronized boolean send(Packet packet) {
    Link to = link;
    if (!open || to == null) {
      return false;
    }
    history.note(name + "> " + PacketText.of(packet, version));
    try {
      to.out().write(Wire.encode(packet, version));
      to.out().flush();
      return true;
    } catch (IOException e) {
      history.note(name + "> failed: " + e.getMessage());
      return false;
    }
  }

  /// Sends it and waits for its answer.
  ///
  /// @return null if the connection ended before
  @Nullable Packet ask(Packet packet) {
    if (!send(packet)) {
      return null;
    }
    try {
      Packet answer = answers.poll(ANSWER_SECONDS, TimeUnit.SECONDS);
      if (answer == null) {
        history.violation(
            "%s: no answer to %s within %d s"
                .formatted(name, PacketText.of(packet, version), ANSWER_SECONDS));
        cut();
        return null;
      }
      if (answer == END) {
        answers.add(END);
        return null;
      }
      return answer;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return null;
    }
  }

  /// @return null if the connection ended before it was accepted
  Packet.@Nullable Connack connect(Connecting how) {
    Packet answer = ask(how.packet());
    if (answer instanceof Packet.Connack connack) {
      if (connack.reason() == ReasonCode.SUCCESS) {
        return connack;
      }
      history.violation(name + ": CONNECT is refused, " + connack.reason());
    }
    return null;
  }

  /// Ends it as a failing network does.
  void cut() {
    end(true);
  }

  void close() {
    end(false);
  }

  /// DISCONNECT in order.
  ///
  /// @return whether the server closed then, within 10 s
  boolean disconnect() {
    send(new Packet.Disconnect(ReasonCode.SUCCESS, Properties.NONE));
    try {
      for (int i = 0; i < 16; i++) {
        Packet answer = answers.poll(ANSWER_SECONDS, TimeUnit.SECONDS);
        if (answer == null) {
          break;
        }
        if (answer == END) {
          answers.add(END);
          close();
          return true;
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    close();
    return false;
  }

  private void end(boolean reset) {
    open = false;
    Link to = link;
    if (to == null) {
      return;
    }
    try {
      if (reset) {
        to.cut().close();
      } else {
        to.close().close();
      }
    } catch (IOException e) {
      history.note(name + " does not close: " + e.getMessage());
    }
  }
}
