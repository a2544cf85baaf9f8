package io.relais.systemtests.conformance;

import static io.relais.protocol.ProtocolVersion.MQTT_5;
import static io.relais.testkit.MqttSocket.publishing;
import static io.relais.testkit.MqttSocket.text;
import static org.assertj.core.api.Assertions.assertThat;

import io.relais.protocol.PacketType;
import io.relais.protocol.Properties;
import io.relais.protocol.Property;
import io.relais.protocol.ProtocolVersion;
import io.relais.protocol.ReasonCode;
import io.relais.testkit.AgainstBroker;
import io.relais.testkit.Bytes;
import io.relais.testkit.Clients;
import io.relais.testkit.Conforms;
import io.relais.testkit.Connecting;
import io.relais.testkit.EachVersion;
import io.relais.testkit.MqttSocket;
import io.relais.testkit.Wire;
import org.junit.jupiter.api.Test;

/// Maximum Packet Size, of the client and of the server.
@AgainstBroker
class PacketSizeConformanceTest {
  private static final int SMALL = 64;
  private static final String LARGE_PAYLOAD = "x".repeat(1024);

  private static Connecting small(Connecting how) {
    return how.property(Property.MAXIMUM_PACKET_SIZE, (long) SMALL);
  }

  @Test
  @Conforms({"MQTT-3.1.2-24", "MQTT-3.1.2-25"})
  void what_is_too_large_for_a_client_is_left_out_and_the_rest_arrives(Clients clients) {
    String topic = clients.topic();
    MqttSocket limited =
        clients.connected(MQTT_5, PacketSizeConformanceTest::small).subscribe(topic, 2);
    MqttSocket other = clients.connected(MQTT_5).subscribe(topic, 2);
    MqttSocket publisher = clients.connected(MQTT_5);

    for (int qos = 0; qos <= 2; qos++) {
      publisher.publish(topic, LARGE_PAYLOAD, qos).publish(topic, "small " + qos, qos);
    }

    for (int qos = 0; qos <= 2; qos++) {
      assertThat(text(limited.receive())).isEqualTo("small " + qos);
      assertThat(text(other.receive())).isEqualTo(LARGE_PAYLOAD);
      assertThat(text(other.receive())).isEqualTo("small " + qos);
    }
    limited.expectSilence();
  }

  @Test
  @Conforms("MQTT-3.1.2-24")
  void a_packet_of_exactly_the_maximum_arrives_and_one_byte_more_does_not(Clients clients) {
    for (int qos = 0; qos <= 2; qos++) {
      String topic = clients.topic();
      int empty = Wire.encode(publishing(topic, "", qos, qos == 0 ? 0 : 1), MQTT_5).length;
      MqttSocket limited =
          clients.connected(MQTT_5, PacketSizeConformanceTest::small).subscribe(topic, 2);
      MqttSocket publisher = clients.connected(MQTT_5);

      publisher.publish(topic, "y".repeat(SMALL - empty + 1), qos);
      publisher.publish(topic, "x".repeat(SMALL - empty), qos);

      assertThat(text(limited.receive())).isEqualTo("x".repeat(SMALL - empty));
      limited.expectSilence();
    }
  }

  @Test
  @Conforms("MQTT-3.1.2-24")
  void properties_and_subscription_identifiers_count(Clients clients) {
    String topic = clients.topic();
    MqttSocket limited = clients.connected(MQTT_5, PacketSizeConformanceTest::small);
    limited.subscribe(
        Properties.builder().add(Property.SUBSCRIPTION_IDENTIFIER, 268_435_455).build(),
        MqttSocket.subscription(topic, 1));
    int empty = Wire.encode(publishing(topic, "", 1, 1), MQTT_5).length + 5;
    MqttSocket publisher = clients.connected(MQTT_5);

    publisher.publish(topic, "y".repeat(SMALL - empty + 1), 1);
    publisher.publish(
        topic, "y", 1, false, Properties.builder().addUser("name", "v".repeat(SMALL)).build());
    publisher.publish(topic, "x".repeat(SMALL - empty), 1);

    assertThat(text(limited.receive())).isEqualTo("x".repeat(SMALL - empty));
    limited.expectSilence();
  }

  @Test
  @Conforms("MQTT-3.1.2-25")
  void what_is_left_out_takes_no_place_in_the_window(Clients clients) {
    String topic = clients.topic();
    MqttSocket limited =
        clients.connected(MQTT_5, how -> small(how).property(Property.RECEIVE_MAXIMUM, 1));
    limited.subscribe(topic, 2);
    MqttSocket publisher = clients.connected(MQTT_5);

    for (int i = 0; i < 5; i++) {
      publisher.publish(topic, LARGE_PAYLOAD, 1).publish(topic, LARGE_PAYLOAD, 2);
    }
    publisher.publish(topic, "one", 1).publish(topic, "two", 2);

    assertThat(text(limited.receive())).isEqualTo("one");
    assertThat(text(limited.receive())).isEqualTo("two");
  }

  @Test
  @Conforms({"MQTT-3.1.2-25", "MQTT-3.1.2-24"})
  void what_was_left_out_counts_as_delivered(Clients clients) {
    String topic = clients.topic();
    String id = clients.id();
    MqttSocket before = clients.open(MQTT_5);
    before.connect(id, how -> how.persistent());
    before.subscribe(topic, 2).disconnect();
    clients
        .connected(MQTT_5)
        .publish(topic, LARGE_PAYLOAD, 1)
        .publish(topic, "one", 1)
        .publish(topic, LARGE_PAYLOAD, 2)
        .publish(topic, "two", 2)
        .publish(topic, LARGE_PAYLOAD, 1);

    MqttSocket limited = clients.open(MQTT_5);
    limited.connect(id, how -> small(how).persistent());
    assertThat(text(limited.receive())).isEqualTo("one");
    assertThat(text(limited.receive())).isEqualTo("two");
    limited.expectSilence();
    limited.disconnect();

    MqttSocket unlimited = clients.open(MQTT_5);
    assertThat(unlimited.connect(id, how -> how.persistent()).sessionPresent()).isTrue();
    unlimited.expectNothingFrom(clients.connected(MQTT_5));
  }

  @Test
  @Conforms("MQTT-3.1.2-24")
  void a_retained_message_that_is_too_large_is_left_out(Clients clients) {
    String topic = clients.topic();
    MqttSocket publisher =
        clients
            .connected(MQTT_5)
            .publishRetained(topic + "/large", LARGE_PAYLOAD, 1)
            .publishRetained(topic + "/small", "small", 1);

    MqttSocket limited = clients.connected(MQTT_5, PacketSizeConformanceTest::small);
    limited.subscribe(topic + "/+", 1);

    assertThat(text(limited.receive())).isEqualTo("small");
    limited.expectNothingRetained(publisher);
  }

  @EachVersion
  @Conforms("MQTT-3.2.2-15")
  void a_packet_of_many_megabytes_ends_the_connection(ProtocolVersion version, Clients clients) {
    MqttSocket socket = clients.connected(version);

    socket.send(new Bytes().u8(0x30).variable(268_435_455).u16(1).string("a").toArray());

    socket.expectRefused(ReasonCode.PACKET_TOO_LARGE);
  }

  @EachVersion
  void a_payload_of_one_mebibyte_passes(ProtocolVersion version, Clients clients) {
    String topic = clients.topic();
    MqttSocket subscriber = clients.connected(version).subscribe(topic, 1);
    MqttSocket publisher = clients.connected(version);
    String payload = "0123456789abcdef".repeat(1 << 16);

    publisher.sendPublish(topic, payload, 1, 9);

    publisher.expectAck(PacketType.PUBACK, 9);
    assertThat(text(subscriber.receive())).isEqualTo(payload);
  }
}
