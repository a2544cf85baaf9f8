package io.relais.systemtests.conformance;

import static io.relais.protocol.ProtocolVersion.MQTT_3_1;
import static io.relais.protocol.ProtocolVersion.MQTT_5;
import static io.relais.protocol.ReasonCode.MALFORMED_PACKET;
import static io.relais.protocol.ReasonCode.PROTOCOL_ERROR;
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
import java.util.List;
import org.junit.jupiter.api.Test;

/// What a broken packet of a connected client leads to, and how connections end.
@AgainstBroker
class ErrorsConformanceTest {
  private static void refused(ProtocolVersion version, Clients clients, String... packets) {
    for (String hex : packets) {
      MqttSocket socket = clients.connected(version).send(hex);

      socket.expectRefused(MALFORMED_PACKET, PROTOCOL_ERROR);
    }
  }

  @EachVersion
  @Conforms({"MQTT-1.5.5-1", "v3:MQTT-4.8.0-1"})
  void a_remaining_length_that_is_not_minimal_or_too_long_is_refused(
      ProtocolVersion version, Clients clients) {
    refused(version, clients, "c0 80 00", "30 80 80 80 80 01", "c0 ff ff ff ff 7f");
  }

  @SinceVersion311
  @Conforms({"MQTT-2.1.3-1", "v3:MQTT-2.2.2-2"})
  void wrong_flags_of_any_packet_are_refused(ProtocolVersion version, Clients clients) {
    refused(version, clients, "c1 00", "c8 00", "41 02 0001", "52 02 0001", "78 02 0001", "e2 00");
  }

  @SinceVersion311
  @Conforms({"MQTT-3.6.1-1", "v3:MQTT-3.6.1-1"})
  void wrong_flags_of_pubrel_are_refused(ProtocolVersion version, Clients clients) {
    refused(version, clients, "60 02 0001", "63 02 0001", "6a 02 0001");
  }

  @SinceVersion311
  @Conforms({"MQTT-3.8.1-1", "v3:MQTT-3.8.1-1"})
  void wrong_flags_of_subscribe_are_refused(ProtocolVersion version, Clients clients) {
    for (int firstByte : new int[] {0x80, 0x83, 0x8A}) {
      MqttSocket socket = clients.connected(version);

      socket.send(Raw.subscribe(version, firstByte, 1, new byte[] {'a'}, 0));

      socket.expectRefused(MALFORMED_PACKET, PROTOCOL_ERROR);
    }
  }

  @SinceVersion311
  @Conforms({"MQTT-3.10.1-1", "v3:MQTT-3.10.1-1"})
  void wrong_flags_of_unsubscribe_are_refused(ProtocolVersion version, Clients clients) {
    for (int firstByte : new int[] {0xA0, 0xA3, 0xAA}) {
      MqttSocket socket = clients.connected(version);

      socket.send(Raw.unsubscribe(version, firstByte, 1, new byte[] {'a'}));

      socket.expectRefused(MALFORMED_PACKET, PROTOCOL_ERROR);
    }
  }

  @SinceVersion311
  @Conforms({"MQTT-3.14.1-1", "v3:MQTT-3.14.1-1"})
  void a_disconnect_with_wrong_flags_is_an_error_and_so_the_will_is_published(
      ProtocolVersion version, Clients clients) {
    String topic = clients.topic();
    MqttSocket watcher = clients.connected(version).subscribe(topic, 1);
    MqttSocket socket = clients.connected(version, how -> how.will(topic, "gone", 1, false));

    socket.send("e1 00");

    socket.expectRefused(MALFORMED_PACKET, PROTOCOL_ERROR);
    assertThat(text(watcher.receive())).isEqualTo("gone");
  }

  @Test
  @Conforms("MQIsdp-9")
  void low_bits_of_the_first_byte_are_not_looked_at_in_3_1(Clients clients) {
    MqttSocket socket = clients.connected(MQTT_3_1);

    socket.send("c1 00").send("4f 02 0001").send("c8 00");

    socket.expect(Packet.Pingresp.class);
    socket.expect(Packet.Pingresp.class);
  }

  @Test
  @Conforms("MQIsdp-10")
  void pubrel_subscribe_and_unsubscribe_may_be_repeats_in_3_1(Clients clients) {
    MqttSocket socket = clients.connected(MQTT_3_1);
    byte[] topic = clients.topic().getBytes(UTF_8);

    socket.send(Raw.subscribe(MQTT_3_1, 0x8A, 1, topic, 0));
    socket.expectAck(PacketType.SUBACK, 1);
    socket.send(Raw.unsubscribe(MQTT_3_1, 0xAA, 2, topic));
    socket.expectAck(PacketType.UNSUBACK, 2);
    socket.sendPublish(clients.topic(), "x", 2, 3);
    socket.expectAck(PacketType.PUBREC, 3);
    socket.send("6a 02 0003");
    socket.expectAck(PacketType.PUBCOMP, 3);
  }

  @EachVersion
  @Conforms({"v3:MQTT-4.8.0-1", "MQTT-4.13.1-1", "MQTT-3.14.4-2"})
  void packets_that_only_servers_send_end_the_connection_and_no_other(
      ProtocolVersion version, Clients clients) {
    MqttSocket other = clients.connected(version);

    refused(version, clients, "20 02 00 00", "d0 00", "00 00");
    refused(version, clients, "90 03 0001 00", "b0 02 0001");

    other.expectSilence();
  }

  @Test
  @Conforms("v3:MQTT-4.8.0-1")
  void there_is_no_packet_type_15_in_3_1_1(Clients clients) {
    refused(ProtocolVersion.MQTT_3_1_1, clients, "f0 00");
  }

  @EachVersion
  @Conforms({"v3:MQTT-4.8.0-1", "MQTT-4.13.1-1"})
  void packets_that_are_shorter_than_their_fields_are_refused(
      ProtocolVersion version, Clients clients) {
    refused(version, clients, "40 00", "40 01 00", "62 01 00", "32 04 0001 61 00", "30 03 0005 61");
    refused(version, clients, "30 01 00", "82 00", "a2 00", "82 04 0001 0004");
  }

  @Test
  @Conforms({"MQTT-3.4.2-1", "MQTT-3.5.2-1", "MQTT-3.6.2-1", "MQTT-3.7.2-1"})
  void reasons_that_an_ack_cannot_have_are_refused(Clients clients) {
    refused(MQTT_5, clients, "40 03 0001 01", "50 03 0001 01", "62 03 0001 01", "70 03 0001 01");
    refused(MQTT_5, clients, "40 03 0001 92", "62 03 0001 87", "70 03 0001 80");
  }

  @Test
  @Conforms({"MQTT-3.14.2-1", "MQTT-4.13.1-1"})
  void a_reason_that_disconnect_cannot_have_is_refused_and_the_will_is_published(Clients clients) {
    String topic = clients.topic();
    MqttSocket watcher = clients.connected(MQTT_5).subscribe(topic, 1);
    MqttSocket socket = clients.connected(MQTT_5, how -> how.will(topic, "gone", 1, false));

    socket.send("e0 02 01 00");

    socket.expectRefused(MALFORMED_PACKET, PROTOCOL_ERROR);
    assertThat(text(watcher.receive())).isEqualTo("gone");
  }

  @Test
  @Conforms("MQTT-4.13.2-1")
  void a_client_that_says_it_ends_with_an_error_is_closed_and_its_will_is_published(
      Clients clients) {
    String topic = clients.topic();
    MqttSocket watcher = clients.connected(MQTT_5).subscribe(topic, 1);
    MqttSocket socket = clients.connected(MQTT_5, how -> how.will(topic, "gone", 1, false));

    socket.send(new Packet.Disconnect(ReasonCode.UNSPECIFIED_ERROR, Properties.NONE));

    socket.expectClosed();
    assertThat(text(watcher.receive())).isEqualTo("gone");
  }

  @EachVersion
  @Conforms({"MQTT-3.14.4-1", "v3:MQTT-3.14.4-2"})
  void what_follows_a_disconnect_is_not_processed(ProtocolVersion version, Clients clients) {
    String topic = clients.topic();
    MqttSocket watcher = clients.connected(version).subscribe(topic, 0);
    MqttSocket socket = clients.connected(version);

    socket.sendTogether(
        new Packet.Disconnect(ReasonCode.SUCCESS, Properties.NONE),
        MqttSocket.publishing(topic, "late", 0, 0));
    socket.expectClosed();

    watcher.expectNothingFrom(clients.connected(version));
  }

  @Test
  @Conforms({"MQTT-4.13.1-1", "MQTT-3.14.2-2"})
  void a_disconnect_may_not_raise_the_session_expiry_from_0(Clients clients) {
    MqttSocket socket = clients.connected(MQTT_5);

    socket.send(
        new Packet.Disconnect(
            ReasonCode.SUCCESS,
            Properties.builder().add(Property.SESSION_EXPIRY_INTERVAL, 10L).build()));

    socket.expectRefused(PROTOCOL_ERROR);
  }

  @Test
  @Conforms("MQTT-4.13.1-1")
  void a_property_that_belongs_to_another_packet_or_stands_twice_is_refused(Clients clients) {
    List<Bytes> wrong =
        List.of(
            new Bytes().raw("01 00 01 00"), // Payload Format Indicator twice
            new Bytes().raw("01 02"), // Payload Format Indicator beyond 1
            new Bytes().raw("02 00000001 02 00000001"), // Message Expiry Interval twice
            new Bytes().raw("11 00000001"), // Session Expiry Interval
            new Bytes().raw("24 01"), // Maximum QoS
            new Bytes().raw("80 01"), // an identifier that is not minimal
            new Bytes().raw("26 0001 61")); // a user property without its value

    for (Bytes properties : wrong) {
      MqttSocket socket = clients.connected(MQTT_5);
      socket.send(Raw.publish(clients.topic(), properties, "x"));

      socket.expectRefused(MALFORMED_PACKET, PROTOCOL_ERROR);
    }
  }

  @Test
  @Conforms("MQTT-2.2.2-1")
  void a_packet_of_5_0_without_property_length_is_malformed(Clients clients) {
    refused(MQTT_5, clients, "30 03 0001 61", "82 02 0001", "30 04 0001 61 05");
  }

  @EachVersion
  @Conforms({"MQTT-2.2.1-3", "v3:MQTT-2.3.1-1"})
  void packet_id_0_is_refused(ProtocolVersion version, Clients clients) {
    byte[] a = {'a'};
    List<byte[]> packets =
        List.of(
            Raw.publish(version, 0x32, a, 0, "x"),
            Raw.publish(version, 0x34, a, 0, "x"),
            Raw.subscribe(version, 0x82, 0, a, 0),
            Raw.unsubscribe(version, 0xA2, 0, a));

    for (byte[] packet : packets) {
      MqttSocket socket = clients.connected(version).send(packet);

      socket.expectRefused(MALFORMED_PACKET, PROTOCOL_ERROR);
    }
  }
}
