package io.relais.systemtests.conformance;

import static io.relais.protocol.ProtocolVersion.MQTT_5;
import static io.relais.protocol.ReasonCode.PROTOCOL_ERROR;
import static io.relais.testkit.MqttSocket.subscription;
import static io.relais.testkit.MqttSocket.text;
import static org.assertj.core.api.Assertions.assertThat;

import io.relais.protocol.Packet;
import io.relais.protocol.PacketType;
import io.relais.protocol.Properties;
import io.relais.protocol.Property;
import io.relais.protocol.ProtocolVersion;
import io.relais.testkit.AgainstBroker;
import io.relais.testkit.Clients;
import io.relais.testkit.Conforms;
import io.relais.testkit.Connecting;
import io.relais.testkit.EachVersion;
import io.relais.testkit.MqttSocket;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/// The groups of shared subscriptions [section 4.8.2]: who is in them and what each gets; Relais
/// serves them to clients of 3.x as well.
@AgainstBroker
class SharedGroupConformanceTest {
  @Test
  @Conforms("MQTT-3.8.3-4")
  void no_local_on_a_shared_filter_is_refused(Clients clients) {
    MqttSocket socket = clients.connected(MQTT_5);

    socket.send(
        new Packet.Subscribe(
            1,
            Properties.NONE,
            List.of(new Packet.Subscription("$share/g/" + clients.topic(), 1, true, false, 0))));

    socket.expectRefused(PROTOCOL_ERROR);
  }

  @EachVersion
  @Conforms({"MQTT-4.8.2-1", "MQTT-4.8.2-2"})
  void each_message_goes_to_one_member_of_each_group_and_to_every_other_subscription(
      ProtocolVersion version, Clients clients) {
    String topic = clients.topic();
    MqttSocket one = clients.connected(version).subscribe("$share/g/" + topic, 1);
    MqttSocket two = clients.connected(version).subscribe("$share/g/" + topic, 1);
    MqttSocket other = clients.connected(version).subscribe("$share/h/" + topic, 1);
    MqttSocket plain = clients.connected(version).subscribe(topic, 1);
    MqttSocket publisher = clients.connected(version);

    for (int i = 0; i < 20; i++) {
      publisher.publish(topic, "" + i, 1);
    }

    List<String> all = new ArrayList<>();
    for (int i = 0; i < 20; i++) {
      assertThat(text(plain.receive())).isEqualTo("" + i);
      assertThat(text(other.receive())).isEqualTo("" + i);
      all.add("" + i);
    }
    assertThat(shared(one, two, publisher)).containsExactlyInAnyOrderElementsOf(all);
  }

  /// All messages of the members of a group, up to now.
  private static List<String> shared(MqttSocket one, MqttSocket two, MqttSocket publisher) {
    List<String> received = new ArrayList<>();
    for (MqttSocket member : List.of(one, two)) {
      String fence = "fence" + System.nanoTime();
      member.subscribe(fence, 0);
      publisher.publish(fence, fence, 0);
      for (String text = text(member.receive());
          !text.equals(fence);
          text = text(member.receive())) {
        received.add(text);
      }
    }
    return received;
  }

  @Test
  void what_waits_for_a_member_that_goes_is_given_to_another(Clients clients) {
    String topic = clients.topic();
    MqttSocket slow =
        clients
            .connected(MQTT_5, how -> how.property(Property.RECEIVE_MAXIMUM, 1))
            .subscribe("$share/g/" + topic, 1);
    MqttSocket publisher = clients.connected(MQTT_5);
    for (int i = 0; i < 5; i++) {
      publisher.publish(topic, "" + i, 1);
    }
    Packet.Publish first = slow.expectPublish(); // and is not acknowledged, so the rest waits
    MqttSocket other = clients.connected(MQTT_5).subscribe("$share/g/" + topic, 1);

    slow.cut();

    assertThat(text(first)).isEqualTo("0");
    for (int i = 1; i < 5; i++) {
      assertThat(text(other.receive())).isEqualTo("" + i);
    }
  }

  @EachVersion
  @Conforms("MQTT-4.8.2-1")
  void members_share_the_work_and_a_filter_may_have_wildcards(
      ProtocolVersion version, Clients clients) {
    String topic = clients.topic();
    MqttSocket one = clients.connected(version).subscribe("$share/g/" + topic + "/+", 0);
    MqttSocket two = clients.connected(version).subscribe("$share/g/" + topic + "/+", 0);
    MqttSocket publisher = clients.connected(version);

    for (int i = 0; i < 50; i++) {
      publisher.publish(topic + "/" + i, "x", 0);
    }

    // In turn, by default.
    for (int i = 0; i < 25; i++) {
      one.receive();
      two.receive();
    }
    one.expectNothingFrom(publisher);
    two.expectNothingFrom(publisher);
  }

  @Test
  void a_shared_subscription_has_its_identifier(Clients clients) {
    String topic = clients.topic();
    MqttSocket member = clients.connected(MQTT_5);
    member.subscribe(
        Properties.builder().add(Property.SUBSCRIPTION_IDENTIFIER, 7).build(),
        subscription("$share/g/" + topic, 1));

    clients.connected(MQTT_5).publish(topic, "x", 1);

    assertThat(member.receive().properties().intValue(Property.SUBSCRIPTION_IDENTIFIER, 0))
        .isEqualTo(7);
  }

  @EachVersion
  @Conforms({"MQTT-3.10.4-1", "v3:MQTT-3.10.4-1"})
  void to_leave_a_group_leaves_the_plain_subscription_and_the_other_way_round(
      ProtocolVersion version, Clients clients) {
    String topic = clients.topic();
    MqttSocket plain =
        clients.connected(version).subscribe(topic, 1).subscribe("$share/g/" + topic, 1);
    MqttSocket member =
        clients.connected(version).subscribe(topic, 1).subscribe("$share/h/" + topic, 1);
    MqttSocket publisher = clients.connected(version);

    plain.unsubscribe("$share/g/" + topic);
    member.unsubscribe(topic);
    publisher.publish(topic, "x", 1);

    assertThat(text(plain.receive())).isEqualTo("x");
    plain.expectNothingFrom(publisher);
    assertThat(text(member.receive())).isEqualTo("x");
    member.expectNothingFrom(publisher);
  }

  @EachVersion
  void who_has_left_gets_nothing_and_the_others_everything(
      ProtocolVersion version, Clients clients) {
    String topic = clients.topic();
    MqttSocket stays = clients.connected(version).subscribe("$share/g/" + topic, 1);
    MqttSocket leaves = clients.connected(version).subscribe("$share/g/" + topic, 1);
    MqttSocket publisher = clients.connected(version);

    leaves.unsubscribe("$share/g/" + topic);
    for (int i = 0; i < 6; i++) {
      publisher.publish(topic, "" + i, 1);
    }

    for (int i = 0; i < 6; i++) {
      assertThat(text(stays.receive())).isEqualTo("" + i);
    }
    leaves.expectNothingFrom(publisher);
  }

  /// A member of a group of its own making that has a message of QoS 2 and has not answered it, and
  /// another one that came after the message.
  private record Interrupted(
      String id, MqttSocket first, Packet.Publish message, MqttSocket second, String farewell) {}

  private static Interrupted interrupted(Clients clients, boolean kept) {
    String topic = clients.topic();
    String farewell = clients.topic();
    String id = clients.id();
    MqttSocket first = clients.open(MQTT_5);
    first.connect(
        id,
        how -> {
          Connecting with = how.will(farewell, "gone", 1, false);
          return kept ? with.persistent() : with;
        });
    first.subscribe("$share/g/" + topic, 2);
    clients.connected(MQTT_5).publish(topic, "begun", 2);
    Packet.Publish message = first.expectPublish();
    MqttSocket second = clients.connected(MQTT_5);
    second.subscribe("$share/g/" + topic, 2).subscribe(farewell, 1);
    return new Interrupted(id, first, message, second, farewell);
  }

  @Test
  @Conforms("MQTT-4.8.2-4")
  void a_delivery_interrupted_before_pubcomp_is_finished_with_the_same_member(Clients clients) {
    Interrupted flow = interrupted(clients, true);
    int packetId = flow.message.packetId();
    flow.first.sendPubrec(packetId);
    flow.first.expectAck(PacketType.PUBREL, packetId);
    flow.first.cut();
    assertThat(text(flow.second.receive())).isEqualTo("gone");

    MqttSocket back = clients.open(MQTT_5);
    back.connect(flow.id, how -> how.persistent());

    back.expectAck(PacketType.PUBREL, packetId);
    back.sendPubcomp(packetId).expectSilence();
    flow.second.expectSilence();
  }

  @Test
  @Conforms("MQTT-4.8.2-5")
  void when_the_session_of_the_chosen_member_ends_nobody_else_gets_the_message(Clients clients) {
    Interrupted flow = interrupted(clients, false);

    flow.first.cut();

    assertThat(text(flow.second.receive())).isEqualTo("gone");
    flow.second.expectNothingFrom(clients.connected(MQTT_5));
  }
}
