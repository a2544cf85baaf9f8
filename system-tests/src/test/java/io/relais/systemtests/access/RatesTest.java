package io.relais.systemtests.access;

import static io.relais.protocol.ProtocolVersion.MQTT_3_1_1;
import static io.relais.protocol.ProtocolVersion.MQTT_5;
import static org.assertj.core.api.Assertions.assertThat;

import io.relais.broker.Counter;
import io.relais.broker.access.Answer;
import io.relais.broker.access.AuthenticationSource;
import io.relais.broker.access.Client;
import io.relais.broker.access.Policy;
import io.relais.protocol.Packet;
import io.relais.protocol.Properties;
import io.relais.protocol.ProtocolVersion;
import io.relais.protocol.ReasonCode;
import io.relais.systemtests.EmbeddedRelais;
import io.relais.testkit.Clients;
import io.relais.testkit.EachVersion;
import io.relais.testkit.MqttSocket;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Rates as clients meet them that are faster.
class RatesTest {
  private EmbeddedRelais relais = EmbeddedRelais.start();
  private Clients clients = new Clients(relais);

  @AfterEach
  void close() {
    clients.close();
    relais.close();
  }

  private void with(String... settings) {
    close();
    relais = EmbeddedRelais.start(List.of(new Anyone()), Policy.OPEN, settings);
    clients = new Clients(relais);
  }

  /// Lets everybody in under the name that they give.
  private static final class Anyone implements AuthenticationSource {
    @Override
    public String name() {
      return "anyone";
    }

    @Override
    public void authenticate(
        Client client,
        @Nullable String username,
        byte @Nullable [] password,
        Consumer<Answer> answer) {
      answer.accept(username == null ? Answer.ABSTAIN : new Answer.Accept(username));
    }
  }

  private ReasonCode connecting(ProtocolVersion version, String clientId) {
    return clients
        .open(version)
        .sendConnect(clientId, how -> how.username("ann").password("any"))
        .expect(Packet.Connack.class)
        .reason();
  }

  @ParameterizedTest
  @ValueSource(strings = {"client", "user", "address", "listener"})
  void connections_beyond_the_rate_are_refused(String whose) {
    with("limits.rates." + whose + ".connections=3");
    for (int i = 0; i < 3; i++) {
      assertThat(connecting(MQTT_5, "same")).isEqualTo(ReasonCode.SUCCESS);
    }

    assertThat(connecting(MQTT_5, "same")).isEqualTo(ReasonCode.CONNECTION_RATE_EXCEEDED);
    assertThat(connecting(MQTT_3_1_1, "same")).isEqualTo(ReasonCode.SERVER_UNAVAILABLE);
    assertThat(connecting(MQTT_5, "other"))
        .isEqualTo(
            whose.equals("client") ? ReasonCode.SUCCESS : ReasonCode.CONNECTION_RATE_EXCEEDED);
    assertThat(relais.count(Counter.RATE_LIMITED_CONNECTS)).isGreaterThanOrEqualTo(2);
  }

  @EachVersion
  void who_publishes_too_fast_is_read_more_slowly_and_nothing_is_lost(ProtocolVersion version) {
    with("limits.rates.client.messages=200");
    MqttSocket subscriber = clients.connected(MQTT_5).subscribe("a", 1);
    MqttSocket publisher = clients.connected(version);
    long start = System.nanoTime();

    for (int i = 1; i <= 300; i++) {
      publisher.sendPublish("a", "m" + i, 1, i);
    }

    for (int i = 1; i <= 300; i++) {
      assertThat(MqttSocket.text(subscriber.receive())).isEqualTo("m" + i);
    }
    assertThat(System.nanoTime() - start).isGreaterThan(TimeUnit.MILLISECONDS.toNanos(400));
    assertThat(relais.count(Counter.RATE_LIMITED_READS)).isPositive();
    assertThat(relais.count(Counter.PUBLISH_RECEIVED)).isEqualTo(300);
  }

  @Test
  void connections_of_a_listener_share_its_rate_of_bytes_whatever_loop_they_are_on() {
    with("limits.rates.listener.message-bytes=100KiB");
    MqttSocket subscriber = clients.connected(MQTT_5).subscribe("a", 0);
    String payload = "x".repeat(10_000);
    List<MqttSocket> publishers =
        List.of(clients.connected(MQTT_5), clients.connected(MQTT_5), clients.connected(MQTT_5));
    long start = System.nanoTime();

    for (int i = 0; i < 6; i++) {
      publishers.forEach(publisher -> publisher.sendPublish("a", payload, 0, 0));
    }

    for (int i = 0; i < 18; i++) {
      subscriber.receive();
    }
    // 180 kB, of which 100 kB may come at once, and the last of each connection is taken before it
    // waits.
    assertThat(System.nanoTime() - start).isGreaterThan(TimeUnit.MILLISECONDS.toNanos(400));
    assertThat(relais.count(Counter.RATE_LIMITED_READS)).isPositive();
  }

  @Test
  void a_client_that_is_read_slowly_outlives_its_keep_alive_and_is_answered_in_the_end() {
    with("limits.rates.client.messages=1");
    MqttSocket client = clients.open(MQTT_5);
    client.connect("slow", how -> how.keepAlive(1));

    for (int i = 1; i <= 4; i++) {
      client.sendPublish("a", "m", 1, i);
    }
    client.sendPing();

    for (int i = 1; i <= 4; i++) {
      assertThat(client.expect(Packet.Puback.class).packetId()).isEqualTo(i);
    }
    client.expect(Packet.Pingresp.class);
  }

  @EachVersion
  void filters_beyond_the_rate_are_refused_each_by_itself(ProtocolVersion version) {
    with("limits.rates.user.subscribes=2");
    MqttSocket client = clients.open(version);
    client.sendConnect("c", how -> how.username("ann").password("any"));
    client.expect(Packet.Connack.class);

    client.send(
        new Packet.Subscribe(
            1,
            Properties.NONE,
            List.of(
                MqttSocket.subscription("a", 1),
                MqttSocket.subscription("b", 0),
                MqttSocket.subscription("c", 1))));

    Packet.Suback answer = client.expect(Packet.Suback.class);
    assertThat(answer.reasons().subList(0, 2))
        .containsExactly(ReasonCode.GRANTED_QOS_1, ReasonCode.SUCCESS);
    assertThat(answer.reasons().get(2))
        .isEqualTo(
            switch (version) {
              case MQTT_3_1 -> ReasonCode.GRANTED_QOS_1; // in words, as it knows no failure
              case MQTT_3_1_1 -> ReasonCode.UNSPECIFIED_ERROR;
              case MQTT_5 -> ReasonCode.QUOTA_EXCEEDED;
            });
    assertThat(relais.count(Counter.RATE_LIMITED_SUBSCRIBES)).isEqualTo(1);
  }
}
