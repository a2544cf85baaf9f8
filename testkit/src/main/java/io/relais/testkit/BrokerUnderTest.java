package io.relais.testkit;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.ServiceLoader;
import org.jspecify.annotations.Nullable;

/// A broker that tests talk to. Which one the shared tests use is said by the system property
/// `relais.test.broker`: absent for Relais in this JVM, `process` for Relais as a program of its
/// own, `mosquitto` for Debian's mosquitto, or `HOST:PORT` for one that runs already; other brokers
/// show whether a test asks for more than the standard.
public interface BrokerUnderTest extends AutoCloseable {
  /// Where it serves plain TCP.
  InetSocketAddress tcp();

  @Override
  void close();

  /// Starts Relais within this JVM. The test kit depends on nothing of Relais but its protocol, so
  /// the module whose tests want this provides it as a service.
  interface Embedding {
    BrokerUnderTest start();
  }

  /// Starts the broker that `relais.test.broker` names.
  static BrokerUnderTest start() {
    String choice = System.getProperty("relais.test.broker", "");
    if (choice.isEmpty()) {
      return ServiceLoader.load(Embedding.class)
          .findFirst()
          .map(Embedding::start)
          .orElseGet(RelaisProcess::start);
    }
    if (choice.equals("process")) {
      return RelaisProcess.start();
    }
    if (choice.equals("mosquitto")) {
      return MosquittoProcess.start();
    }
    int colon = choice.lastIndexOf(':');
    if (colon < 1) {
      throw new IllegalArgumentException(
          "relais.test.broker is process, mosquitto or HOST:PORT, not " + choice);
    }
    return new Elsewhere(
        new InetSocketAddress(
            choice.substring(0, colon), Integer.parseInt(choice.substring(colon + 1))));
  }

  /// Opens a plain TCP connection.
  default Link link() {
    try {
      return Link.tcp(tcp());
    } catch (IOException e) {
      throw new AssertionError("no connection to " + this + ": " + e.getMessage(), e);
    }
  }

  /// What it printed last, for failures; null where it is not ours.
  default @Nullable String output() {
    return null;
  }

  /// One that somebody else started and ends.
  record Elsewhere(InetSocketAddress tcp) implements BrokerUnderTest {
    @Override
    public void close() {
      // not ours
    }
  }
}
