package io.relais.systemtests.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.relais.broker.Counter;
import io.relais.systemtests.EmbeddedRelais;
import io.relais.systemtests.clients.Certificates;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// Each scenario for a second at a low rate: what it says it did, it did.
class BenchTest {
  private static final EmbeddedRelais relais = EmbeddedRelais.start();

  @AfterAll
  static void end() {
    relais.close();
  }

  @ParameterizedTest
  @CsvSource({"0, 311", "1, 311", "2, 311", "0, 5", "1, 5", "2, 5"})
  void pairs_get_what_their_publisher_sends(int qos, String version) {
    Benched ran = bench("p2p --clients 4 --rate 200 --duration 1s -q " + qos + " -V " + version);

    ran.isClean().has("scheduled", 200).has("sent", 200).has("expected", 200).has("received", 200);
    ran.has("acknowledged", qos == 0 ? 0 : 200).has("connectionsOpened", 8);
    assertThat(ran.field("latencyMicros").get("count").longValue()).isEqualTo(200);
  }

  @Test
  void the_warm_up_is_sent_and_not_counted() {
    Benched ran = bench("p2p --clients 3 --rate 100 --duration 1s --warm-up 1s -q 1");

    ran.isClean().has("scheduled", 100).has("sent", 100).has("received", 100).has("expected", 100);
  }

  @Test
  void of_a_fan_in_each_subscriber_gets_all() {
    Benched ran = bench("fan-in --publishers 20 --subscribers 2 --rate 200 --duration 1s -q 1");

    ran.isClean().has("sent", 200).has("acknowledged", 200).has("expected", 400);
    ran.has("received", 400).has("connectionsOpened", 22);
  }

  @Test
  void a_fan_out_reaches_every_subscriber() {
    Benched ran = bench("fan-out --subscribers 20 --rate 50 --duration 1s -q 2");

    ran.isClean().has("publishers", 1).has("sent", 50).has("received", 1_000);
  }

  @ParameterizedTest
  @ValueSource(strings = {"311", "5"})
  void a_group_gets_each_message_once(String version) {
    Benched ran =
        bench("shared --publishers 5 --subscribers 3 --rate 200 --duration 1s -q 1 -V " + version);

    ran.isClean().has("sent", 200).has("expected", 200).has("received", 200);
  }

  @Test
  void large_payloads_arrive_whole() {
    Benched ran = bench("p2p --clients 2 --rate 10 --duration 1s -q 1 -s 600000");

    ran.isClean().has("sizeBytes", 600_000).has("received", 10);
  }

  @Test
  void publishers_alone_count_what_was_acknowledged() {
    long before = relais.count(Counter.PUBLISH_RECEIVED);

    Benched ran = bench("pub --clients 4 --rate 200 --duration 1s -q 2 -V 5");

    ran.isClean().has("sent", 200).has("acknowledged", 200).has("expected", 0);
    assertThat(relais.count(Counter.PUBLISH_RECEIVED) - before).isEqualTo(200);
  }

  @Test
  void subscribers_alone_hear_a_publisher_elsewhere() {
    long before = relais.count(Counter.SUBSCRIPTIONS_MADE);
    var heard =
        CompletableFuture.supplyAsync(
            () -> bench("sub --clients 2 --duration 4s -q 1 --topic elsewhere"));
    await().until(() -> relais.count(Counter.SUBSCRIPTIONS_MADE) >= before + 2);

    Benched sent = bench("pub --clients 1 --rate 50 --duration 1s -q 1 --topic elsewhere");
    Benched received = heard.join();

    sent.isClean().has("sent", 50);
    received.isClean().has("received", 100).has("expected", 100).has("scheduled", 0);
  }

  @Test
  void connections_are_opened_at_the_rate_and_held() {
    Benched ran = bench("connect --clients 50 --rate 200 --duration 1s");

    ran.isClean().has("connects", 50).has("connectionsOpened", 50).has("scheduled", 50);
    assertThat(ran.field("connectMicros").get("count").longValue()).isEqualTo(50);
  }

  @Test
  void logins_come_and_go() {
    Benched ran = bench("login -u someone -P secret --rate 100 --duration 1s");

    ran.isClean().has("scheduled", 100).has("connects", 100).has("connectionsOpened", 100);
    assertThat(ran.field("connectMicros").get("count").longValue()).isEqualTo(100);
  }

  @Test
  void logins_that_are_refused_are_errors_by_reason() {
    try (EmbeddedRelais strict = EmbeddedRelais.start("listeners.0.allow-anonymous=false")) {
      Benched ran =
          Benched.run(
              strict.tcp(), "login -u someone -P wrong --rate 50 --duration 1s".split(" ", -1));

      ran.endsWith(1).has("connects", 0).has("connectionsFailed", 50);
      assertThat(ran.field("errors").get("the server refused: NOT_AUTHORIZED")).isNotNull();
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"311", "5"})
  void sessions_that_were_away_get_all_of_it(String version) {
    Benched ran = bench("offline --clients 4 --rate 200 --duration 1s -V " + version);

    ran.isClean().has("qos", 1).has("sent", 200).has("acknowledged", 200);
    ran.has("expected", 200).has("received", 200);
    assertThat(ran.field("drainMillis").isNumber()).isTrue();
  }

  @ParameterizedTest
  @ValueSource(strings = {"311", "5"})
  void each_new_connection_takes_its_id_over(String version) {
    Benched ran = bench("takeover --clients 5 --rate 100 --duration 1s -V " + version);

    ran.isClean().has("connects", 100).has("connectionsTakenOver", 95);
  }

  @Test
  void over_websocket_it_is_the_same() {
    Benched ran =
        Benched.run(
            relais.webSocket(),
            "p2p --ws --clients 2 --rate 100 --duration 1s -q 1".split(" ", -1));

    ran.isClean().has("sent", 100).has("received", 100);
  }

  @Test
  void over_tls_it_is_the_same_and_the_certificate_is_checked(@TempDir Path folder) {
    Certificates made = Certificates.make(folder);
    String listener = "listeners.1.";
    try (EmbeddedRelais secure =
        EmbeddedRelais.start(
            listener + "transport=tls",
            listener + "tls.certificate=" + made.certificate(),
            listener + "tls.key=" + made.key())) {
      String load = "p2p --clients 2 --rate 100 --duration 1s -q 1 --cafile ";

      Benched ran = Benched.run(secure.listener(1), (load + made.authority()).split(" ", -1));
      Benched distrusting =
          Benched.run(secure.listener(1), "connect --tls --clients 1 --duration 1s".split(" ", -1));

      ran.isClean().has("received", 100);
      distrusting.endsWith(1).has("connectionsFailed", 1);
    }
  }

  @Test
  void a_server_that_is_not_there_fails_the_run() throws IOException {
    InetSocketAddress nobody;
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      nobody = new InetSocketAddress(InetAddress.getLoopbackAddress(), socket.getLocalPort());
    }

    Benched ran = Benched.run(nobody, "p2p", "--clients", "2", "--duration", "1s");

    ran.endsWith(1).has("connectionsFailed", 4).has("sent", 0).has("received", 0);
    assertThat(ran.field("errors").toString()).contains("connecting failed: ");
  }

  private static Benched bench(String words) {
    return Benched.run(relais.tcp(), words.split(" ", -1));
  }
}
