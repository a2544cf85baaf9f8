package io.relais.systemtests.clients;

import io.relais.testkit.RelaisProcess;
import io.relais.testkit.ServerProcess;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/// A broker that listens on every transport, knows one user and lets anonymous clients in. With the
/// system property `relais.test.broker=mosquitto` it is Debian's mosquitto.
///
/// Owner: any thread.
final class EveryListener implements AutoCloseable {
  static final String USERNAME = "alice";
  static final String PASSWORD = "right";

  private final Runnable ending;
  private final Map<Transport, InetSocketAddress> addresses;
  private final Certificates certificates;

  private EveryListener(
      Runnable ending, Map<Transport, InetSocketAddress> addresses, Certificates certificates) {
    this.ending = ending;
    this.addresses = addresses;
    this.certificates = certificates;
  }

  static EveryListener start() {
    Path directory;
    try {
      directory = Files.createTempDirectory("relais-clients");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    Certificates certificates = Certificates.make(directory);
    Map<Transport, InetSocketAddress> addresses = new EnumMap<>(Transport.class);
    for (Transport transport : Transport.values()) {
      addresses.put(
          transport,
          new InetSocketAddress(InetAddress.getLoopbackAddress(), ServerProcess.freePort()));
    }
    if (System.getProperty("relais.test.broker", "").equals("mosquitto")) {
      // Debian's build serves no WebSocket here.
      addresses.keySet().removeIf(Transport::webSocket);
      return new EveryListener(
          mosquitto(directory, certificates, addresses)::close, addresses, certificates);
    }
    Path passwords = directory.resolve("passwords");
    Tool.Outcome outcome =
        Tool.run(
            RelaisProcess.command(
                List.of(), "passwd", "-c", "-b", passwords.toString(), USERNAME, PASSWORD),
            directory,
            new byte[0],
            Duration.ofSeconds(30));
    if (outcome.exitCode() != 0) {
      throw new AssertionError("relais passwd failed: " + outcome.output());
    }
    List<String> settings = new ArrayList<>();
    settings.add("authentication.password-file=" + passwords);
    int index = 1;
    for (Transport transport : Transport.values()) {
      if (transport == Transport.TCP) {
        continue;
      }
      String listener = "listeners." + index++ + ".";
      settings.add(listener + "bind=127.0.0.1:" + at(addresses, transport).getPort());
      settings.add(listener + "transport=" + transport.label());
      if (transport.secure()) {
        settings.add(listener + "tls.certificate=" + certificates.certificate());
        settings.add(listener + "tls.key=" + certificates.key());
      }
    }
    RelaisProcess relais = RelaisProcess.start(settings.toArray(String[]::new));
    addresses.put(Transport.TCP, relais.tcp());
    return new EveryListener(relais::close, addresses, certificates);
  }

  private static ServerProcess mosquitto(
      Path directory, Certificates certificates, Map<Transport, InetSocketAddress> addresses) {
    Path passwords = directory.resolve("passwords");
    Tool.run(
        List.of(
            Tool.require("mosquitto_passwd", "mosquitto").toString(),
            "-c",
            "-b",
            passwords.toString(),
            USERNAME,
            PASSWORD),
        directory,
        new byte[0],
        Duration.ofSeconds(10));
    StringBuilder configuration = new StringBuilder();
    configuration.append("allow_anonymous true\nmax_queued_messages 10000\nuser root\n");
    configuration.append("password_file ").append(passwords).append('\n');
    for (Transport transport : List.of(Transport.TCP, Transport.TLS)) {
      int port = at(addresses, transport).getPort();
      configuration.append("listener ").append(port).append(" 127.0.0.1\n");
      if (transport.secure()) {
        configuration.append("certfile ").append(certificates.certificate()).append('\n');
        configuration.append("keyfile ").append(certificates.key()).append('\n');
      }
    }
    try {
      Path file = Files.writeString(directory.resolve("mosquitto.conf"), configuration.toString());
      ServerProcess process =
          ServerProcess.start(
              "mosquitto",
              List.of("mosquitto", "-c", file.toString()),
              directory,
              line -> line.contains("running"));
      process.awaitReady();
      return process;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  boolean serves(Transport transport) {
    return addresses.containsKey(transport);
  }

  InetSocketAddress address(Transport transport) {
    return at(addresses, transport);
  }

  private static InetSocketAddress at(
      Map<Transport, InetSocketAddress> addresses, Transport transport) {
    return Objects.requireNonNull(addresses.get(transport));
  }

  Path authority() {
    return certificates.authority();
  }

  @Override
  public void close() {
    ending.run();
  }
}
