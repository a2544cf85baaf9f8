package io.relais.testkit;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.relais.protocol.Packet;
import io.relais.protocol.PacketText;
import io.relais.protocol.PacketType;
import io.relais.protocol.Properties;
import io.relais.protocol.Property;
import io.relais.protocol.ProtocolVersion;
import io.relais.protocol.ReasonCode;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/// A raw MQTT client for tests: sends any bytes, and waits with a bound for what the server says.
/// It does nothing by itself: no ping, no ack, no reconnect.
///
/// Three kinds of methods. `send...` only writes. `expect...` takes the very next thing that the
/// server sends and fails on anything else. Verbs (`connect`, `subscribe`, `publish`, `receive`,
/// ...) carry out a whole exchange, set aside what arrives in between (it is what the next `expect`
/// sees) and fail if the exchange does not succeed. Each failure shows the conversation so far.
///
/// Owner: one thread of a test; a virtual thread of its own reads. Waits last 5 seconds at most
/// unless told; up to 200,000 packets may lie unread, then reading stops.
public final class MqttSocket implements AutoCloseable {
  private static final Duration PATIENCE = Duration.ofSeconds(5);
  private static final int UNREAD_MAX = 200_000;
  private static final int TRACE_MAX = 60;
  private static final AtomicInteger FENCES = new AtomicInteger();

  /// What the reader saw.
  private sealed interface Event {}

  /// @param body what Remaining Length counted
  private record Frame(int firstByte, byte[] body) implements Event {}

  /// @param how in words, for failures; `end` when the server closed in order or by a reset
  private record Closed(boolean clean, String how) implements Event {}

  private final String name;
  private final Link link;
  private final ProtocolVersion version;
  private final BlockingQueue<Event> events = new LinkedBlockingQueue<>(UNREAD_MAX);
  private final Deque<Packet> aside = new ArrayDeque<>();
  private final List<String> trace = new ArrayList<>();
  private Duration patience = PATIENCE;
  private @Nullable Closed closed;
  private boolean accepted;
  private long maximumPacketSize = Long.MAX_VALUE;
  private int lastPacketId;

  /// @param name in traces
  /// @param version spoken on this connection, whatever bytes are sent
  public MqttSocket(String name, Link link, ProtocolVersion version) {
    this.name = name;
    this.link = link;
    this.version = version;
    Thread.ofVirtual().name("reader of " + name).start(this::read);
  }

  private void read() {
    Event last;
    try {
      while (true) {
        int firstByte = link.in().read();
        if (firstByte < 0) {
          last = new Closed(true, "closed");
          break;
        }
        events.put(new Frame(firstByte, body(link.in())));
      }
    } catch (EOFException e) {
      last = new Closed(false, "closed amid a packet: " + e.getMessage());
    } catch (IOException e) {
      String why = String.valueOf(e.getMessage());
      boolean reset =
          why.contains("reset") || why.contains("Broken pipe") || why.contains("closed");
      last = new Closed(reset, "closed: " + why);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      last = new Closed(false, "the reader was interrupted");
    }
    try {
      events.put(last);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private static byte[] body(InputStream in) throws IOException {
    int length = 0;
    int shift = 0;
    int b;
    do {
      b = in.read();
      if (b < 0) {
        throw new EOFException("no Remaining Length");
      }
      if (shift > 21 || (b == 0 && shift > 0)) {
        throw new IOException(
            "the server's Remaining Length is overlong or not in its shortest form");
      }
      length |= (b & 0x7F) << shift;
      shift += 7;
    } while (b >= 0x80);
    byte[] body = in.readNBytes(length);
    if (body.length < length) {
      throw new EOFException(body.length + " of " + length + " bytes");
    }
    return body;
  }

  public String name() {
    return name;
  }

  public ProtocolVersion version() {
    return version;
  }

  /// How long each wait lasts from now on.
  public MqttSocket patience(Duration patience) {
    this.patience = patience;
    return this;
  }

  // Sending

  public MqttSocket send(Packet packet) {
    note("> " + PacketText.of(packet, version));
    if (packet instanceof Packet.Connect connect) {
      maximumPacketSize =
          connect.properties().longValue(Property.MAXIMUM_PACKET_SIZE, Long.MAX_VALUE);
    }
    return write(Wire.encode(packet, version));
  }

  public MqttSocket send(byte[] bytes) {
    note("> BYTES " + HexFormat.of().formatHex(bytes, 0, Math.min(bytes.length, 100)));
    return write(bytes);
  }

  /// @param hex pairs of hex digits, with blanks where one likes
  public MqttSocket send(String hex) {
    return send(Bytes.hex(hex));
  }

  /// Writes all packets in one go, so that the server may read them in one.
  public MqttSocket sendTogether(Packet... packets) {
    Bytes all = new Bytes();
    for (Packet packet : packets) {
      note("> " + PacketText.of(packet, version));
      all.raw(Wire.encode(packet, version));
    }
    return write(all.toArray());
  }

  private MqttSocket write(byte[] bytes) {
    try {
      link.out().write(bytes);
      link.out().flush();
    } catch (IOException e) {
      // The server may close while a test still writes; what it sent before decides.
      note("! writing failed: " + e.getMessage());
    }
    return this;
  }

  public MqttSocket sendConnect(String clientId, UnaryOperator<Connecting> how) {
    return send(how.apply(new Connecting(version, clientId)).packet());
  }

  public MqttSocket sendPublish(String topic, String payload, int qos, int packetId) {
    return send(publishing(topic, payload, qos, packetId));
  }

  /// @return a PUBLISH without DUP, RETAIN and properties
  public static Packet.Publish publishing(String topic, String payload, int qos, int packetId) {
    return new Packet.Publish(
        false, qos, false, topic, packetId, Properties.NONE, payload.getBytes(UTF_8));
  }

  public MqttSocket sendSubscribe(int packetId, String filter, int qos) {
    return send(
        new Packet.Subscribe(packetId, Properties.NONE, List.of(subscription(filter, qos))));
  }

  /// @return a filter with no options but its QoS
  public static Packet.Subscription subscription(String filter, int qos) {
    return new Packet.Subscription(filter, qos, false, false, 0);
  }

  public MqttSocket sendPuback(int packetId) {
    return send(new Packet.Puback(packetId, ReasonCode.SUCCESS, Properties.NONE));
  }

  public MqttSocket sendPubrec(int packetId) {
    return send(new Packet.Pubrec(packetId, ReasonCode.SUCCESS, Properties.NONE));
  }

  public MqttSocket sendPubrel(int packetId) {
    return send(new Packet.Pubrel(packetId, ReasonCode.SUCCESS, Properties.NONE));
  }

  public MqttSocket sendPubcomp(int packetId) {
    return send(new Packet.Pubcomp(packetId, ReasonCode.SUCCESS, Properties.NONE));
  }

  public MqttSocket sendPing() {
    return send(new Packet.Pingreq());
  }

  // Expecting: the very next thing

  /// The very next packet, whichever it is.
  public Packet expectPacket() {
    return next("a packet", patience);
  }

  /// The very next packet, which has to be of this type.
  public <P extends Packet> P expect(Class<P> type) {
    return expect(type, patience);
  }

  public <P extends Packet> P expect(Class<P> type, Duration within) {
    Packet packet = next("a " + type.getSimpleName(), within);
    if (!type.isInstance(packet)) {
      throw failure("expected a %s next".formatted(type.getSimpleName()));
    }
    return type.cast(packet);
  }

  public Packet.Publish expectPublish() {
    return expect(Packet.Publish.class);
  }

  /// The very next packet is this ack with this id, and nothing but success in it.
  public void expectAck(PacketType type, int packetId) {
    Packet packet = next(type + " id=" + packetId, patience);
    boolean fits =
        switch (packet) {
          case Packet.Puback(int id, ReasonCode reason, Properties _) ->
              type == PacketType.PUBACK && id == packetId && !reason.isError();
          case Packet.Pubrec(int id, ReasonCode reason, Properties _) ->
              type == PacketType.PUBREC && id == packetId && !reason.isError();
          case Packet.Pubrel(int id, ReasonCode reason, Properties _) ->
              type == PacketType.PUBREL && id == packetId && !reason.isError();
          case Packet.Pubcomp(int id, ReasonCode reason, Properties _) ->
              type == PacketType.PUBCOMP && id == packetId && !reason.isError();
          case Packet.Suback(int id, Properties _, List<ReasonCode> _) ->
              type == PacketType.SUBACK && id == packetId;
          case Packet.Unsuback(int id, Properties _, List<ReasonCode> _) ->
              type == PacketType.UNSUBACK && id == packetId;
          default -> false;
        };
    if (!fits) {
      throw failure("expected %s id=%d next".formatted(type, packetId));
    }
  }

  /// The server closes, and sends nothing before.
  public void expectClosed() {
    expectClosed(patience);
  }

  public void expectClosed(Duration within) {
    if (!aside.isEmpty()) {
      throw failure("expected the end, yet " + PacketText.of(aside.element(), version) + " came");
    }
    Packet packet = nextOrEnd("the end of the connection", within);
    if (packet != null) {
      throw failure("expected the end of the connection and nothing before it");
    }
  }

  /// The server refuses and closes, in the manner that the standard leaves open: without a word, or
  /// after one CONNACK (where none came yet) or one DISCONNECT (5.0, after CONNACK) with one of
  /// these reasons. On 3.x only the CONNACK may come.
  ///
  /// @return the reason, or null if it just closed
  public @Nullable ReasonCode expectRefused(ReasonCode... reasons) {
    return expectRefused(patience, reasons);
  }

  public @Nullable ReasonCode expectRefused(Duration within, ReasonCode... reasons) {
    Packet packet = aside.poll();
    if (packet == null) {
      packet = nextOrEnd("a refusal or the end", within);
    }
    if (packet == null) {
      return null;
    }
    ReasonCode reason =
        switch (packet) {
          case Packet.Connack(boolean _, ReasonCode given, Properties _) when !accepted -> given;
          case Packet.Disconnect(ReasonCode given, Properties _) when accepted -> given;
          default ->
              throw failure(
                  "expected the end, or before it "
                      + (accepted ? "a DISCONNECT" : "a CONNACK")
                      + " with one of "
                      + List.of(reasons));
        };
    if (!List.of(reasons).contains(reason)) {
      throw failure("expected one of the reasons " + List.of(reasons));
    }
    // [MQTT-3.2.2-7] [MQTT-3.14.4-1] [MQTT-3.14.4-2]
    expectClosed(within);
    return reason;
  }

  /// Either the server refuses and closes as in [#expectRefused], or it sends some other packet,
  /// where the standard leaves both open.
  ///
  /// @return that other packet, or null if the server closed
  public @Nullable Packet expectRefusedOr(ReasonCode... reasons) {
    Packet packet = aside.poll();
    if (packet == null) {
      packet = nextOrEnd("an answer or the end", patience);
    }
    if (packet instanceof Packet.Disconnect) {
      aside.addFirst(packet);
      expectRefused(reasons);
      return null;
    }
    return packet;
  }

  /// The server answers a ping and sends nothing before the answer.
  public void expectSilence() {
    sendPing();
    Packet packet = next("PINGRESP", patience);
    if (!(packet instanceof Packet.Pingresp)) {
      throw failure("expected silence (only the answer to a ping)");
    }
  }

  /// Nothing that `publisher` has published before now arrives here any more, nor a backlog: it
  /// publishes a marker at QoS 1 that has to be the next message. Relies on messages of one
  /// connection to another one staying in order, whatever their topics. Both must have room in
  /// their windows.
  public void expectNothingFrom(MqttSocket publisher) {
    String fence = fence();
    int id = nextPacketId();
    sendSubscribe(id, fence, 1);
    expectAck(PacketType.SUBACK, id);
    publisher.publish(fence, "marker", 1);
    expectMarker(fence);
  }

  /// No retained message of the subscriptions made before now comes any more: a subscription to a
  /// retained marker, which `publisher` makes, gives that marker as the next message. Relies on
  /// SUBSCRIBEs being handled in order; retained messages may come after their SUBACK.
  public void expectNothingRetained(MqttSocket publisher) {
    String fence = fence();
    publisher.publishRetained(fence, "marker", 1);
    subscribe(fence, 1);
    expectMarker(fence);
    publisher.publishRetained(fence, "", 1);
  }

  private static String fence() {
    return "fence/" + FENCES.incrementAndGet() + "/" + System.nanoTime();
  }

  private void expectMarker(String fence) {
    Packet.Publish message = expectPublish();
    if (!message.topic().equals(fence)) {
      throw failure("expected nothing but the marker " + fence);
    }
    sendPuback(message.packetId());
    int id = nextPacketId();
    send(new Packet.Unsubscribe(id, Properties.NONE, List.of(fence)));
    expectAck(PacketType.UNSUBACK, id);
  }

  /// Nothing arrives for this long. For what only time can show; elsewhere [#expectSilence()] and
  /// [#expectNothingFrom(MqttSocket)] are faster and surer.
  public void expectNothingFor(Duration time) {
    if (!aside.isEmpty()) {
      throw failure("expected nothing");
    }
    try {
      Event event = events.poll(time.toNanos(), TimeUnit.NANOSECONDS);
      if (event != null) {
        take(event);
        throw failure("expected nothing for " + time);
      }
    } catch (InterruptedException e) {
      throw interrupted(e);
    }
  }

  // Verbs: whole exchanges

  /// CONNECT, and the CONNACK that accepts it.
  public Packet.Connack connect(String clientId) {
    return connect(clientId, how -> how);
  }

  public Packet.Connack connect(String clientId, UnaryOperator<Connecting> how) {
    sendConnect(clientId, how);
    Packet.Connack connack = expect(Packet.Connack.class);
    if (connack.reason() != ReasonCode.SUCCESS) {
      throw failure("expected the CONNECT to be accepted");
    }
    return connack;
  }

  /// SUBSCRIBE to one filter, granted at this QoS.
  public MqttSocket subscribe(String filter, int qos) {
    return subscribe(Properties.NONE, subscription(filter, qos));
  }

  /// SUBSCRIBE to filters, each granted at the QoS asked for.
  public MqttSocket subscribe(Properties properties, Packet.Subscription... subscriptions) {
    List<ReasonCode> granted = suback(properties, subscriptions).reasons();
    for (int i = 0; i < subscriptions.length; i++) {
      if (granted.get(i) != ReasonCode.granted(subscriptions[i].qos())) {
        throw failure("expected all subscriptions to be granted");
      }
    }
    return this;
  }

  /// SUBSCRIBE to filters, whatever is granted.
  public Packet.Suback suback(Properties properties, Packet.Subscription... subscriptions) {
    int id = nextPacketId();
    send(new Packet.Subscribe(id, properties, List.of(subscriptions)));
    Packet.Suback suback = await(Packet.Suback.class);
    if (suback.packetId() != id || suback.reasons().size() != subscriptions.length) {
      throw failure("expected SUBACK id=%d with %d codes".formatted(id, subscriptions.length));
    }
    return suback;
  }

  public Packet.Unsuback unsubscribe(String... filters) {
    int id = nextPacketId();
    send(new Packet.Unsubscribe(id, Properties.NONE, List.of(filters)));
    Packet.Unsuback unsuback = await(Packet.Unsuback.class);
    if (unsuback.packetId() != id) {
      throw failure("expected UNSUBACK id=" + id);
    }
    return unsuback;
  }

  /// PUBLISH with all acks of its QoS.
  public MqttSocket publish(String topic, String payload, int qos) {
    return publish(topic, payload, qos, false, Properties.NONE);
  }

  public MqttSocket publishRetained(String topic, String payload, int qos) {
    return publish(topic, payload, qos, true, Properties.NONE);
  }

  public MqttSocket publish(
      String topic, String payload, int qos, boolean retain, Properties properties) {
    int id = qos > 0 ? nextPacketId() : 0;
    send(new Packet.Publish(false, qos, retain, topic, id, properties, payload.getBytes(UTF_8)));
    if (qos == 1) {
      Packet.Puback ack = await(Packet.Puback.class);
      succeeded(ack.packetId() == id && !ack.reason().isError(), "PUBACK id=" + id);
    } else if (qos == 2) {
      Packet.Pubrec received = await(Packet.Pubrec.class);
      succeeded(received.packetId() == id && !received.reason().isError(), "PUBREC id=" + id);
      sendPubrel(id);
      Packet.Pubcomp complete = await(Packet.Pubcomp.class);
      succeeded(complete.packetId() == id && !complete.reason().isError(), "PUBCOMP id=" + id);
    }
    return this;
  }

  /// The next message, with all acks of its QoS given.
  public Packet.Publish receive() {
    Packet.Publish message = await(Packet.Publish.class);
    int id = message.packetId();
    if (message.qos() == 1) {
      sendPuback(id);
    } else if (message.qos() == 2) {
      sendPubrec(id);
      succeeded(await(Packet.Pubrel.class).packetId() == id, "PUBREL id=" + id);
      sendPubcomp(id);
    }
    return message;
  }

  /// The payload of a message as text.
  public static String text(Packet.Publish message) {
    return new String(message.payload(), UTF_8);
  }

  /// DISCONNECT in order; waits for the server to close.
  public void disconnect() {
    disconnect(ReasonCode.SUCCESS, Properties.NONE);
  }

  /// @param reason not sent in 3.x
  public void disconnect(ReasonCode reason, Properties properties) {
    send(new Packet.Disconnect(reason, properties));
    expectClosed();
    close();
  }

  /// Waits for a packet of this type and sets aside what comes before it.
  private <P extends Packet> P await(Class<P> type) {
    for (var waiting = aside.iterator(); waiting.hasNext(); ) {
      Packet packet = waiting.next();
      if (type.isInstance(packet)) {
        waiting.remove();
        return type.cast(packet);
      }
    }
    List<Packet> others = new ArrayList<>(aside);
    aside.clear();
    while (others.size() < UNREAD_MAX) {
      Packet packet = next("a " + type.getSimpleName(), patience);
      if (type.isInstance(packet)) {
        aside.addAll(others);
        return type.cast(packet);
      }
      others.add(packet);
    }
    throw failure("no " + type.getSimpleName() + " among " + UNREAD_MAX + " packets");
  }

  private void succeeded(boolean success, String what) {
    if (!success) {
      throw failure("expected " + what);
    }
  }

  /// A packet id that this socket has not used yet.
  public int nextPacketId() {
    lastPacketId = lastPacketId % 0xFFFF + 1;
    return lastPacketId;
  }

  // Ending

  /// Ends the connection as a failing network does.
  public void cut() {
    note("> CUT");
    end(link.cut()::close);
  }

  /// Closes the connection without DISCONNECT.
  @Override
  public void close() {
    end(link.close()::close);
  }

  private interface Ending {
    void run() throws IOException;
  }

  private static void end(Ending how) {
    try {
      how.run();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  // Waiting

  private Packet next(String what, Duration within) {
    Packet waiting = aside.poll();
    if (waiting != null) {
      return waiting;
    }
    Packet packet = nextOrEnd(what, within);
    if (packet == null) {
      throw failure("expected " + what + ", but the connection ended");
    }
    return packet;
  }

  /// @return null if the server closed
  private @Nullable Packet nextOrEnd(String what, Duration within) {
    if (closed != null) {
      return null;
    }
    try {
      Event event = events.poll(within.toNanos(), TimeUnit.NANOSECONDS);
      if (event == null) {
        throw failure("expected " + what + " within " + within + ", nothing came");
      }
      return take(event);
    } catch (InterruptedException e) {
      throw interrupted(e);
    }
  }

  private @Nullable Packet take(Event event) {
    return switch (event) {
      case Closed end -> {
        note("< " + end.how);
        closed = end;
        if (!end.clean) {
          throw failure("expected whole packets");
        }
        yield null;
      }
      case Frame(int firstByte, byte[] body) -> {
        Packet packet;
        try {
          packet = Wire.decode(firstByte, body, version);
        } catch (AssertionError e) {
          throw failure(String.valueOf(e.getMessage()));
        }
        note("< " + PacketText.of(packet, version));
        int size = new Bytes().variable(body.length).size() + 1 + body.length;
        if (size > maximumPacketSize) {
          // [MQTT-3.1.2-24]
          throw failure(size + " bytes are more than the client takes");
        }
        if (packet instanceof Packet.Connack(boolean _, ReasonCode reason, Properties _)) {
          // [MQTT-3.2.0-2]
          if (accepted) {
            throw failure("a second CONNACK");
          }
          accepted = reason == ReasonCode.SUCCESS;
        } else if (!accepted && !(packet instanceof Packet.Auth)) {
          // [MQTT-3.2.0-1] [v3:MQTT-3.2.0-1] [MQTT-3.14.0-1]
          throw failure("nothing but AUTH may come before CONNACK");
        }
        yield packet;
      }
    };
  }

  private AssertionError interrupted(InterruptedException e) {
    Thread.currentThread().interrupt();
    AssertionError failure = failure("the test was interrupted");
    failure.initCause(e);
    return failure;
  }

  private void note(String line) {
    if (trace.size() == TRACE_MAX) {
      trace.removeFirst();
    }
    trace.add(name + line);
  }

  /// What was said on this connection, the last 60 lines of it.
  public String conversation() {
    return String.join("\n", trace);
  }

  AssertionError failure(String what) {
    return new AssertionError(name + ": " + what + "; the conversation so far:\n" + conversation());
  }
}
