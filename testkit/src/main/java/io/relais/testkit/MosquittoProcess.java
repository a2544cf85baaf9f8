package io.relais.testkit;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.List;

/// Debian's mosquitto on a free port of the loopback, without a configuration: a second opinion on
/// our tests.
///
/// Owner: any thread.
public final class MosquittoProcess implements BrokerUnderTest {
  private final ServerProcess process;
  private final InetSocketAddress tcp;

  private MosquittoProcess(ServerProcess process, InetSocketAddress tcp) {
    this.process = process;
    this.tcp = tcp;
  }

  public static MosquittoProcess start() {
    InetSocketAddress tcp =
        new InetSocketAddress(InetAddress.getLoopbackAddress(), ServerProcess.freePort());
    ServerProcess process =
        ServerProcess.start(
            "mosquitto",
            List.of("mosquitto", "-p", String.valueOf(tcp.getPort())),
            Path.of(System.getProperty("java.io.tmpdir")),
            line -> line.contains("running"));
    process.awaitReady();
    return new MosquittoProcess(process, tcp);
  }

  @Override
  public InetSocketAddress tcp() {
    return tcp;
  }

  @Override
  public String output() {
    return process.output();
  }

  @Override
  public void close() {
    process.close();
  }

  @Override
  public String toString() {
    return "mosquitto on " + tcp;
  }
}
