package io.relais.systemtests.access;

import static io.relais.protocol.ProtocolVersion.MQTT_5;
import static io.relais.protocol.ReasonCode.BAD_USER_NAME_OR_PASSWORD;
import static io.relais.protocol.ReasonCode.NOT_AUTHORIZED;
import static io.relais.systemtests.access.PrefixPolicy.DENIED;
import static io.relais.testkit.MqttSocket.subscription;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.relais.protocol.Packet;
import io.relais.protocol.Properties;
import io.relais.protocol.Property;
import io.relais.protocol.ReasonCode;
import io.relais.systemtests.EmbeddedRelais;
import io.relais.testkit.Clients;
import io.relais.testkit.Conforms;
import io.relais.testkit.Connecting;
import io.relais.testkit.MqttSocket;
import java.util.List;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// What answers say beside their reason code, and that they leave it out for clients that take only
/// small packets or do not want to know. Reason codes still come: what is left out is only what
/// explains them.
class ProblemsConformanceTest {
  /// CONNACK with the server's limits fits; no answer with a sentence or a level in it does.
  private static final int SMALL = 28;

  private static EmbeddedRelais relais;
  private Clients clients;

  @BeforeAll
  static void start() {
    relais = EmbeddedRelais.start(List.of(new ChallengeSource()), new PrefixPolicy());
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

  private MqttSocket small() {
    return clients.connected(MQTT_5, ProblemsConformanceTest::small);
  }

  private static Connecting small(Connecting how) {
    return how.property(Property.MAXIMUM_PACKET_SIZE, (long) SMALL);
  }

  private MqttSocket incurious() {
    return clients.connected(MQTT_5, how -> how.property(Property.REQUEST_PROBLEM_INFORMATION, 0));
  }

  private static void plain(Properties properties) {
    assertThat(properties.has(Property.REASON_STRING)).isFalse();
    assertThat(properties.userProperties()).isEmpty();
  }

  /// A PUBLISH that may ask for a user property in its answer.
  private static Packet.Publish asking(String topic, int qos, int packetId) {
    return new Packet.Publish(
        false,
        qos,
        false,
        topic,
        packetId,
        Properties.builder().addUser("relais-ack", "?").build(),
        "x".getBytes(UTF_8));
  }

  private void publishes(MqttSocket socket) {
    String denied = DENIED + "/" + clients.topic();
    socket.send(asking(denied, 1, 1)).send(asking(denied, 2, 2));
    Packet.Puback puback = socket.expect(Packet.Puback.class);
    Packet.Pubrec pubrec = socket.expect(Packet.Pubrec.class);
    socket.send(asking(clients.topic(), 1, 3)).send(asking(clients.topic(), 2, 4));
    Packet.Puback taken = socket.expect(Packet.Puback.class);
    Packet.Pubrec received = socket.expect(Packet.Pubrec.class);
    socket.sendPubrel(4);
    Packet.Pubcomp complete = socket.expect(Packet.Pubcomp.class);
    socket.sendPubrel(99);
    Packet.Pubcomp unknown = socket.expect(Packet.Pubcomp.class);

    assertThat(puback.reason()).isEqualTo(NOT_AUTHORIZED);
    assertThat(pubrec.reason()).isEqualTo(NOT_AUTHORIZED);
    assertThat(unknown.reason()).isEqualTo(ReasonCode.PACKET_IDENTIFIER_NOT_FOUND);
    plain(puback.properties());
    plain(pubrec.properties());
    plain(taken.properties());
    plain(received.properties());
    plain(complete.properties());
    plain(unknown.properties());
  }

  private void deliveries(MqttSocket socket) {
    String topic = clients.topic();
    socket.subscribe(topic, 2);
    clients.connected(MQTT_5).publish(topic, "x", 2);
    Packet.Publish message = socket.expectPublish();
    socket.sendPubrec(message.packetId());
    Packet.Pubrel pubrel = socket.expect(Packet.Pubrel.class);
    socket.sendPubcomp(message.packetId());
    socket.sendPubrec(77);
    Packet.Pubrel unknown = socket.expect(Packet.Pubrel.class);

    assertThat(unknown.reason()).isEqualTo(ReasonCode.PACKET_IDENTIFIER_NOT_FOUND);
    plain(pubrel.properties());
    plain(unknown.properties());
  }

  private void subscriptions(MqttSocket socket) {
    Packet.Suback suback =
        socket.suback(Properties.NONE, subscription(DENIED + "/" + clients.topic(), 1));
    Packet.Unsuback unsuback = socket.unsubscribe(clients.topic());

    assertThat(suback.reasons()).containsExactly(NOT_AUTHORIZED);
    assertThat(unsuback.reasons()).containsExactly(ReasonCode.NO_SUBSCRIPTION_EXISTED);
    plain(suback.properties());
    plain(unsuback.properties());
  }

  @Test
  @Conforms({
    "MQTT-3.4.2-2",
    "MQTT-3.4.2-3",
    "MQTT-3.5.2-2",
    "MQTT-3.5.2-3",
    "MQTT-3.7.2-2",
    "MQTT-3.7.2-3"
  })
  void answers_to_publish_are_plain_for_a_client_that_takes_only_small_packets() {
    publishes(small());
  }

  @Test
  @Conforms({"MQTT-3.6.2-2", "MQTT-3.6.2-3"})
  void pubrel_is_plain_for_a_client_that_takes_only_small_packets() {
    deliveries(small());
  }

  @Test
  @Conforms({"MQTT-3.9.2-1", "MQTT-3.9.2-2", "MQTT-3.11.2-1", "MQTT-3.11.2-2"})
  void suback_and_unsuback_are_plain_for_a_client_that_takes_only_small_packets() {
    subscriptions(small());
  }

  @Test
  @Conforms({"MQTT-3.2.2-19", "MQTT-3.2.2-20"})
  void connack_is_plain_for_a_client_that_takes_only_small_packets() {
    List<UnaryOperator<Connecting>> refused =
        List.of(
            how -> how.username("alice").password("wrong"),
            how -> how.property(Property.AUTHENTICATION_METHOD, "NONE"),
            how -> how.will("a/#", "x", 0, false),
            how -> how.id(DENIED + clients.id()));

    for (UnaryOperator<Connecting> how : refused) {
      MqttSocket socket = clients.open(MQTT_5);
      socket.sendConnect(
          clients.id(), h -> how.apply(h).property(Property.MAXIMUM_PACKET_SIZE, 12L));

      Packet.Connack connack = socket.expect(Packet.Connack.class);
      assertThat(connack.reason().isError()).isTrue();
      plain(connack.properties());
      socket.expectClosed();
    }
  }

  @Test
  @Conforms({"MQTT-3.2.2-19", "MQTT-3.1.2-24", "MQTT-3.2.2-7"})
  void a_refusal_that_does_not_even_fit_by_itself_is_left_out() {
    MqttSocket socket = clients.open(MQTT_5);

    socket.sendConnect(
        clients.id(),
        how -> how.username("alice").password("wrong").property(Property.MAXIMUM_PACKET_SIZE, 4L));

    socket.expectClosed();
  }

  @Test
  @Conforms("MQTT-3.1.2-29")
  void answers_are_plain_for_a_client_that_does_not_want_to_know() {
    publishes(incurious());
    deliveries(incurious());
    subscriptions(incurious());
  }

  @Test
  @Conforms("MQTT-3.1.2-29")
  void user_properties_of_messages_reach_also_a_client_that_does_not_want_to_know() {
    String topic = clients.topic();
    MqttSocket socket = incurious().subscribe(topic, 1);
    Properties properties = Properties.builder().addUser("a", "b").build();

    clients.connected(MQTT_5).publish(topic, "x", 1, false, properties);

    assertThat(socket.receive().properties()).isEqualTo(properties);
  }

  @Test
  void a_refusal_says_why_to_a_client_that_can_take_it() {
    MqttSocket socket = clients.connected(MQTT_5);

    socket.send(asking(DENIED + "/" + clients.topic(), 1, 1));

    Packet.Puback puback = socket.expect(Packet.Puback.class);
    assertThat(puback.properties().string(Property.REASON_STRING)).isNotBlank();
    MqttSocket refused = clients.open(MQTT_5);
    refused.sendConnect(clients.id(), how -> how.username("alice").password("wrong"));
    assertThat(refused.expectRefused(BAD_USER_NAME_OR_PASSWORD)).isNotNull();
  }
}
