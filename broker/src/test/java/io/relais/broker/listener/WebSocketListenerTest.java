package io.relais.broker.listener;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.relais.broker.access.CertificateName;
import io.relais.broker.listener.Trial.Options;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.WebSocket;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class WebSocketListenerTest {
  private static final Options WEB = Options.of(Transport.WEBSOCKET);

  @TempDir Path directory;

  static String upgrade(String path, String subprotocols, String... headers) {
    return "GET "
        + path
        + " HTTP/1.1\r\nHost: 127.0.0.1\r\nUpgrade: websocket\r\nConnection: keep-alive, Upgrade\r\n"
        + "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n"
        + (subprotocols.isEmpty() ? "" : "Sec-WebSocket-Protocol: " + subprotocols + "\r\n")
        + String.join("", List.of(headers).stream().map(header -> header + "\r\n").toList())
        + "\r\n";
  }

  /// A masked frame with a length of up to 65535.
  static byte[] frame(int first, byte... payload) {
    byte[] mask = {0x11, (byte) 0xA2, 0x33, (byte) 0xF4};
    ByteArrayOutputStream frame = new ByteArrayOutputStream();
    frame.write(first);
    if (payload.length < 126) {
      frame.write(0x80 | payload.length);
    } else {
      frame.write(0x80 | 126);
      frame.write(payload.length >> 8);
      frame.write(payload.length);
    }
    frame.writeBytes(mask);
    for (int i = 0; i < payload.length; i++) {
      frame.write(payload[i] ^ mask[i & 3]);
    }
    return frame.toByteArray();
  }

  private static Wire upgraded(Trial trial) throws IOException {
    Wire client = trial.connect().send(upgrade("/mqtt", "mqtt"));
    assertThat(client.readHttpHead()).startsWith("HTTP/1.1 101 ");
    return client;
  }

  private static String answer(Trial trial, String request) throws IOException {
    try (Wire client = trial.connect()) {
      return client.send(request).readToEnd();
    }
  }

  /// Collects everything until the number of bytes asked for is there.
  private static final class Collector implements WebSocket.Listener {
    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    private final int wanted;
    final CompletableFuture<byte[]> all = new CompletableFuture<>();

    Collector(int wanted) {
      this.wanted = wanted;
    }

    @Override
    public CompletionStage<?> onBinary(WebSocket socket, ByteBuffer part, boolean last) {
      byte[] copy = new byte[part.remaining()];
      part.get(copy);
      bytes.writeBytes(copy);
      if (bytes.size() >= wanted) {
        all.complete(bytes.toByteArray());
      }
      socket.request(1);
      return CompletableFuture.completedFuture(null);
    }

    @Override
    public void onError(WebSocket socket, Throwable error) {
      all.completeExceptionally(error);
    }
  }

  @Test
  void a_foreign_client_exchanges_messages_of_all_sizes_in_fragments() throws Exception {
    byte[] message = new byte[300_000];
    new Random(7).nextBytes(message);
    Collector collector = new Collector(2 * message.length + 5);
    try (Trial trial = new Trial(WEB);
        HttpClient http = HttpClient.newHttpClient()) {
      WebSocket socket =
          http.newWebSocketBuilder()
              .subprotocols("chat", "mqttv3.1", "mqtt")
              .buildAsync(URI.create("ws://127.0.0.1:" + trial.port() + "/mqtt"), collector)
              .get(10, TimeUnit.SECONDS);
      assertThat(socket.getSubprotocol()).isEqualTo("mqtt");

      socket.sendBinary(ByteBuffer.wrap(message), true).get(10, TimeUnit.SECONDS);
      socket.sendBinary(ByteBuffer.wrap(message, 0, 70_000), false).get(10, TimeUnit.SECONDS);
      socket.sendPing(ByteBuffer.wrap(new byte[] {1})).get(10, TimeUnit.SECONDS);
      socket
          .sendBinary(ByteBuffer.wrap(message, 70_000, message.length - 70_000), true)
          .get(10, TimeUnit.SECONDS);
      socket.sendBinary(ByteBuffer.wrap(Trial.bytes("hello")), true).get(10, TimeUnit.SECONDS);

      ByteArrayOutputStream expected = new ByteArrayOutputStream();
      expected.writeBytes(message);
      expected.writeBytes(message);
      expected.writeBytes(Trial.bytes("hello"));
      assertThat(collector.all.get(20, TimeUnit.SECONDS)).isEqualTo(expected.toByteArray());
      assertThat(trial.begun().pipeline()).contains("WebSocketFrames", "Echo");
      socket.abort();
    }
  }

  @Test
  void it_works_through_tls() throws Exception {
    Authority authority = new Authority("Tests");
    Path certificate = directory.resolve("server.pem");
    Path key = directory.resolve("server.key");
    authority.issue("localhost", "EC").write(certificate, key);
    TlsSettings tls =
        new TlsSettings(
            certificate,
            key,
            null,
            ClientCertificate.NONE,
            List.of(),
            CertificateName.NONE,
            List.of());
    Collector collector = new Collector(100_000);
    try (Trial trial = new Trial(Options.of(Transport.SECURE_WEBSOCKET).withTls(tls));
        HttpClient http = HttpClient.newBuilder().sslContext(authority.client(null)).build()) {
      WebSocket socket =
          http.newWebSocketBuilder()
              .subprotocols("mqtt")
              .buildAsync(URI.create("wss://127.0.0.1:" + trial.port() + "/mqtt"), collector)
              .get(10, TimeUnit.SECONDS);
      socket.sendBinary(ByteBuffer.wrap(new byte[100_000]), true).get(10, TimeUnit.SECONDS);

      assertThat(collector.all.get(20, TimeUnit.SECONDS)).hasSize(100_000);
      assertThat(trial.begun().peer().secure()).isTrue();
      socket.abort();
    }
  }

  @Test
  void the_acceptance_is_that_of_the_standard() throws IOException {
    try (Trial trial = new Trial(WEB);
        Wire client = trial.connect()) {
      String head = client.send(upgrade("/mqtt?x=y", "mqttv3.1")).readHttpHead();

      assertThat(head)
          .containsIgnoringCase("sec-websocket-accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n")
          .containsIgnoringCase("sec-websocket-protocol: mqttv3.1\r\n")
          .doesNotContainIgnoringCase("sec-websocket-extensions");
    }
  }

  @Test
  void a_client_that_offers_none_of_our_subprotocols_is_refused_in_a_sentence() throws IOException {
    try (Trial trial = new Trial(WEB)) {
      for (String offered : List.of("", "chat, MQTT")) {
        assertThat(answer(trial, upgrade("/mqtt", offered)))
            .startsWith("HTTP/1.1 400 ")
            .contains("Sec-WebSocket-Protocol must offer mqtt");
      }

      assertThat(trial.counters().get(Refusal.HTTP)).isEqualTo(2);
      assertThat(trial.noneBegan()).isTrue();
    }
  }

  @Test
  void http_that_is_no_upgrade_is_answered_in_a_sentence() throws IOException {
    try (Trial trial = new Trial(WEB)) {
      assertThat(answer(trial, upgrade("/other", "mqtt"))).startsWith("HTTP/1.1 404 ");
      assertThat(answer(trial, "GET /mqtt HTTP/1.1\r\nHost: x\r\n\r\n"))
          .startsWith("HTTP/1.1 426 ")
          .containsIgnoringCase("upgrade: websocket\r\n")
          .contains("MQTT over WebSocket");
      assertThat(answer(trial, upgrade("/mqtt", "mqtt").replace("Version: 13", "Version: 8")))
          .startsWith("HTTP/1.1 426 ")
          .containsIgnoringCase("sec-websocket-version: 13\r\n");
      assertThat(answer(trial, upgrade("/mqtt", "mqtt").replace("dGhlIHNhb", "")))
          .startsWith("HTTP/1.1 400 ");
      assertThat(answer(trial, upgrade("/mqtt", "mqtt", "X-Long: " + "x".repeat(20_000))))
          .startsWith("HTTP/1.1 431 ");
      assertThat(answer(trial, "POST /mqtt HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nhello"))
          .startsWith("HTTP/1.1 426 ");

      assertThat(trial.counters().get(Refusal.HTTP)).isEqualTo(6);
    }
  }

  @Test
  void a_request_that_trickles_in_ends_with_the_connect_timeout() throws IOException {
    try (Trial trial = new Trial(WEB.withLimits(10, 0, Duration.ofMillis(200)));
        Wire client = trial.connect()) {
      client.send("GET /mqtt HTTP/1.1\r\nHost:");

      assertThat(client.readToEnd()).isEmpty();
      assertThat(trial.counters().get(Refusal.TIMEOUT)).isEqualTo(1);
    }
  }

  @ParameterizedTest
  @CsvSource({
    "https://app.example.com, 101",
    "http://localhost:3000, 101",
    "http://127.0.0.1, 101",
    "http://[::1]:9, 101",
    "https://evil.example.com, 403",
    "https://app.example.com.evil.example, 403",
    "'null', 403"
  })
  void pages_are_told_apart_by_their_origin(String origin, int status) throws IOException {
    try (Trial trial = new Trial(WEB.withOrigins("https://app.example.com"));
        Wire client = trial.connect()) {
      String head = client.send(upgrade("/mqtt", "mqtt", "Origin: " + origin)).readHttpHead();

      assertThat(head).startsWith("HTTP/1.1 " + status + " ");
      assertThat(trial.counters().get(Refusal.ORIGIN)).isEqualTo(status == 403 ? 1 : 0);
    }
  }

  @Test
  void a_text_frame_is_answered_with_1003_and_the_end() throws IOException {
    try (Trial trial = new Trial(WEB);
        Wire client = upgraded(trial)) {
      client.send(frame(0x81, Trial.bytes("hello")));

      assertThat(client.readToEnd()).isEqualTo("\u0088\u0002\u0003\u00eb");
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {0x80, 0x83, 0x8B, 0xC2, 0x09, 0x08})
  void a_frame_against_the_rules_is_answered_with_1002_and_the_end(int first) throws IOException {
    try (Trial trial = new Trial(WEB);
        Wire client = upgraded(trial)) {
      client.send(frame(first, Trial.bytes("x")));

      assertThat(client.readToEnd()).isEqualTo("\u0088\u0002\u0003\u00ea");
    }
  }

  @Test
  void a_frame_without_a_mask_is_against_the_rules() throws IOException {
    try (Trial trial = new Trial(WEB);
        Wire client = upgraded(trial)) {
      client.send((byte) 0x82, (byte) 1, (byte) 'x');

      assertThat(client.readToEnd()).isEqualTo("\u0088\u0002\u0003\u00ea");
    }
  }

  @Test
  void a_new_message_amid_another_is_against_the_rules() throws IOException {
    try (Trial trial = new Trial(WEB);
        Wire client = upgraded(trial)) {
      client.send(frame(0x02, Trial.bytes("a")));
      assertThat(client.readText(3)).isEqualTo("\u0082\u0001a");
      client.send(frame(0x82, Trial.bytes("b")));

      assertThat(client.readToEnd()).isEqualTo("\u0088\u0002\u0003\u00ea");
    }
  }

  @Test
  void a_ping_is_answered_with_its_own_payload() throws IOException {
    try (Trial trial = new Trial(WEB);
        Wire client = upgraded(trial)) {
      client.send(frame(0x8A)).send(frame(0x89)).send(frame(0x89, Trial.bytes("abcde")));

      assertThat(client.readText(2)).isEqualTo("\u008a\u0000");
      assertThat(client.readText(7)).isEqualTo("\u008a\u0005abcde");
    }
  }

  @Test
  void a_close_is_answered_with_its_code_and_the_end() throws IOException {
    try (Trial trial = new Trial(WEB)) {
      for (int[] codes : new int[][] {{1001, 1001}, {4000, 4000}, {1005, 1002}, {7, 1002}}) {
        try (Wire client = upgraded(trial)) {
          client.send(frame(0x88, (byte) (codes[0] >> 8), (byte) codes[0]));

          assertThat(client.readToEnd())
              .isEqualTo("\u0088\u0002" + (char) (codes[1] >> 8) + (char) (codes[1] & 0xFF));
        }
      }
    }
  }

  @Test
  void a_client_that_answers_no_close_is_closed_all_the_same() throws IOException {
    try (Trial trial = new Trial(WEB);
        Wire client = upgraded(trial)) {
      client.send(frame(0x88));

      await().atMost(10, SECONDS).until(() -> trial.listener().connections() == 0);
      assertThatThrownBy(
              () -> {
                for (int i = 0; i < 1000; i++) {
                  client.send(frame(0x82, new byte[1000]));
                }
              })
          .isInstanceOf(IOException.class);
    }
  }

  @Test
  void forwarded_for_is_believed_of_trusted_proxies_only() throws IOException {
    String spoofed = "X-Forwarded-For: 192.0.2.66, 203.0.113.7, 10.1.2.3";
    try (Trial open = new Trial(WEB);
        Trial behind = new Trial(WEB.withProxies(false, "127.0.0.1", "10.0.0.0/8"));
        Wire direct = open.connect();
        Wire proxied = behind.connect()) {
      direct.send(upgrade("/mqtt", "mqtt", spoofed)).readHttpHead();
      proxied.send(upgrade("/mqtt", "mqtt", spoofed, "X-Forwarded-Proto: https")).readHttpHead();

      Peer unbelieved = open.begun().peer();
      Peer believed = behind.begun().peer();
      assertThat(unbelieved.address()).isEqualTo(direct.socket().getLocalSocketAddress());
      assertThat(believed.address())
          .isEqualTo(new InetSocketAddress(InetAddress.ofLiteral("203.0.113.7"), 0));
      assertThat(believed.secure()).isTrue();
      assertThat(believed.socketAddress()).isEqualTo(proxied.socket().getLocalSocketAddress());
    }
  }
}
