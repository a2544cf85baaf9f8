package io.relais.systemtests.conformance;

import static io.relais.protocol.ProtocolVersion.MQTT_5;
import static io.relais.testkit.MqttSocket.subscription;
import static io.relais.testkit.MqttSocket.text;
import static org.assertj.core.api.Assertions.assertThat;

import io.relais.protocol.Packet;
import io.relais.protocol.Properties;
import io.relais.protocol.Property;
import io.relais.protocol.ProtocolVersion;
import io.relais.protocol.ReasonCode;
import io.relais.systemtests.EmbeddedRelais;
import io.relais.testkit.Clients;
import io.relais.testkit.Conforms;
import io.relais.testkit.EachVersion;
import io.relais.testkit.MqttSocket;
import java.time.Duration;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// What a server with other settings than the usual ones announces, and that it holds to it.
class SettingsConformanceTest {
  private static EmbeddedRelais relais;
  private Clients clients;

  @BeforeAll
  static void start() {
    relais =
        EmbeddedRelais.start(
            "limits.keep-alive=2s",
            "limits.session-expiry=60s",
            "limits.payload-bytes=1KiB",
            "mqtt.max-qos=1",
            "mqtt.response-information=answers");
  }

  @AfterAll
  static void stop() {
    relais.close();
  }

  @BeforeEach
  void begin() {
    clients = new Clients(relais);
  }

  @AfterEach
  void end() {
    clients.close();
  }

  @Test
  @Conforms({"MQTT-3.1.2-21", "MQTT-3.2.2-21"})
  void a_client_without_a_keep_alive_gets_the_servers() {
    MqttSocket socket = clients.open(MQTT_5);

    Packet.Connack connack = socket.connect(clients.id(), how -> how.keepAlive(0));

    assertThat(connack.properties().intValue(Property.SERVER_KEEP_ALIVE, 0)).isEqualTo(2);
    socket.expectNothingFor(Duration.ofSeconds(2));
    socket.expectRefused(Duration.ofSeconds(4), ReasonCode.KEEP_ALIVE_TIMEOUT);
  }

  @Test
  @Conforms("MQTT-3.2.2-22")
  void a_keep_alive_that_suits_the_server_is_the_clients_own() {
    MqttSocket socket = clients.open(MQTT_5);

    Packet.Connack connack = socket.connect(clients.id(), how -> how.keepAlive(1));

    assertThat(connack.properties().has(Property.SERVER_KEEP_ALIVE)).isFalse();
    socket.expectNothingFor(Duration.ofSeconds(1));
    socket.expectRefused(Duration.ofSeconds(4), ReasonCode.KEEP_ALIVE_TIMEOUT);
  }

  /// As the setting's description says: the id of the client follows the prefix.
  @Test
  void response_information_is_a_prefix_of_the_clients_own() {
    String id = clients.id();

    Packet.Connack connack =
        clients
            .open(MQTT_5)
            .connect(id, how -> how.property(Property.REQUEST_RESPONSE_INFORMATION, 1));

    assertThat(connack.properties().string(Property.RESPONSE_INFORMATION))
        .startsWith("answers")
        .endsWith(id);
  }

  @Test
  void a_session_expiry_that_the_server_shortens_is_announced() {
    Packet.Connack longer =
        clients.open(MQTT_5).connect(clients.id(), how -> how.sessionExpiry(3600));
    Packet.Connack shorter =
        clients.open(MQTT_5).connect(clients.id(), how -> how.sessionExpiry(30));

    assertThat(longer.properties().longValue(Property.SESSION_EXPIRY_INTERVAL, -1)).isEqualTo(60);
    assertThat(shorter.properties().longValue(Property.SESSION_EXPIRY_INTERVAL, 30)).isEqualTo(30);
  }

  @Test
  @Conforms({"MQTT-3.2.2-9", "MQTT-3.2.2-11"})
  void a_maximum_qos_is_announced_and_more_is_refused() {
    MqttSocket socket = clients.open(MQTT_5);
    Packet.Connack connack = socket.connect(clients.id());
    socket.publish(clients.topic(), "x", 1);

    socket.sendPublish(clients.topic(), "x", 2, 9);

    assertThat(connack.properties().intValue(Property.MAXIMUM_QOS, -1)).isEqualTo(1);
    socket.expectRefused(ReasonCode.QOS_NOT_SUPPORTED);
  }

  @EachVersion
  @Conforms({"MQTT-3.2.2-10", "MQTT-3.8.4-7", "v3:MQTT-3.8.4-5"})
  void with_a_maximum_qos_subscriptions_of_any_qos_are_granted_what_there_is(
      ProtocolVersion version) {
    String topic = clients.topic();
    MqttSocket subscriber = clients.connected(version);

    Packet.Suback suback =
        subscriber.suback(
            Properties.NONE,
            subscription(topic, 2),
            subscription(clients.topic(), 1),
            subscription(clients.topic(), 0));

    assertThat(suback.reasons())
        .containsExactly(ReasonCode.GRANTED_QOS_1, ReasonCode.GRANTED_QOS_1, ReasonCode.SUCCESS);
    clients.connected(version).publish(topic, "x", 1);
    assertThat(text(subscriber.receive())).isEqualTo("x");
  }

  @Test
  @Conforms("MQTT-3.2.2-12")
  void with_a_maximum_qos_a_will_beyond_it_is_refused() {
    MqttSocket beyond = clients.open(MQTT_5);
    MqttSocket within = clients.open(MQTT_5);

    beyond.sendConnect(clients.id(), how -> how.will(clients.topic(), "gone", 2, false));
    within.sendConnect(clients.id(), how -> how.will(clients.topic(), "gone", 1, false));

    beyond.expectRefused(ReasonCode.QOS_NOT_SUPPORTED);
    assertThat(within.expect(Packet.Connack.class).reason()).isEqualTo(ReasonCode.SUCCESS);
  }

  @EachVersion
  @Conforms("MQTT-3.2.2-15")
  void a_payload_over_the_limit_is_refused_and_one_at_the_limit_passes(ProtocolVersion version) {
    String topic = clients.topic();
    MqttSocket subscriber = clients.connected(version).subscribe(topic, 1);
    MqttSocket publisher = clients.connected(version).publish(topic, "x".repeat(1024), 1);
    assertThat(text(subscriber.receive())).hasSize(1024);

    publisher.sendPublish(topic, "x".repeat(1025), 0, 0);

    publisher.expectRefused(ReasonCode.PACKET_TOO_LARGE);
    subscriber.expectNothingFrom(clients.connected(version));
  }
}
