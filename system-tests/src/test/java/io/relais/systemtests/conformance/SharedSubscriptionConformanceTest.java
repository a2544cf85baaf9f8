package io.relais.systemtests.conformance;

import static io.relais.protocol.ProtocolVersion.MQTT_5;
import static io.relais.protocol.ReasonCode.MALFORMED_PACKET;
import static io.relais.protocol.ReasonCode.PROTOCOL_ERROR;
import static io.relais.protocol.ReasonCode.TOPIC_FILTER_INVALID;
import static io.relais.testkit.MqttSocket.text;
import static org.assertj.core.api.Assertions.assertThat;

import io.relais.protocol.Packet;
import io.relais.protocol.PacketType;
import io.relais.protocol.Properties;
import io.relais.protocol.ProtocolVersion;
import io.relais.protocol.ReasonCode;
import io.relais.testkit.AgainstBroker;
import io.relais.testkit.Clients;
import io.relais.testkit.Conforms;
import io.relais.testkit.EachVersion;
import io.relais.testkit.MqttSocket;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/// Shared subscriptions.
@AgainstBroker
class SharedSubscriptionConformanceTest {
  @EachVersion
  @Conforms({"MQTT-4.8.2-1", "v3:MQTT-7.0.0-2"})
  void each_message_goes_to_one_member(ProtocolVersion version, Clients clients) {
    String topic = clients.topic();
    MqttSocket one = clients.connected(version).subscribe("$share/g/" + topic, 0);
    MqttSocket two = clients.connected(version).subscribe("$share/g/" + topic, 0);
    MqttSocket alone = clients.connected(version).subscribe("$share/h/" + topic, 0);
    MqttSocket publisher = clients.connected(version);
    int count = 20;

    List<String> sent = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      sent.add(String.valueOf(i));
      publisher.publish(topic, String.valueOf(i), 0);
    }

    List<String> got = new ArrayList<>(untilMarker(one, publisher));
    got.addAll(untilMarker(two, publisher));
    assertThat(got).containsExactlyInAnyOrderElementsOf(sent);
    for (String expected : sent) {
      assertThat(text(alone.expectPublish())).isEqualTo(expected);
    }
  }

  /// The payloads that came before a marker of the publisher on a topic of the subscriber's own.
  private static List<String> untilMarker(MqttSocket subscriber, MqttSocket publisher) {
    String marker = "marker/" + System.nanoTime();
    subscriber.subscribe(marker, 0);
    publisher.publish(marker, "", 0);
    List<String> got = new ArrayList<>();
    for (Packet.Publish message = subscriber.receive();
        !message.topic().equals(marker);
        message = subscriber.receive()) {
      got.add(text(message));
    }
    return got;
  }

  @Test
  @Conforms({"MQTT-4.8.2-1", "MQTT-4.8.2-2"})
  void filters_that_are_no_shared_filters_are_refused(Clients clients) {
    List<String> wrong =
        List.of(
            "$share//a",
            "$share/",
            "$share/g",
            "$share/g/",
            "$share/g+/a",
            "$share/g#/a",
            "$share/+/a",
            "$share/#");
    for (String filter : wrong) {
      MqttSocket socket = clients.connected(MQTT_5);

      socket.sendSubscribe(1, filter, 1);

      Packet answer =
          socket.expectRefusedOr(TOPIC_FILTER_INVALID, MALFORMED_PACKET, PROTOCOL_ERROR);
      if (answer != null) {
        assertThat(((Packet.Suback) answer).reasons()).containsExactly(TOPIC_FILTER_INVALID);
      }
    }
  }

  @Test
  @Conforms("MQTT-4.8.2-3")
  void each_member_gets_at_most_its_own_qos(Clients clients) {
    String topic = clients.topic();
    MqttSocket zero = clients.connected(MQTT_5).subscribe("$share/g/" + topic, 0);
    MqttSocket two = clients.connected(MQTT_5).subscribe("$share/g/" + topic, 2);
    MqttSocket publisher = clients.connected(MQTT_5);

    for (int i = 0; i < 10; i++) {
      publisher.publish(topic, "x", 2);
    }

    int seen = 0;
    for (MqttSocket member : List.of(zero, two)) {
      String marker = clients.topic();
      member.subscribe(marker, 0);
      publisher.publish(marker, "", 0);
      for (Packet.Publish message = member.receive();
          !message.topic().equals(marker);
          message = member.receive()) {
        assertThat(message.qos()).isEqualTo(member == zero ? 0 : 2);
        seen++;
      }
    }
    assertThat(seen).isEqualTo(10);
  }

  /// Two members with persistent sessions, of whom the first message went to one.
  private record Group(MqttSocket chosen, String chosenId, MqttSocket other, int packetId) {}

  private static Group group(Clients clients, String topic, long expirySeconds, int qos) {
    List<MqttSocket> members = new ArrayList<>();
    List<String> ids = List.of(clients.id(), clients.id());
    for (String id : ids) {
      MqttSocket member = clients.open(MQTT_5);
      member.connect(id, how -> how.resuming().sessionExpiry(expirySeconds));
      members.add(member.subscribe("$share/g/" + topic, 2));
    }
    clients.connected(MQTT_5).publish(topic, "once", qos);
    // Whoever answers its ping with a message before was chosen.
    for (int i = 0; i < 100; i++) {
      MqttSocket member = members.get(i % 2);
      member.sendPing();
      if (member.expectPacket() instanceof Packet.Publish message) {
        member.expect(Packet.Pingresp.class);
        return new Group(member, ids.get(i % 2), members.get(1 - i % 2), message.packetId());
      }
    }
    throw new AssertionError("no member got the message");
  }

  @Test
  @Conforms("MQTT-4.8.2-4")
  void a_qos_2_delivery_is_finished_with_the_member_that_returns(Clients clients) {
    Group group = group(clients, clients.topic(), 600, 2);
    group.chosen.cut();

    group.other.expectSilence();
    MqttSocket back = clients.open(MQTT_5);
    back.connect(group.chosenId, how -> how.persistent());

    Packet.Publish repeated = back.expectPublish();
    assertThat(repeated.packetId()).isEqualTo(group.packetId);
    assertThat(repeated.dup()).isTrue();
    back.sendPubrec(repeated.packetId());
    back.expectAck(PacketType.PUBREL, repeated.packetId());
    back.sendPubcomp(repeated.packetId());
    group.other.expectSilence();
  }

  @Test
  @Conforms("MQTT-4.8.2-5")
  void a_qos_2_delivery_whose_member_ends_its_session_goes_to_nobody_else(Clients clients) {
    Group group = group(clients, clients.topic(), 0, 2);

    group.chosen.cut();
    MqttSocket again = clients.open(MQTT_5);
    again.connect(group.chosenId);

    group.other.expectNothingFrom(again);
  }

  @Test
  @Conforms("MQTT-4.8.2-6")
  void a_message_that_a_member_refuses_goes_to_nobody_else(Clients clients) {
    Group one = group(clients, clients.topic(), 600, 1);
    Group two = group(clients, clients.topic(), 600, 2);

    one.chosen.send(
        new Packet.Puback(one.packetId, ReasonCode.IMPLEMENTATION_SPECIFIC_ERROR, Properties.NONE));
    two.chosen.send(
        new Packet.Pubrec(two.packetId, ReasonCode.IMPLEMENTATION_SPECIFIC_ERROR, Properties.NONE));

    one.chosen.expectSilence();
    two.chosen.expectSilence();
    one.other.expectNothingFrom(one.chosen);
    two.other.expectNothingFrom(two.chosen);
  }

  @Test
  @Conforms({"MQTT-4.8.2-3", "MQTT-3.3.1-9"})
  void a_shared_subscription_gets_no_retained_messages(Clients clients) {
    String topic = clients.topic();
    MqttSocket publisher = clients.connected(MQTT_5).publishRetained(topic, "kept", 1);

    MqttSocket member = clients.connected(MQTT_5).subscribe("$share/g/" + topic, 1);

    member.expectNothingFrom(publisher);
  }
}
