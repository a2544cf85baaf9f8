package io.relais.systemtests;

import io.relais.broker.Administration;
import io.relais.broker.Counter;
import io.relais.broker.access.AuthenticationSource;
import io.relais.broker.access.Policy;
import io.relais.server.Relais;
import io.relais.server.Relais.Extensions;
import io.relais.server.config.ConfigurationLoader;
import io.relais.server.config.ConfigurationLoader.Sources;
import io.relais.server.config.Transport;
import io.relais.testkit.BrokerUnderTest;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// Relais within the JVM of the tests, on free ports of the loopback for TCP and WebSocket, and
/// with `store: memory` unless told: starts in a moment, and takes access sources and policies of a
/// test's own.
///
/// Owner: any thread.
public final class EmbeddedRelais implements BrokerUnderTest {
  private final Relais relais;

  /// With `-Drelais.store=disk` whatever runs here is kept on disk, in a folder of its own.
  private static final boolean ON_DISK = "disk".equals(System.getProperty("relais.store"));

  private final AtomicReference<Throwable> failed;
  private final @Nullable Path data;

  private EmbeddedRelais(Relais relais, AtomicReference<Throwable> failed, @Nullable Path data) {
    this.relais = relais;
    this.failed = failed;
    this.data = data;
  }

  private static Path temporary() {
    try {
      return Files.createTempDirectory("relais-data");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /// @param settings each `key=value` as for `--set`
  public static EmbeddedRelais start(String... settings) {
    return start(Extensions.NONE, settings);
  }

  /// With authentication and a policy of the test's own.
  public static EmbeddedRelais start(
      List<AuthenticationSource> sources, Policy policy, String... settings) {
    return start(new Extensions(sources, policy), settings);
  }

  private static EmbeddedRelais start(Extensions extensions, String... settings) {
    // Two loops on any machine, so that messages go from one to the other.
    List<String> set = new ArrayList<>(List.of("admin.bind=127.0.0.1:0", "threads.loops=2"));
    Path data = ON_DISK ? temporary() : null;
    set.addAll(data == null ? List.of("store=memory") : List.of("store=disk", "data=" + data));
    set.addAll(List.of(settings));
    var sources =
        new Sources(null, Map.of(), List.of("tcp://127.0.0.1:0", "websocket://127.0.0.1:0"), set);
    AtomicReference<Throwable> failed = new AtomicReference<>();
    try {
      return new EmbeddedRelais(
          Relais.start(ConfigurationLoader.load(sources), extensions, "test", failed::set),
          failed,
          data);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public InetSocketAddress tcp() {
    return address(Transport.TCP);
  }

  public InetSocketAddress webSocket() {
    return address(Transport.WEBSOCKET);
  }

  /// The listener with this index in the configuration.
  public InetSocketAddress listener(int index) {
    return (InetSocketAddress) relais.serving().get(index).address();
  }

  /// Where the API is.
  public InetSocketAddress api() {
    return relais.api();
  }

  /// What the whole node counted until now.
  public long count(Counter counter) {
    return relais.broker().count(counter);
  }

  /// What operators see of it, without the API.
  public Administration administration() {
    return relais.broker().administration();
  }

  private InetSocketAddress address(Transport transport) {
    for (Relais.Serving serving : relais.serving()) {
      SocketAddress address = serving.address();
      if (serving.listener().transport() == transport
          && address instanceof InetSocketAddress internet) {
        return internet;
      }
    }
    throw new IllegalStateException("no listener for " + transport);
  }

  /// @throws AssertionError if the node gave up its state meanwhile
  @Override
  public void close() {
    relais.close();
    if (data != null) {
      delete(data);
    }
    Throwable failure = failed.get();
    if (failure != null) {
      throw new AssertionError("the node failed while it was tested", failure);
    }
  }

  private static void delete(Path folder) {
    try (Stream<Path> all = Files.walk(folder)) {
      for (Path path : all.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(path);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public String toString() {
    return "Relais in this JVM on " + tcp();
  }

  /// Makes this the broker of `@AgainstBroker`.
  public static final class Service implements Embedding {
    @Override
    public BrokerUnderTest start() {
      return EmbeddedRelais.start();
    }
  }
}
