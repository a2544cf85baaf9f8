package io.relais.testkit;

import io.relais.protocol.ProtocolVersion;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.UnaryOperator;

/// What one test needs of a broker that it shares with others: connections, which end with the
/// test, and client ids and topics that no other test uses.
///
/// Owner: the test's thread.
public final class Clients implements AutoCloseable {
  private static final AtomicInteger TESTS = new AtomicInteger();
  private static final String RUN = Long.toString(System.nanoTime() & 0xFFFFF, 36);

  private final BrokerUnderTest broker;
  private final String prefix = "t" + RUN + "x" + TESTS.incrementAndGet();
  private final List<MqttSocket> sockets = new ArrayList<>();
  private int ids;
  private int topics;

  public Clients(BrokerUnderTest broker) {
    this.broker = broker;
  }

  public BrokerUnderTest broker() {
    return broker;
  }

  /// A client id of letters and digits, at most 23 of them.
  public String id() {
    return prefix + "c" + ++ids;
  }

  /// A topic such as `t1/3`: two levels, with nothing below it.
  public String topic() {
    return prefix + "/" + ++topics;
  }

  /// A TCP connection on which nothing was said yet.
  public MqttSocket open(ProtocolVersion version) {
    return over(broker.link(), version);
  }

  /// Likewise over another link; this closes it with the test.
  public MqttSocket over(Link link, ProtocolVersion version) {
    // A, B, ..., Z, A1, B1, ...
    int n = sockets.size();
    String name = (char) ('A' + n % 26) + (n < 26 ? "" : String.valueOf(n / 26));
    MqttSocket socket = new MqttSocket(name, link, version);
    sockets.add(socket);
    return socket;
  }

  /// A client with an id of its own and a session that ends with the connection.
  public MqttSocket connected(ProtocolVersion version) {
    return connected(version, how -> how);
  }

  public MqttSocket connected(ProtocolVersion version, UnaryOperator<Connecting> how) {
    MqttSocket socket = open(version);
    socket.connect(id(), how);
    return socket;
  }

  /// All conversations of this test.
  public String conversations() {
    List<String> told = new ArrayList<>();
    for (MqttSocket socket : sockets) {
      told.add(socket.conversation());
    }
    return String.join("\n\n", told);
  }

  @Override
  public void close() {
    sockets.forEach(MqttSocket::close);
  }
}
