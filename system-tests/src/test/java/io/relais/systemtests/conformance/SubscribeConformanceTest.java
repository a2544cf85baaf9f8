package io.relais.systemtests.conformance;

import static io.relais.protocol.ProtocolVersion.MQTT_3_1;
import static io.relais.protocol.ProtocolVersion.MQTT_3_1_1;
import static io.relais.protocol.ProtocolVersion.MQTT_5;
import static io.relais.protocol.ReasonCode.GRANTED_QOS_1;
import static io.relais.protocol.ReasonCode.GRANTED_QOS_2;
import static io.relais.protocol.ReasonCode.MALFORMED_PACKET;
import static io.relais.protocol.ReasonCode.NO_SUBSCRIPTION_EXISTED;
import static io.relais.protocol.ReasonCode.PROTOCOL_ERROR;
import static io.relais.protocol.ReasonCode.SUCCESS;
import static io.relais.protocol.ReasonCode.TOPIC_FILTER_INVALID;
import static io.relais.testkit.MqttSocket.subscription;
import static io.relais.testkit.MqttSocket.text;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.relais.protocol.Packet;
import io.relais.protocol.PacketType;
import io.relais.protocol.Properties;
import io.relais.protocol.Property;
import io.relais.protocol.ProtocolVersion;
import io.relais.protocol.ReasonCode;
import io.relais.testkit.AgainstBroker;
import io.relais.testkit.Bytes;
import io.relais.testkit.Clients;
import io.relais.testkit.Conforms;
import io.relais.testkit.EachVersion;
import io.relais.testkit.MqttSocket;
import io.relais.testkit.SinceVersion311;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/// SUBSCRIBE and UNSUBSCRIBE, their acks, and the options of 5.0.
@AgainstBroker
class SubscribeConformanceTest {
  @EachVersion
  @Conforms({
    "MQTT-3.8.4-1",
    "v3:MQTT-3.8.4-1",
    "MQTT-3.8.4-2",
    "v3:MQTT-3.8.4-2",
    "MQTT-2.2.1-6",
    "v3:MQTT-2.3.1-7",
    "MQTT-3.10.4-4",
    "v3:MQTT-3.10.4-4"
  })
  void suback_and_unsuback_repeat_the_packet_id(ProtocolVersion version, Clients clients) {
    String topic = clients.topic();
    MqttSocket socket = clients.connected(version);

    socket.sendSubscribe(0xBEEF, topic, 1);
    socket.expectAck(PacketType.SUBACK, 0xBEEF);
    socket.send(new Packet.Unsubscribe(0xBEEF, Properties.NONE, List.of(topic)));
    socket.expectAck(PacketType.UNSUBACK, 0xBEEF);
  }

  @EachVersion
  @Conforms({
    "MQTT-3.8.4-5",
    "v3:MQTT-3.8.4-4",
    "MQTT-3.8.4-6",
    "MQTT-3.8.4-7",
    "v3:MQTT-3.8.4-5",
    "MQTT-3.9.3-1",
    "v3:MQTT-3.9.3-1",
    "MQTT-3.9.3-2",
    "v3:MQTT-3.9.3-2"
  })
  void one_suback_has_a_code_for_each_filter_in_their_order(
      ProtocolVersion version, Clients clients) {
    String topic = clients.topic();
    MqttSocket socket = clients.connected(version);
    MqttSocket publisher = clients.connected(version);

    Packet.Suback suback =
        socket.suback(
            Properties.NONE,
            subscription(topic + "/2", 2),
            subscription(topic + "/0", 0),
            subscription(topic + "/1", 1));

    assertThat(suback.reasons()).containsExactly(GRANTED_QOS_2, SUCCESS, GRANTED_QOS_1);
    socket.expectSilence();
    for (int qos = 0; qos <= 2; qos++) {
      publisher.publish(topic + "/" + qos, "x", 2);
      assertThat(socket.receive().qos()).isEqualTo(qos);
    }
  }

  @EachVersion
  @Conforms({"MQTT-3.8.4-6", "MQTT-3.8.4-7", "v3:MQTT-3.8.4-5", "v3:MQTT-3.9.3-2", "MQIsdp-5"})
  void a_filter_that_cannot_be_granted_does_not_stand_in_the_way_of_others(
      ProtocolVersion version, Clients clients) {
    String topic = clients.topic();
    MqttSocket socket = clients.connected(version);
    socket.send(
        new Packet.Subscribe(
            3,
            Properties.NONE,
            List.of(subscription(topic, 1), subscription("a#", 1), subscription(topic + "/x", 2))));

    Packet answer = socket.expectRefusedOr(MALFORMED_PACKET, PROTOCOL_ERROR, TOPIC_FILTER_INVALID);

    if (answer != null) {
      List<ReasonCode> reasons = ((Packet.Suback) answer).reasons();
      assertThat(reasons).hasSize(3);
      assertThat(reasons.get(0)).isEqualTo(GRANTED_QOS_1);
      assertThat(reasons.get(1).isError()).isEqualTo(version != MQTT_3_1);
      assertThat(reasons.get(2)).isEqualTo(GRANTED_QOS_2);
    }
  }

  @EachVersion
  @Conforms({"MQTT-3.8.4-8", "v3:MQTT-3.8.4-6", "v3:MQTT-3.1.2-4"})
  void delivery_has_the_lower_of_published_and_granted_qos(
      ProtocolVersion version, Clients clients) {
    MqttSocket publisher = clients.connected(version);
    for (int granted = 0; granted <= 2; granted++) {
      String topic = clients.topic();
      MqttSocket subscriber = clients.connected(version).subscribe(topic, granted);
      for (int published = 0; published <= 2; published++) {
        publisher.publish(topic, "x", published);

        assertThat(subscriber.receive().qos()).isEqualTo(Math.min(granted, published));
      }
    }
  }

  @EachVersion
  @Conforms({"MQTT-3.8.4-3", "v3:MQTT-3.8.4-3"})
  void the_same_filter_again_replaces_the_subscription(ProtocolVersion version, Clients clients) {
    String topic = clients.topic();
    MqttSocket subscriber = clients.connected(version).subscribe(topic, 0);
    MqttSocket publisher = clients.connected(version);

    subscriber.subscribe(topic, 1);
    publisher.publish(topic, "x", 1);

    assertThat(subscriber.receive().qos()).isEqualTo(1);
    subscriber.expectNothingFrom(publisher);
  }

  @Test
  @Conforms("MQTT-3.8.4-3")
  void the_same_filter_again_replaces_the_identifier(Clients clients) {
    String topic = clients.topic();
    MqttSocket subscriber = clients.connected(MQTT_5);
    MqttSocket publisher = clients.connected(MQTT_5);

    subscriber.subscribe(identifier(1), subscription(topic, 1));
    subscriber.subscribe(identifier(2), subscription(topic, 1));
    publisher.publish(topic, "x", 1);

    assertThat(subscriber.receive().properties()).isEqualTo(identifier(2));
    subscriber.expectNothingFrom(publisher);
  }

  private static Properties identifier(int identifier) {
    return Properties.builder().add(Property.SUBSCRIPTION_IDENTIFIER, identifier).build();
  }

  @EachVersion
  @Conforms({"MQTT-3.8.4-4", "v3:MQTT-3.8.4-3"})
  void replacing_a_subscription_sends_the_retained_message_again_and_loses_nothing(
      ProtocolVersion version, Clients clients) {
    String topic = clients.topic();
    MqttSocket publisher = clients.connected(version).publishRetained(topic + "/r", "kept", 1);
    MqttSocket subscriber = clients.connected(version).subscribe(topic + "/#", 1);
    int count = 300;

    for (int i = 0; i < count; i++) {
      publisher.sendPublish(topic + "/live", String.valueOf(i), 1, i + 1);
      if (i % 30 == 0) {
        subscriber.sendSubscribe(1000 + i, topic + "/#", 1);
      }
    }

    List<String> live = new ArrayList<>();
    int retained = 0;
    while (live.size() < count || retained < 11) {
      Packet packet = subscriber.expectPacket();
      if (packet instanceof Packet.Publish message) {
        subscriber.sendPuback(message.packetId());
        if (message.retain()) {
          retained++;
        } else {
          live.add(text(message));
        }
      }
    }
    assertThat(live).isEqualTo(IntStream.range(0, count).mapToObj(String::valueOf).toList());
    assertThat(retained).isEqualTo(11);
  }

  /// A client that subscribes twice gets the retained message this often: at the first times.
  private static void expectRetainedAtTwoSubscribes(Clients clients, int handling, int expected) {
    String topic = clients.topic();
    MqttSocket publisher = clients.connected(MQTT_5).publishRetained(topic, "kept", 1);
    MqttSocket subscriber = clients.connected(MQTT_5);
    for (int i = 0; i < 2; i++) {
      subscriber.subscribe(
          Properties.NONE, new Packet.Subscription(topic, 1, false, false, handling));
      if (i < expected) {
        assertThat(text(subscriber.receive())).isEqualTo("kept");
      }
    }
    subscriber.expectNothingRetained(publisher);
  }

  @Test
  @Conforms("MQTT-3.3.1-9")
  void retain_handling_0_sends_retained_messages_at_each_subscribe(Clients clients) {
    expectRetainedAtTwoSubscribes(clients, 0, 2);
  }

  @Test
  @Conforms("MQTT-3.3.1-10")
  void retain_handling_1_sends_them_to_a_new_subscription_only(Clients clients) {
    expectRetainedAtTwoSubscribes(clients, 1, 1);
  }

  @Test
  @Conforms("MQTT-3.3.1-11")
  void retain_handling_2_sends_none(Clients clients) {
    expectRetainedAtTwoSubscribes(clients, 2, 0);
  }

  @Test
  @Conforms("MQTT-3.8.3-3")
  void no_local_keeps_what_a_client_published_itself_from_it(Clients clients) {
    String topic = clients.topic();
    MqttSocket subscriber = clients.connected(MQTT_5);
    subscriber.subscribe(Properties.NONE, new Packet.Subscription(topic, 1, true, false, 0));

    subscriber.publish(topic, "own", 1);
    clients.connected(MQTT_5).publish(topic, "theirs", 1);

    assertThat(text(subscriber.receive())).isEqualTo("theirs");
  }

  @Test
  @Conforms("MQTT-3.8.3-4")
  void no_local_on_a_shared_subscription_is_refused(Clients clients) {
    MqttSocket socket = clients.connected(MQTT_5);

    socket.send(
        Raw.subscribe(
            MQTT_5, 0x82, 1, ("$share/g/" + clients.topic()).getBytes(UTF_8), 0x04 | 0x01));

    socket.expectRefused(PROTOCOL_ERROR, MALFORMED_PACKET);
  }

  @Test
  @Conforms("MQTT-3.8.3-5")
  void wrong_options_of_a_subscribe_are_refused(Clients clients) {
    for (int options : new int[] {0x40, 0x80, 0x03, 0x30, 0xFF}) {
      MqttSocket socket = clients.connected(MQTT_5);

      socket.send(Raw.subscribe(MQTT_5, 0x82, 1, new byte[] {'a'}, options));

      socket.expectRefused(MALFORMED_PACKET, PROTOCOL_ERROR);
    }
  }

  @Test
  @Conforms("v3:MQTT-3.8.3-4")
  void wrong_qos_bytes_of_a_subscribe_are_refused_in_3_1_1(Clients clients) {
    for (int qos : new int[] {0x03, 0x04, 0x80}) {
      MqttSocket socket = clients.connected(MQTT_3_1_1);

      socket.send(Raw.subscribe(MQTT_3_1_1, 0x82, 1, new byte[] {'a'}, qos));

      socket.expectClosed();
    }
  }

  @Test
  @Conforms("MQIsdp-13")
  void in_3_1_only_qos_3_is_refused_and_the_other_bits_do_not_count(Clients clients) {
    MqttSocket three = clients.connected(MQTT_3_1);
    MqttSocket bits = clients.connected(MQTT_3_1);

    three.send(Raw.subscribe(MQTT_3_1, 0x82, 1, new byte[] {'a'}, 0x03));
    bits.send(Raw.subscribe(MQTT_3_1, 0x82, 1, clients.topic().getBytes(UTF_8), 0xF5));

    three.expectClosed();
    assertThat(bits.expect(Packet.Suback.class).reasons()).containsExactly(GRANTED_QOS_1);
  }

  @SinceVersion311
  @Conforms({"MQTT-3.8.3-2", "v3:MQTT-3.8.3-3"})
  void a_subscribe_without_filters_is_refused(ProtocolVersion version, Clients clients) {
    MqttSocket socket = clients.connected(version);

    socket.send(new Packet.Subscribe(1, Properties.NONE, List.of()));

    socket.expectRefused(PROTOCOL_ERROR, MALFORMED_PACKET);
  }

  @Test
  @Conforms("MQIsdp-14")
  void in_3_1_a_subscribe_without_filters_gets_an_empty_suback(Clients clients) {
    MqttSocket socket = clients.connected(MQTT_3_1);

    socket.send("82 02 0001");

    assertThat(socket.expect(Packet.Suback.class).reasons()).isEmpty();
  }

  @SinceVersion311
  @Conforms({"MQTT-3.10.3-2", "v3:MQTT-3.10.3-2"})
  void an_unsubscribe_without_filters_is_refused(ProtocolVersion version, Clients clients) {
    MqttSocket socket = clients.connected(version);

    socket.send(new Packet.Unsubscribe(1, Properties.NONE, List.of()));

    socket.expectRefused(PROTOCOL_ERROR, MALFORMED_PACKET);
  }

  @Test
  @Conforms("MQTT-4.13.1-1")
  void subscription_identifier_0_is_refused(Clients clients) {
    MqttSocket socket = clients.connected(MQTT_5);

    socket.send(new Bytes().u16(1).raw("02 0b 00").string("a").u8(0).packet(0x82));

    socket.expectRefused(PROTOCOL_ERROR, MALFORMED_PACKET);
  }

  @EachVersion
  @Conforms({"MQTT-3.10.4-1", "v3:MQTT-3.10.4-1", "MQTT-3.10.4-2", "v3:MQTT-3.10.4-2"})
  void unsubscribe_takes_away_the_filter_that_is_the_same_text(
      ProtocolVersion version, Clients clients) {
    String topic = clients.topic();
    MqttSocket subscriber = clients.connected(version).subscribe(topic + "/+", 1);
    MqttSocket publisher = clients.connected(version);

    subscriber.unsubscribe(topic + "/a");
    publisher.publish(topic + "/a", "still", 1);
    assertThat(text(subscriber.receive())).isEqualTo("still");

    subscriber.unsubscribe(topic + "/+");
    publisher.publish(topic + "/a", "no more", 1);
    subscriber.expectNothingFrom(publisher);
  }

  @EachVersion
  @Conforms({"MQTT-3.10.4-5", "v3:MQTT-3.10.4-5", "MQIsdp-22"})
  void unsubscribe_of_what_never_was_is_answered(ProtocolVersion version, Clients clients) {
    MqttSocket socket = clients.connected(version);

    Packet.Unsuback unsuback = socket.unsubscribe(clients.topic());

    if (version.isV5()) {
      assertThat(unsuback.reasons()).containsExactly(NO_SUBSCRIPTION_EXISTED);
    }
  }

  @EachVersion
  @Conforms({
    "MQTT-3.10.4-6",
    "v3:MQTT-3.10.4-6",
    "MQTT-3.11.3-1",
    "MQTT-3.11.3-2",
  })
  void one_unsuback_answers_for_all_filters(ProtocolVersion version, Clients clients) {
    String topic = clients.topic();
    MqttSocket socket =
        clients.connected(version).subscribe(topic + "/1", 0).subscribe(topic + "/3", 0);
    MqttSocket publisher = clients.connected(version);

    Packet.Unsuback unsuback = socket.unsubscribe(topic + "/1", topic + "/2", topic + "/3");

    if (version.isV5()) {
      assertThat(unsuback.reasons()).containsExactly(SUCCESS, NO_SUBSCRIPTION_EXISTED, SUCCESS);
    }
    publisher.publish(topic + "/1", "x", 0).publish(topic + "/3", "x", 0);
    socket.expectNothingFrom(publisher);
  }

  @EachVersion
  @Conforms({"MQTT-3.10.4-3", "v3:MQTT-3.10.4-3"})
  void a_delivery_that_has_begun_is_completed_after_unsubscribing(
      ProtocolVersion version, Clients clients) {
    String topic = clients.topic();
    MqttSocket subscriber = clients.connected(version).subscribe(topic, 2);
    clients.connected(version).publish(topic, "x", 2);
    int id = subscriber.expectPublish().packetId();

    subscriber.unsubscribe(topic);
    subscriber.sendPubrec(id);

    subscriber.expectAck(PacketType.PUBREL, id);
    subscriber.sendPubcomp(id).expectSilence();
  }
}
