package io.relais.broker.webhook;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsServer;
import io.relais.broker.Tap;
import io.relais.broker.listener.Authority;
import io.relais.storage.Message;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// A webhook over TLS; what it does with a broker is tested with one.
class WebhookTest {
  private final Authority authority = new Authority("tests");
  private final BlockingQueue<String> bodies = new LinkedBlockingQueue<>();
  private final HttpsServer service;
  private final List<Webhook> open = new ArrayList<>();
  private final List<Tap> taps = new ArrayList<>();

  @TempDir private Path folder;

  WebhookTest() throws IOException, GeneralSecurityException {
    Authority.Issued issued = authority.issue("localhost", "EC");
    KeyStore keys = KeyStore.getInstance(KeyStore.getDefaultType());
    keys.load(null, null);
    char[] none = {};
    keys.setKeyEntry(
        "service",
        issued.pair().getPrivate(),
        none,
        new Certificate[] {issued.certificate(), authority.certificate()});
    var factory = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
    factory.init(keys, none);
    var context = SSLContext.getInstance("TLS");
    context.init(factory.getKeyManagers(), null, null);
    service = HttpsServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    service.setHttpsConfigurator(new HttpsConfigurator(context));
    service.createContext(
        "/",
        exchange -> {
          try (exchange) {
            bodies.add(
                new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8));
            exchange.sendResponseHeaders(204, -1);
          }
        });
    service.start();
  }

  @AfterEach
  void close() {
    open.forEach(Webhook::close);
    service.stop(0);
  }

  private Webhook webhook(@Nullable Path ca) throws IOException {
    var made =
        new Webhook(
            new WebhookSettings(
                "test",
                URI.create("https://localhost:" + service.getAddress().getPort() + "/"),
                List.of(WebhookEvent.CLIENT_CONNECTED),
                List.of(),
                List.of(),
                10,
                Duration.ZERO,
                10,
                Duration.ofSeconds(5),
                1,
                Duration.ofMillis(1),
                ca),
            InstantSource.system());
    open.add(made);
    made.start((filter, tap) -> taps.add(tap));
    return made;
  }

  private void happens() {
    byte[] event = "{\"clientId\":\"c\"}".getBytes(StandardCharsets.UTF_8);
    taps.getLast().offer(Message.of("$events/client/connected", event, 0, false));
  }

  @Test
  void a_service_whose_authority_is_trusted_is_told_and_no_other() throws Exception {
    Path ca = folder.resolve("ca.pem");
    authority.write(ca);
    Webhook stranger = webhook(null);
    happens();
    await().until(() -> stranger.state().droppedFailed() == 1);
    assertThat(bodies).isEmpty();

    Webhook trusting = webhook(ca);
    happens();

    assertThat(bodies.poll(10, TimeUnit.SECONDS))
        .isEqualTo("[{\"event\":\"client.connected\",\"clientId\":\"c\"}]");
    await().until(() -> trusting.state().sent() == 1);
    assertThat(stranger.state().lastError()).contains("SSLHandshakeException");
  }

  @Test
  void a_file_without_authorities_is_said_so_at_the_start() throws IOException {
    Path empty = Files.writeString(folder.resolve("empty.pem"), "");

    assertThatThrownBy(() -> webhook(empty))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("no certificate");
  }
}
