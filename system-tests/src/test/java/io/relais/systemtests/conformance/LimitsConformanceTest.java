package io.relais.systemtests.conformance;

import static io.relais.protocol.ProtocolVersion.MQTT_5;
import static io.relais.protocol.ReasonCode.CLIENT_IDENTIFIER_NOT_VALID;
import static java.nio.charset.StandardCharsets.UTF_8;
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

/// What only a server with limits of its own shows.
class LimitsConformanceTest {
  private static EmbeddedRelais relais;
  private Clients clients;

  @BeforeAll
  static void start() {
    relais =
        EmbeddedRelais.start(
            "limits.client-id-bytes=30",
            "limits.topic-alias=0",
            "limits.keep-alive=2s",
            "limits.receive-maximum=3",
            "limits.payload-bytes=2KiB",
            "mqtt.response-information=answers");
  }

  @AfterAll
  static void stop() {
    relais.close();
  }

  @BeforeEach
  void openClients() {
    clients = new Clients(relais);
  }

  @AfterEach
  void closeClients() {
    clients.close();
  }

  @EachVersion
  @Conforms({"MQTT-3.1.3-8", "v3:MQTT-3.1.3-9", "MQTT-3.2.2-7", "v3:MQTT-3.2.2-5"})
  void a_client_id_beyond_the_limit_is_refused(ProtocolVersion version) {
    MqttSocket socket = clients.open(version);

    socket.sendConnect("x".repeat(31), how -> how);

    assertThat(socket.expectRefused(CLIENT_IDENTIFIER_NOT_VALID)).isNotNull();
  }

  @Test
  @Conforms("MQTT-3.2.2-18")
  void without_aliases_announced_none_is_accepted() {
    MqttSocket socket = clients.open(MQTT_5);
    Packet.Connack connack = socket.connect(clients.id(), how -> how.keepAlive(2));
    assertThat(connack.properties().intValue(Property.TOPIC_ALIAS_MAXIMUM, 0)).isZero();

    socket.send(
        new Packet.Publish(
            false,
            0,
            false,
            clients.topic(),
            0,
            Properties.builder().add(Property.TOPIC_ALIAS, 1).build(),
            "x".getBytes(UTF_8)));

    socket.expectRefused(ReasonCode.TOPIC_ALIAS_INVALID, ReasonCode.PROTOCOL_ERROR);
  }

  @Test
  @Conforms({"MQTT-3.1.2-21", "MQTT-3.1.2-22"})
  void the_keep_alive_that_the_server_announces_is_the_one_that_counts() {
    MqttSocket socket = clients.open(MQTT_5);

    Packet.Connack connack = socket.connect(clients.id(), how -> how.keepAlive(600));

    assertThat(connack.properties().intValue(Property.SERVER_KEEP_ALIVE, 0)).isEqualTo(2);
    socket.expectNothingFor(Duration.ofMillis(2_700));
    socket.expectRefused(Duration.ofSeconds(3), ReasonCode.KEEP_ALIVE_TIMEOUT);
  }

  @Test
  @Conforms("MQTT-3.3.4-7")
  void a_window_of_3_is_announced_and_held() {
    MqttSocket socket = clients.open(MQTT_5);
    Packet.Connack connack = socket.connect(clients.id(), how -> how.keepAlive(2));
    assertThat(connack.properties().intValue(Property.RECEIVE_MAXIMUM, 0)).isEqualTo(3);

    for (int id = 1; id <= 4; id++) {
      socket.sendPublish(clients.topic(), "x", 2, id);
    }

    for (int i = 0; i < 3; i++) {
      socket.expect(Packet.Pubrec.class);
    }
    socket.expectRefused(ReasonCode.RECEIVE_MAXIMUM_EXCEEDED);
  }

  @Test
  @Conforms("MQTT-3.2.2-15")
  void a_packet_larger_than_announced_ends_the_connection() {
    MqttSocket socket = clients.open(MQTT_5);
    long maximum =
        socket
            .connect(clients.id(), how -> how.keepAlive(2))
            .properties()
            .longValue(Property.MAXIMUM_PACKET_SIZE, 0);
    assertThat(maximum).isEqualTo((2 + 192) * 1024);

    socket.sendPublish(clients.topic(), "x".repeat(Math.toIntExact(maximum)), 0, 0);

    socket.expectRefused(ReasonCode.PACKET_TOO_LARGE);
  }

  @Test
  @Conforms("MQTT-3.1.2-28")
  void response_information_is_given_to_those_who_ask_for_it() {
    Packet.Connack asked =
        clients
            .open(MQTT_5)
            .connect(clients.id(), how -> how.property(Property.REQUEST_RESPONSE_INFORMATION, 1));
    Packet.Connack zero =
        clients
            .open(MQTT_5)
            .connect(clients.id(), how -> how.property(Property.REQUEST_RESPONSE_INFORMATION, 0));
    Packet.Connack silent = clients.open(MQTT_5).connect(clients.id());

    assertThat(asked.properties().string(Property.RESPONSE_INFORMATION)).startsWith("answers");
    assertThat(zero.properties().has(Property.RESPONSE_INFORMATION)).isFalse();
    assertThat(silent.properties().has(Property.RESPONSE_INFORMATION)).isFalse();
  }
}
