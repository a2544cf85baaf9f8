package io.relais.broker.listener;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.relais.broker.access.CertificateName;
import io.relais.broker.listener.Trial.Options;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ProxyProtocolTest {
  private static final Options TRUSTING =
      Options.of(Transport.TCP).withProxies(true, "127.0.0.0/8", "::1");
  private static final String V1 = "PROXY TCP4 203.0.113.7 127.0.0.1 54321 1883\r\n";
  private static final String V2_SIGNATURE = "0d0a0d0a000d0a515549540a";

  /// 203.0.113.7:54321 to 127.0.0.1:1883
  private static final String V2_TCP4_ADDRESSES = "cb007107" + "7f000001" + "d431" + "075b";

  @TempDir Path directory;

  private static byte[] hex(String digits) {
    return HexFormat.of().parseHex(digits);
  }

  private static InetSocketAddress address(String literal, int port) throws IOException {
    return new InetSocketAddress(InetAddress.ofLiteral(literal), port);
  }

  @Test
  void version_1_gives_the_address_of_the_client() throws IOException {
    try (Trial trial = new Trial(TRUSTING);
        Wire proxy = trial.connect()) {
      String echo = proxy.send(V1 + "hello").readText(5);

      Peer peer = trial.begun().peer();
      assertThat(echo).isEqualTo("hello");
      assertThat(peer.address()).isEqualTo(address("203.0.113.7", 54321));
      assertThat(peer.socketAddress()).isEqualTo(proxy.socket().getLocalSocketAddress());
      assertThat(peer.secure()).isFalse();
    }
  }

  @Test
  void version_1_speaks_ipv6() throws IOException {
    try (Trial trial = new Trial(TRUSTING);
        Wire proxy = trial.connect()) {
      proxy.send("PROXY TCP6 2001:db8::7 ::1 54321 1883\r\n" + "a").read(1);

      assertThat(trial.begun().peer().address()).isEqualTo(address("2001:db8::7", 54321));
    }
  }

  @Test
  void version_1_unknown_gives_the_address_of_the_socket() throws IOException {
    try (Trial trial = new Trial(TRUSTING);
        Wire proxy = trial.connect()) {
      proxy.send("PROXY UNKNOWN\r\n" + "a").read(1);

      assertThat(trial.begun().peer().address()).isEqualTo(proxy.socket().getLocalSocketAddress());
    }
  }

  @Test
  void version_2_gives_the_address_of_the_client_byte_by_byte() throws IOException {
    try (Trial trial = new Trial(TRUSTING);
        Wire proxy = trial.connect()) {
      for (byte next : hex(V2_SIGNATURE + "2111" + "000c" + V2_TCP4_ADDRESSES)) {
        proxy.send(next);
      }
      String echo = proxy.send("hello").readText(5);

      assertThat(echo).isEqualTo("hello");
      assertThat(trial.begun().peer().address()).isEqualTo(address("203.0.113.7", 54321));
    }
  }

  @Test
  void version_2_speaks_ipv6() throws IOException {
    String addresses =
        "20010db8000000000000000000000007" + "00000000000000000000000000000001" + "d431" + "075b";
    try (Trial trial = new Trial(TRUSTING);
        Wire proxy = trial.connect()) {
      proxy.send(hex(V2_SIGNATURE + "2121" + "0024" + addresses)).send("a").read(1);

      assertThat(trial.begun().peer().address()).isEqualTo(address("2001:db8::7", 54321));
    }
  }

  @Test
  void version_2_local_is_the_proxy_itself() throws IOException {
    try (Trial trial = new Trial(TRUSTING);
        Wire proxy = trial.connect()) {
      proxy.send(hex(V2_SIGNATURE + "2000" + "0000")).send("a").read(1);

      assertThat(trial.begun().peer().address()).isEqualTo(proxy.socket().getLocalSocketAddress());
    }
  }

  @Test
  void version_2_says_that_the_client_speaks_tls_and_other_extensions_are_passed_over()
      throws IOException {
    String unknown = "e00003" + "616263";
    String tls = "20" + "0005" + "01" + "00000000";
    try (Trial trial = new Trial(TRUSTING);
        Wire proxy = trial.connect()) {
      proxy
          .send(hex(V2_SIGNATURE + "2111" + "001a" + V2_TCP4_ADDRESSES + unknown + tls))
          .send("a")
          .read(1);

      assertThat(trial.begun().peer().secure()).isTrue();
    }
  }

  @Test
  void a_header_from_an_address_that_is_not_trusted_is_refused() throws IOException {
    try (Trial trial = new Trial(Options.of(Transport.TCP).withProxies(true, "10.0.0.0/8"));
        Wire spoofer = trial.connect()) {
      assertThat(spoofer.readToEnd()).isEmpty();

      assertThat(trial.counters().get(Refusal.PROXY)).isEqualTo(1);
      assertThat(trial.noneBegan()).isTrue();
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "\u0010\u0004\u0000\u0004MQTT",
        "PROXY TCP4 not an address\r\n",
        "PROXY TCP4 203.0.113.7 127.0.0.1 99999 1883\r\n",
        "PUT / HTTP/1.1\r\n\r\n"
      })
  void what_is_no_header_is_refused(String bytes) throws IOException {
    try (Trial trial = new Trial(TRUSTING);
        Wire client = trial.connect()) {
      client.send(bytes);

      await().atMost(10, SECONDS).until(() -> trial.counters().get(Refusal.PROXY) == 1);
      await().atMost(10, SECONDS).until(() -> trial.listener().connections() == 0);
      assertThat(trial.noneBegan()).isTrue();
    }
  }

  @Test
  void a_header_that_does_not_come_is_waited_for_no_longer_than_connect_timeout()
      throws IOException {
    try (Trial trial = new Trial(TRUSTING.withLimits(10, 0, Duration.ofMillis(200)));
        Wire client = trial.connect()) {
      client.send("PROXY TCP4 ");

      assertThat(client.readToEnd()).isEmpty();
      assertThat(trial.counters().get(Refusal.TIMEOUT)).isEqualTo(1);
    }
  }

  @Test
  void a_socket_that_is_reset_amid_the_header_counts_as_one_that_left() throws IOException {
    try (Trial trial = new Trial(TRUSTING)) {
      try (Wire client = trial.connect()) {
        client.send("PROXY TCP4 ").socket().setSoLinger(true, 0); // close() resets
      }

      await().atMost(10, SECONDS).until(() -> trial.counters().get(Refusal.ABANDONED) == 1);
      assertThat(trial.counters().get(Refusal.PROXY)).isZero();
    }
  }

  @Test
  void a_listener_without_the_protocol_takes_a_header_for_what_the_client_says()
      throws IOException {
    try (Trial trial = new Trial(Options.of(Transport.TCP).withProxies(false, "127.0.0.0/8"));
        Wire client = trial.connect()) {
      assertThat(client.send(V1).readText(V1.length())).isEqualTo(V1);
      assertThat(trial.begun().peer().address()).isEqualTo(client.socket().getLocalSocketAddress());
    }
  }

  @Test
  void the_header_stands_in_front_of_tls() throws IOException {
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

    for (byte[] header :
        List.of(Trial.bytes(V1), hex(V2_SIGNATURE + "2111" + "000c" + V2_TCP4_ADDRESSES))) {
      try (Trial trial =
              new Trial(Options.of(Transport.TLS).withTls(tls).withProxies(true, "127.0.0.1"));
          Wire proxy = trial.connect().send(header);
          Wire client = proxy.secured(authority.client(null))) {
        assertThat(client.send("hello").readText(5)).isEqualTo("hello");
        Peer peer = trial.begun().peer();
        assertThat(peer.address()).isEqualTo(address("203.0.113.7", 54321));
        assertThat(peer.secure()).isTrue();
      }
    }
  }

  @Test
  void the_header_and_the_upgrade_and_a_frame_may_come_in_one_piece() throws IOException {
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    all.writeBytes(Trial.bytes(V1));
    all.writeBytes(Trial.bytes(WebSocketListenerTest.upgrade("/mqtt", "mqtt")));
    all.writeBytes(WebSocketListenerTest.frame(0x82, Trial.bytes("hello")));
    try (Trial trial = new Trial(Options.of(Transport.WEBSOCKET).withProxies(true, "127.0.0.1"));
        Wire proxy = trial.connect()) {
      proxy.send(all.toByteArray());

      assertThat(proxy.readHttpHead()).startsWith("HTTP/1.1 101 ");
      assertThat(proxy.read(7)).isEqualTo(Trial.bytes("\u0082\u0005hello"));
      assertThat(trial.begun().peer().address()).isEqualTo(address("203.0.113.7", 54321));
    }
  }
}
