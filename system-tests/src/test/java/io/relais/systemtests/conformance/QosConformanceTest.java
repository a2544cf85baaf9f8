package io.relais.systemtests.conformance;

import static io.relais.protocol.ProtocolVersion.MQTT_3_1;
import static io.relais.protocol.ProtocolVersion.MQTT_5;
import static io.relais.protocol.ReasonCode.PACKET_IDENTIFIER_NOT_FOUND;
import static io.relais.testkit.MqttSocket.publishing;
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
import io.relais.testkit.Clients;
import io.relais.testkit.Conforms;
import io.relais.testkit.EachVersion;
import io.relais.testkit.MqttSocket;
import io.relais.testkit.Transcript;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/// The flows of QoS 1 and 2 in both directions, resending, and the order of messages.
@AgainstBroker
class QosConformanceTest {
  private static final int HELD = 10;

  @EachVersion
  @Conforms({"MQTT-4.3.2-4", "v3:MQTT-4.3.2-2", "MQTT-2.2.1-5", "v3:MQTT-2.3.1-6", "MQTT-4.3.2-5"})
  void after_its_puback_an_id_is_a_new_message(ProtocolVersion version, Clients clients) {
    Transcript.of(
            """
            A> CONNECT id={id}
            A< CONNACK 0x00 ...
            B> CONNECT id={id}
            B< CONNACK 0x00 ...
            A> SUBSCRIBE id=1 {t} q0
            A< SUBACK id=1 0x00
            B> PUBLISH q1 id=4660 {t} "first"
            B< PUBACK id=4660
            B> PUBLISH q1 dup id=4660 {t} "second"
            B< PUBACK id=4660
            A< PUBLISH q0 {t} "first"
            A< PUBLISH q0 {t} "second"
            """)
        .run(clients, version);
  }

  @EachVersion
  @Conforms({
    "MQTT-4.3.3-8",
    "MQTT-4.3.3-10",
    "MQTT-4.3.3-11",
    "MQTT-4.3.3-12",
    "v3:MQTT-4.3.3-2",
    "MQTT-2.2.1-5",
    "v3:MQTT-2.3.1-6",
    "MQIsdp-11"
  })
  void a_repeat_before_pubrel_is_no_second_message_and_after_pubcomp_it_is(
      ProtocolVersion version, Clients clients) {
    Transcript.of(
            """
            A> CONNECT id={id}
            A< CONNACK 0x00 ...
            B> CONNECT id={id}
            B< CONNACK 0x00 ...
            A> SUBSCRIBE id=1 {t} q0
            A< SUBACK id=1 0x00

            B> PUBLISH q2 id=4660 {t} "first"
            B< PUBREC id=4660
            B> PUBLISH q2 dup id=4660 {t} "first"
            B< PUBREC id=4660
            B> PUBREL id=4660
            B< PUBCOMP id=4660
            A< PUBLISH q0 {t} "first"
            A< NOTHING-FROM B

            B> PUBLISH q2 dup id=4660 {t} "second"
            B< PUBREC id=4660
            B> PUBREL id=4660
            B< PUBCOMP id=4660
            A< PUBLISH q0 {t} "second"
            A< NOTHING-FROM B
            """)
        .run(clients, version);
  }

  @EachVersion
  @Conforms({
    "MQTT-2.2.1-4",
    "v3:MQTT-2.3.1-4",
    "v3:MQTT-2.3.1-1",
    "MQTT-4.3.2-1",
    "MQTT-4.3.2-2",
    "v3:MQTT-4.3.2-1",
    "MQTT-4.3.3-1",
    "MQTT-4.3.3-2"
  })
  void deliveries_that_wait_for_their_acks_have_ids_of_their_own(
      ProtocolVersion version, Clients clients) {
    for (int qos = 1; qos <= 2; qos++) {
      String topic = clients.topic();
      MqttSocket subscriber = clients.connected(version).subscribe(topic, qos);
      MqttSocket publisher = clients.connected(version);

      for (int i = 0; i < HELD; i++) {
        publisher.publish(topic, "x", 2);
      }

      List<Integer> ids = new ArrayList<>();
      for (int i = 0; i < HELD; i++) {
        Packet.Publish message = subscriber.expectPublish();
        assertThat(message.qos()).isEqualTo(qos);
        assertThat(message.dup()).isFalse();
        ids.add(message.packetId());
      }
      assertThat(ids).doesNotHaveDuplicates().doesNotContain(0);
    }
  }

  @EachVersion
  @Conforms({"MQTT-4.3.3-4", "v3:MQTT-4.3.3-1", "v3:MQTT-2.3.1-6", "v3:MQTT-2.2.2-1"})
  void pubrec_is_answered_by_pubrel_with_its_id(ProtocolVersion version, Clients clients) {
    String topic = clients.topic();
    MqttSocket subscriber = clients.connected(version).subscribe(topic, 2);
    clients.connected(version).publish(topic, "x", 2);
    int id = subscriber.expectPublish().packetId();

    subscriber.sendPubrec(id);

    subscriber.expectAck(PacketType.PUBREL, id);
    subscriber.sendPubcomp(id).expectSilence();
  }

  @Test
  @Conforms("MQTT-4.3.3-4")
  void a_pubrec_that_refuses_is_not_answered_by_pubrel(Clients clients) {
    String topic = clients.topic();
    MqttSocket subscriber = clients.connected(MQTT_5).subscribe(topic, 2);
    clients.connected(MQTT_5).publish(topic, "x", 2);
    int id = subscriber.expectPublish().packetId();

    subscriber.send(
        new Packet.Pubrec(id, ReasonCode.IMPLEMENTATION_SPECIFIC_ERROR, Properties.NONE));

    subscriber.expectSilence();
  }

  @Test
  @Conforms("MQTT-4.3.3-4")
  void a_pubrec_that_only_remarks_is_answered_by_pubrel(Clients clients) {
    String topic = clients.topic();
    MqttSocket subscriber = clients.connected(MQTT_5).subscribe(topic, 2);
    clients.connected(MQTT_5).publish(topic, "x", 2);
    int id = subscriber.expectPublish().packetId();

    subscriber.send(new Packet.Pubrec(id, ReasonCode.NO_MATCHING_SUBSCRIBERS, Properties.NONE));

    subscriber.expectAck(PacketType.PUBREL, id);
  }

  @EachVersion
  @Conforms({
    "MQTT-3.3.1-1",
    "v3:MQTT-3.3.1-1",
    "MQTT-4.3.2-3",
    "MQTT-4.3.3-3",
    "MQTT-4.4.0-1",
    "v3:MQTT-4.4.0-1",
    "v3:MQTT-2.3.1-4",
    "v3:MQTT-4.6.0-1",
    "MQTT-4.6.0-1"
  })
  void what_was_not_acknowledged_is_sent_again_with_dup_in_order_when_the_client_returns(
      ProtocolVersion version, Clients clients) {
    for (int qos = 1; qos <= 2; qos++) {
      String topic = clients.topic();
      String id = clients.id();
      MqttSocket first = clients.open(version);
      first.connect(id, how -> how.persistent());
      first.subscribe(topic, qos);
      MqttSocket publisher = clients.connected(version);
      List<Packet.Publish> sent = new ArrayList<>();
      for (int i = 0; i < HELD; i++) {
        publisher.publish(topic, String.valueOf(i), qos);
        sent.add(first.expectPublish());
      }
      first.cut();

      MqttSocket again = clients.open(version);
      again.connect(id, how -> how.persistent());

      for (Packet.Publish message : sent) {
        Packet.Publish repeated = again.expectPublish();
        assertThat(repeated.dup()).isTrue();
        assertThat(repeated.packetId()).isEqualTo(message.packetId());
        assertThat(text(repeated)).isEqualTo(text(message));
      }
      again.expectSilence();
    }
  }

  @EachVersion
  @Conforms({"MQTT-4.3.2-3", "v3:MQTT-4.3.2-1"})
  void what_was_acknowledged_is_not_sent_again(ProtocolVersion version, Clients clients) {
    String topic = clients.topic();
    String id = clients.id();
    MqttSocket first = clients.open(version);
    first.connect(id, how -> how.persistent());
    first.subscribe(topic, 2);
    clients.connected(version).publish(topic, "1", 1).publish(topic, "2", 2);
    first.receive();
    first.receive();
    first.expectSilence();
    first.cut();

    MqttSocket again = clients.open(version);
    again.connect(id, how -> how.persistent());

    again.expectNothingFrom(clients.connected(again.version()));
  }

  @EachVersion
  @Conforms({"MQTT-4.3.3-5", "MQTT-4.3.3-6", "MQTT-4.4.0-1", "v3:MQTT-4.3.3-1", "v3:MQTT-4.4.0-1"})
  void after_pubrel_only_pubrel_is_sent_again(ProtocolVersion version, Clients clients) {
    String topic = clients.topic();
    String id = clients.id();
    MqttSocket first = clients.open(version);
    first.connect(id, how -> how.persistent());
    first.subscribe(topic, 2);
    clients.connected(version).publish(topic, "x", 2);
    int packetId = first.expectPublish().packetId();
    first.sendPubrec(packetId);
    first.expectAck(PacketType.PUBREL, packetId);
    first.cut();

    MqttSocket again = clients.open(version);
    again.connect(id, how -> how.persistent());

    again.expectAck(PacketType.PUBREL, packetId);
    again.sendPubcomp(packetId).expectSilence();
    again.cut();
    MqttSocket done = clients.open(version);
    done.connect(id, how -> how.persistent());
    done.expectNothingFrom(clients.connected(version));
  }

  @EachVersion
  @Conforms({"v3:MQTT-4.1.0-1", "v3:MQTT-4.3.3-2", "MQTT-4.3.3-10"})
  void a_publisher_may_finish_its_qos_2_flow_after_it_returns(
      ProtocolVersion version, Clients clients) {
    String topic = clients.topic();
    String id = clients.id();
    MqttSocket watcher = clients.connected(version).subscribe(topic, 0);
    MqttSocket first = clients.open(version);
    first.connect(id, how -> how.persistent());
    first.sendPublish(topic, "once", 2, 77);
    first.expectAck(PacketType.PUBREC, 77);
    first.cut();

    MqttSocket again = clients.open(version);
    again.connect(id, how -> how.persistent());
    again.send(
        new Packet.Publish(true, 2, false, topic, 77, Properties.NONE, "once".getBytes(UTF_8)));
    again.expectAck(PacketType.PUBREC, 77);
    again.sendPubrel(77);
    again.expectAck(PacketType.PUBCOMP, 77);

    assertThat(text(watcher.expectPublish())).isEqualTo("once");
    watcher.expectNothingFrom(again);
  }

  @EachVersion
  @Conforms({"MQTT-4.4.0-1", "MQIsdp-12"})
  void nothing_is_sent_again_while_the_client_stays_connected(
      ProtocolVersion version, Clients clients) {
    String topic = clients.topic();
    MqttSocket subscriber = clients.connected(version).subscribe(topic, 2);
    clients.connected(version).publish(topic, "1", 1).publish(topic, "2", 2);
    subscriber.expectPublish();
    int second = subscriber.expectPublish().packetId();
    subscriber.sendPubrec(second);
    subscriber.expectAck(PacketType.PUBREL, second);

    subscriber.expectNothingFor(Duration.ofSeconds(4));
    subscriber.expectSilence();
  }

  @Test
  @Conforms("MQTT-4.4.0-2")
  void a_message_that_the_client_refused_is_not_sent_again(Clients clients) {
    String topic = clients.topic();
    String id = clients.id();
    MqttSocket first = clients.open(MQTT_5);
    first.connect(id, how -> how.persistent());
    first.subscribe(topic, 2);
    clients.connected(MQTT_5).publish(topic, "1", 1).publish(topic, "2", 2);
    first.send(
        new Packet.Puback(
            first.expectPublish().packetId(),
            ReasonCode.IMPLEMENTATION_SPECIFIC_ERROR,
            Properties.NONE));
    first.send(
        new Packet.Pubrec(
            first.expectPublish().packetId(), ReasonCode.UNSPECIFIED_ERROR, Properties.NONE));
    first.expectSilence();
    first.cut();

    MqttSocket again = clients.open(MQTT_5);
    again.connect(id, how -> how.persistent());

    again.expectNothingFrom(clients.connected(again.version()));
  }

  @Test
  @Conforms({"MQTT-4.3.3-7", "MQTT-4.3.3-13"})
  void expiry_does_not_stop_a_qos_2_flow_that_has_begun(Clients clients) {
    String topic = clients.topic();
    Properties expiring = Properties.builder().add(Property.MESSAGE_EXPIRY_INTERVAL, 1L).build();
    MqttSocket subscriber = clients.connected(MQTT_5).subscribe(topic, 2);
    MqttSocket publisher = clients.connected(MQTT_5);

    publisher.send(new Packet.Publish(false, 2, false, topic, 9, expiring, "x".getBytes(UTF_8)));
    publisher.expectAck(PacketType.PUBREC, 9);
    publisher.expectNothingFor(Duration.ofMillis(1_500));
    publisher.sendPubrel(9);
    publisher.expectAck(PacketType.PUBCOMP, 9);

    // Delivery at PUBLISH has begun in time; delivery at PUBREL would have come too late.
    subscriber.sendPing();
    if (subscriber.expectPacket() instanceof Packet.Publish message) {
      subscriber.expect(Packet.Pingresp.class);
      subscriber.sendPubrec(message.packetId());
      subscriber.expectAck(PacketType.PUBREL, message.packetId());
      subscriber.sendPubcomp(message.packetId()).expectSilence();
    }
  }

  @Test
  @Conforms("MQTT-4.3.3-7")
  void expiry_does_not_stop_a_qos_2_delivery_across_connections(Clients clients) {
    String topic = clients.topic();
    String id = clients.id();
    Properties expiring = Properties.builder().add(Property.MESSAGE_EXPIRY_INTERVAL, 1L).build();
    MqttSocket first = clients.open(MQTT_5);
    first.connect(id, how -> how.persistent());
    first.subscribe(topic, 2);
    MqttSocket publisher = clients.connected(MQTT_5);
    publisher.publish(topic, "x", 2, false, expiring);
    int packetId = first.expectPublish().packetId();
    first.cut();
    publisher.expectNothingFor(Duration.ofSeconds(2));

    MqttSocket again = clients.open(MQTT_5);
    again.connect(id, how -> how.persistent());

    Packet.Publish repeated = again.receive();
    assertThat(repeated.packetId()).isEqualTo(packetId);
    assertThat(repeated.dup()).isTrue();
  }

  @Test
  @Conforms("MQTT-3.7.2-1")
  void pubrel_for_an_unknown_id_is_answered_with_not_found(Clients clients) {
    MqttSocket socket = clients.connected(MQTT_5);

    socket.sendPubrel(4242);

    Packet.Pubcomp pubcomp = socket.expect(Packet.Pubcomp.class);
    assertThat(pubcomp.packetId()).isEqualTo(4242);
    assertThat(pubcomp.reason()).isEqualTo(PACKET_IDENTIFIER_NOT_FOUND);
  }

  @Test
  @Conforms({"MQTT-3.4.2-1", "MQTT-3.5.2-1", "MQTT-3.6.2-1"})
  void acks_have_the_reasons_of_their_tables(Clients clients) {
    String topic = clients.topic();
    MqttSocket subscriber = clients.connected(MQTT_5).subscribe(topic, 2);
    MqttSocket publisher = clients.connected(MQTT_5);

    publisher.publish(clients.topic(), "to nobody", 1).publish(clients.topic(), "to nobody", 2);
    publisher.publish(topic, "1", 1).publish(topic, "2", 2);
    subscriber.receive();
    subscriber.receive();
    subscriber.sendPubrec(4242);

    // The client refuses reasons that do not stand in a packet's table.
    Packet.Pubrel pubrel = subscriber.expect(Packet.Pubrel.class);
    assertThat(pubrel.reason()).isEqualTo(PACKET_IDENTIFIER_NOT_FOUND);
  }

  @EachVersion
  @Conforms({"MQTT-4.6.0-2", "v3:MQTT-4.6.0-2", "MQTT-4.6.0-3", "v3:MQTT-4.6.0-3"})
  void acks_come_in_the_order_of_their_messages(ProtocolVersion version, Clients clients) {
    for (int qos = 1; qos <= 2; qos++) {
      int q = qos;
      String topic = clients.topic();
      MqttSocket publisher = clients.connected(version);

      publisher.sendTogether(
          IntStream.rangeClosed(1, HELD)
              .mapToObj(id -> publishing(topic, "x", q, id))
              .toArray(Packet[]::new));

      for (int id = 1; id <= HELD; id++) {
        publisher.expectAck(qos == 1 ? PacketType.PUBACK : PacketType.PUBREC, id);
      }
    }
  }

  @EachVersion
  @Conforms({"MQTT-4.6.0-4", "v3:MQTT-4.6.0-4"})
  void pubrels_come_in_the_order_of_their_pubrecs(ProtocolVersion version, Clients clients) {
    String topic = clients.topic();
    MqttSocket subscriber = clients.connected(version).subscribe(topic, 2);
    MqttSocket publisher = clients.connected(version);
    List<Integer> ids = new ArrayList<>();
    for (int i = 0; i < HELD; i++) {
      publisher.publish(topic, "x", 2);
      ids.add(subscriber.expectPublish().packetId());
    }

    subscriber.sendTogether(
        ids.stream()
            .map(id -> new Packet.Pubrec(id, ReasonCode.SUCCESS, Properties.NONE))
            .toArray(Packet[]::new));

    for (int id : ids) {
      subscriber.expectAck(PacketType.PUBREL, id);
    }
  }

  @EachVersion
  @Conforms({"MQTT-4.6.0-5", "v3:MQTT-4.6.0-6", "MQTT-4.6.0-6", "v3:MQTT-4.6.0-5"})
  void messages_of_a_publisher_stay_in_order(ProtocolVersion version, Clients clients) {
    int count = 1_000;
    for (int qos = 0; qos <= 2; qos++) {
      String topic = clients.topic();
      MqttSocket subscriber = clients.connected(version).subscribe(topic, qos);
      MqttSocket publisher = clients.connected(version);

      // Windows of 10 messages, so that no side has to have a larger one.
      for (int from = 0; from < count; from += HELD) {
        List<Packet> window = new ArrayList<>();
        for (int i = from; i < from + HELD; i++) {
          window.add(publishing(topic, String.valueOf(i), qos, qos == 0 ? 0 : i + 1));
        }
        publisher.sendTogether(window.toArray(Packet[]::new));
        for (int i = from; qos > 0 && i < from + HELD; i++) {
          publisher.expectAck(qos == 1 ? PacketType.PUBACK : PacketType.PUBREC, i + 1);
          if (qos == 2) {
            publisher.sendPubrel(i + 1);
          }
        }
        for (int i = from; qos == 2 && i < from + HELD; i++) {
          publisher.expectAck(PacketType.PUBCOMP, i + 1);
        }
        for (int i = from; i < from + HELD; i++) {
          assertThat(text(subscriber.receive())).isEqualTo(String.valueOf(i));
        }
      }
    }
  }

  @Test
  @Conforms("MQIsdp-10")
  void pubrel_of_the_server_has_no_dup_in_3_1(Clients clients) {
    String topic = clients.topic();
    String id = clients.id();
    MqttSocket first = clients.open(MQTT_3_1);
    first.connect(id, how -> how.persistent());
    first.subscribe(topic, 2);
    clients.connected(MQTT_3_1).publish(topic, "x", 2);
    int packetId = first.expectPublish().packetId();
    first.sendPubrec(packetId);
    first.expectAck(PacketType.PUBREL, packetId);
    first.cut();

    MqttSocket again = clients.open(MQTT_3_1);
    again.connect(id, how -> how.persistent());

    // The client reads strictly: a PUBREL begins with 62 and nothing else.
    again.expectAck(PacketType.PUBREL, packetId);
  }
}
