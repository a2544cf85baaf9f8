package io.relais.systemtests.conformance;

import static io.relais.protocol.ProtocolVersion.MQTT_5;
import static io.relais.testkit.MqttSocket.text;
import static org.assertj.core.api.Assertions.assertThat;

import io.relais.protocol.Packet;
import io.relais.protocol.PacketType;
import io.relais.protocol.Properties;
import io.relais.protocol.Property;
import io.relais.protocol.ReasonCode;
import io.relais.testkit.AgainstBroker;
import io.relais.testkit.Clients;
import io.relais.testkit.Conforms;
import io.relais.testkit.Connecting;
import io.relais.testkit.MqttSocket;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;

/// Receive Maximum: how many messages of QoS 1 and 2 may be on their way at once.
@AgainstBroker
class FlowControlConformanceTest {
  private static UnaryOperator<Connecting> receiving(int most) {
    return how -> how.property(Property.RECEIVE_MAXIMUM, most);
  }

  /// Sessions that end with the connection and sessions that are kept.
  private static List<UnaryOperator<Connecting>> bothKinds(int most) {
    return List.of(receiving(most), how -> receiving(most).apply(how).persistent());
  }

  @Test
  @Conforms({"MQTT-4.9.0-1", "MQTT-4.9.0-2", "MQTT-3.3.4-9"})
  void with_a_receive_maximum_of_1_messages_come_one_by_one(Clients clients) {
    for (UnaryOperator<Connecting> kind : bothKinds(1)) {
      String topic = clients.topic();
      MqttSocket subscriber = clients.connected(MQTT_5, kind).subscribe(topic, 1);
      MqttSocket publisher = clients.connected(MQTT_5);
      for (int i = 0; i < 5; i++) {
        publisher.publish(topic, "" + i, 1);
      }

      for (int i = 0; i < 5; i++) {
        Packet.Publish message = subscriber.expectPublish();
        assertThat(text(message)).isEqualTo("" + i);
        subscriber.expectSilence();
        subscriber.sendPuback(message.packetId());
      }
      subscriber.expectSilence();
    }
  }

  @Test
  @Conforms({"MQTT-4.9.0-2", "MQTT-3.3.4-9"})
  void a_full_window_lets_one_message_through_for_each_puback(Clients clients) {
    for (UnaryOperator<Connecting> kind : bothKinds(2)) {
      String topic = clients.topic();
      MqttSocket subscriber = clients.connected(MQTT_5, kind).subscribe(topic, 1);
      MqttSocket publisher = clients.connected(MQTT_5);
      for (int i = 0; i < 10; i++) {
        publisher.publish(topic, "" + i, 1);
      }

      Packet.Publish older = subscriber.expectPublish();
      Packet.Publish newer = subscriber.expectPublish();
      for (int i = 2; i < 10; i++) {
        subscriber.expectSilence();
        subscriber.sendPuback(older.packetId());
        older = newer;
        newer = subscriber.expectPublish();
        assertThat(text(newer)).isEqualTo("" + i);
      }
    }
  }

  @Test
  @Conforms("MQTT-4.9.0-2")
  void acks_out_of_order_make_room_too(Clients clients) {
    for (UnaryOperator<Connecting> kind : bothKinds(3)) {
      String topic = clients.topic();
      MqttSocket subscriber = clients.connected(MQTT_5, kind).subscribe(topic, 1);
      MqttSocket publisher = clients.connected(MQTT_5);
      for (int i = 0; i < 6; i++) {
        publisher.publish(topic, "" + i, 1);
      }
      subscriber.expectPublish();
      Packet.Publish second = subscriber.expectPublish();
      Packet.Publish third = subscriber.expectPublish();

      subscriber.sendPuback(third.packetId());
      assertThat(text(subscriber.expectPublish())).isEqualTo("3");
      subscriber.sendPuback(second.packetId());
      assertThat(text(subscriber.expectPublish())).isEqualTo("4");

      subscriber.expectSilence();
    }
  }

  @Test
  @Conforms({"MQTT-4.9.0-2", "MQTT-3.3.4-9"})
  void a_message_of_qos_2_holds_its_place_until_pubcomp(Clients clients) {
    for (UnaryOperator<Connecting> kind : bothKinds(1)) {
      String topic = clients.topic();
      MqttSocket subscriber = clients.connected(MQTT_5, kind).subscribe(topic, 2);
      clients.connected(MQTT_5).publish(topic, "first", 2).publish(topic, "second", 2);
      Packet.Publish first = subscriber.expectPublish();

      subscriber.sendPubrec(first.packetId());
      subscriber.expectAck(PacketType.PUBREL, first.packetId());
      subscriber.expectSilence();
      subscriber.sendPubcomp(first.packetId());

      assertThat(text(subscriber.expectPublish())).isEqualTo("second");
    }
  }

  @Test
  @Conforms({"MQTT-4.9.0-2", "MQTT-4.3.3-4"})
  void a_pubrec_that_refuses_makes_room_at_once(Clients clients) {
    for (UnaryOperator<Connecting> kind : bothKinds(1)) {
      String topic = clients.topic();
      MqttSocket subscriber = clients.connected(MQTT_5, kind).subscribe(topic, 2);
      clients.connected(MQTT_5).publish(topic, "first", 2).publish(topic, "second", 2);
      Packet.Publish first = subscriber.expectPublish();

      subscriber.send(
          new Packet.Pubrec(first.packetId(), ReasonCode.QUOTA_EXCEEDED, Properties.NONE));

      assertThat(text(subscriber.expectPublish())).isEqualTo("second");
    }
  }

  @Test
  @Conforms({"MQTT-4.9.0-3", "MQTT-3.3.4-10"})
  void with_a_full_window_everything_else_goes_on(Clients clients) {
    for (UnaryOperator<Connecting> kind : bothKinds(1)) {
      String topic = clients.topic();
      String other = clients.topic();
      MqttSocket subscriber = clients.connected(MQTT_5, kind).subscribe(topic, 2);
      MqttSocket publisher = clients.connected(MQTT_5);
      publisher.publish(topic, "fills", 2).publish(topic, "waits", 2);
      Packet.Publish fills = subscriber.expectPublish();

      subscriber.expectSilence(); // a ping is answered
      subscriber.subscribe(other, 0);
      publisher.publish(other, "qos 0", 0);
      assertThat(text(subscriber.expectPublish())).isEqualTo("qos 0");
      subscriber.unsubscribe(other);
      subscriber.publish(clients.topic(), "own", 1).publish(clients.topic(), "own", 2);
      subscriber.sendPubrec(fills.packetId());
      subscriber.expectAck(PacketType.PUBREL, fills.packetId());

      subscriber.expectSilence();
    }
  }

  @Test
  @Conforms({"MQTT-3.3.4-9", "MQTT-4.9.0-1"})
  void what_is_sent_again_counts_as_well(Clients clients) {
    String topic = clients.topic();
    String id = clients.id();
    MqttSocket before = clients.open(MQTT_5);
    before.connect(id, Connecting::persistent);
    before.subscribe(topic, 1);
    MqttSocket publisher = clients.connected(MQTT_5);
    for (int i = 0; i < 6; i++) {
      publisher.publish(topic, "" + i, 1);
    }
    for (int i = 0; i < 5; i++) {
      before.expectPublish();
    }
    before.cut();

    MqttSocket back = clients.open(MQTT_5);
    back.connect(id, how -> receiving(2).apply(how).persistent());

    for (int i = 0; i < 6; i += 2) {
      Packet.Publish one = back.expectPublish();
      Packet.Publish two = back.expectPublish();
      assertThat(text(one)).isEqualTo("" + i);
      assertThat(text(two)).isEqualTo("" + (i + 1));
      back.expectSilence();
      back.sendPuback(one.packetId()).sendPuback(two.packetId());
    }
    back.expectSilence();
  }

  @Test
  @Conforms({"MQTT-4.9.0-1", "MQTT-2.2.1-4", "MQTT-4.3.2-1"})
  void messages_on_their_way_have_ids_of_their_own(Clients clients) {
    for (UnaryOperator<Connecting> kind : bothKinds(50)) {
      String topic = clients.topic();
      MqttSocket subscriber = clients.connected(MQTT_5, kind).subscribe(topic, 2);
      MqttSocket publisher = clients.connected(MQTT_5);
      for (int i = 0; i < 60; i++) {
        publisher.publish(topic, "" + i, 1 + i % 2);
      }

      Set<Integer> ids = new HashSet<>();
      for (int i = 0; i < 50; i++) {
        ids.add(subscriber.expectPublish().packetId());
      }

      assertThat(ids).hasSize(50);
      subscriber.expectSilence();
    }
  }

  @Test
  @Conforms("MQTT-3.3.4-7")
  void pubcomp_makes_room_for_the_client_again(Clients clients) {
    MqttSocket socket = clients.open(MQTT_5);
    int most = socket.connect(clients.id()).properties().intValue(Property.RECEIVE_MAXIMUM, 65_535);
    String topic = clients.topic();

    for (int i = 0; i < most + 10 && i < 3_000; i++) {
      int id = 1 + i % 10;
      socket.sendPublish(topic, "x", 2, id).sendPubrel(id);
    }

    for (int i = 0; i < most + 10 && i < 3_000; i++) {
      int id = 1 + i % 10;
      socket.expectAck(PacketType.PUBREC, id);
      socket.expectAck(PacketType.PUBCOMP, id);
    }
  }
}
