package io.relais.systemtests.conformance;

import static io.relais.protocol.ProtocolVersion.MQTT_5;
import static io.relais.testkit.MqttSocket.text;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.relais.protocol.Packet;
import io.relais.protocol.PacketType;
import io.relais.protocol.Properties;
import io.relais.protocol.Property;
import io.relais.protocol.ReasonCode;
import io.relais.testkit.AgainstBroker;
import io.relais.testkit.Bytes;
import io.relais.testkit.Clients;
import io.relais.testkit.Conforms;
import io.relais.testkit.MqttSocket;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/// What each side of MQTT 5.0 may ask of the other: windows, packet sizes and topic aliases.
@AgainstBroker
class FlowConformanceTest {
  private static MqttSocket withWindow(Clients clients, int receiveMaximum) {
    return clients.connected(MQTT_5, how -> how.property(Property.RECEIVE_MAXIMUM, receiveMaximum));
  }

  @Test
  @Conforms({"MQTT-4.9.0-1", "MQTT-4.9.0-2", "MQTT-3.3.4-9"})
  void no_more_than_receive_maximum_messages_wait_for_their_ack(Clients clients) {
    String topic = clients.topic();
    MqttSocket subscriber = withWindow(clients, 2).subscribe(topic, 2);
    MqttSocket publisher = clients.connected(MQTT_5);

    for (int i = 0; i < 5; i++) {
      publisher.publish(topic, String.valueOf(i), i % 2 + 1);
    }

    // QoS 1, 2, 1, 2, 1: two at once, then one for each PUBACK or PUBCOMP.
    Packet.Publish first = subscriber.expectPublish();
    Packet.Publish second = subscriber.expectPublish();
    subscriber.expectSilence();
    subscriber.sendPuback(first.packetId());
    Packet.Publish third = subscriber.expectPublish();
    subscriber.expectSilence();
    subscriber.sendPubrec(second.packetId());
    subscriber.expectAck(PacketType.PUBREL, second.packetId());
    subscriber.expectSilence();
    subscriber.sendPubcomp(second.packetId());
    Packet.Publish fourth = subscriber.expectPublish();
    subscriber.expectSilence();
    subscriber.send(
        new Packet.Pubrec(fourth.packetId(), ReasonCode.UNSPECIFIED_ERROR, Properties.NONE));
    Packet.Publish fifth = subscriber.expectPublish();
    assertThat(List.of(first, second, third, fourth, fifth))
        .extracting(MqttSocket::text)
        .containsExactly("0", "1", "2", "3", "4");
  }

  @Test
  @Conforms("MQTT-4.9.0-1")
  void a_window_of_1_gives_one_message_at_a_time(Clients clients) {
    String topic = clients.topic();
    MqttSocket subscriber = withWindow(clients, 1).subscribe(topic, 1);
    MqttSocket publisher = clients.connected(MQTT_5);

    publisher.publish(topic, "a", 1).publish(topic, "b", 1).publish(topic, "c", 1);

    for (String expected : List.of("a", "b", "c")) {
      Packet.Publish message = subscriber.expectPublish();
      assertThat(text(message)).isEqualTo(expected);
      subscriber.expectSilence();
      subscriber.sendPuback(message.packetId());
    }
  }

  @Test
  @Conforms({"MQTT-4.9.0-3", "MQTT-3.3.4-10"})
  void a_full_window_holds_up_nothing_else(Clients clients) {
    String topic = clients.topic();
    MqttSocket subscriber = withWindow(clients, 1).subscribe(topic, 2);
    MqttSocket publisher = clients.connected(MQTT_5);
    publisher.publish(topic, "fills", 2).publish(topic, "waits", 1);
    int id = subscriber.expectPublish().packetId();

    subscriber.expectSilence();
    subscriber.sendSubscribe(9, topic + "/other", 0);
    subscriber.expectAck(PacketType.SUBACK, 9);
    publisher.publish(topic + "/other", "passes", 0);
    assertThat(text(subscriber.expectPublish())).isEqualTo("passes");
    subscriber.sendPublish(clients.topic(), "x", 1, 10);
    subscriber.expectAck(PacketType.PUBACK, 10);
    subscriber.sendPubrec(id);
    subscriber.expectAck(PacketType.PUBREL, id);
  }

  @Test
  @Conforms("MQTT-3.3.4-7")
  void a_client_that_exceeds_the_servers_window_is_disconnected(Clients clients) {
    MqttSocket socket = clients.open(MQTT_5);
    int window =
        socket.connect(clients.id()).properties().intValue(Property.RECEIVE_MAXIMUM, 65_535);
    String topic = clients.topic();
    Bytes all = new Bytes();
    for (int id = 1; id <= Math.min(window + 1, 65_535); id++) {
      all.raw(Raw.publish(MQTT_5, 0x34, topic.getBytes(UTF_8), id, ""));
    }

    socket.send(all.toArray());

    for (int id = 1; id <= window; id++) {
      Packet packet = socket.expectRefusedOr(ReasonCode.RECEIVE_MAXIMUM_EXCEEDED);
      if (packet == null) {
        return;
      }
      assertThat(packet).isInstanceOf(Packet.Pubrec.class);
    }
    socket.expectRefused(ReasonCode.RECEIVE_MAXIMUM_EXCEEDED);
  }

  @Test
  @Conforms({"MQTT-3.1.2-24", "MQTT-3.1.2-25"})
  void a_message_too_large_for_the_client_is_dropped_as_if_delivered(Clients clients) {
    String topic = clients.topic();
    String id = clients.id();
    MqttSocket subscriber = clients.open(MQTT_5);
    subscriber.connect(
        id,
        how ->
            how.persistent()
                .property(Property.MAXIMUM_PACKET_SIZE, 64L)
                .property(Property.RECEIVE_MAXIMUM, 1));
    subscriber.subscribe(topic, 1);
    MqttSocket publisher = clients.connected(MQTT_5);

    publisher.publish(topic, "x".repeat(1024), 1).publish(topic, "small", 1);

    assertThat(text(subscriber.receive())).isEqualTo("small");
    subscriber.expectSilence();
    subscriber.cut();
    MqttSocket again = clients.open(MQTT_5);
    again.connect(id, how -> how.persistent());
    again.expectNothingFrom(publisher);
  }

  @Test
  @Conforms("MQTT-3.2.2-15")
  void a_packet_larger_than_the_server_takes_ends_the_connection(Clients clients) {
    MqttSocket socket = clients.open(MQTT_5);
    long maximum =
        socket
            .connect(clients.id())
            .properties()
            .longValue(Property.MAXIMUM_PACKET_SIZE, 268_435_460);

    // The fixed header alone tells.
    socket.send(new Bytes().u8(0x30).variable(Math.toIntExact(maximum)).toArray());

    socket.expectRefused(ReasonCode.PACKET_TOO_LARGE);
  }

  private static Properties alias(int alias) {
    return Properties.builder().add(Property.TOPIC_ALIAS, alias).build();
  }

  private static Packet aliased(String topic, int alias, String payload) {
    return new Packet.Publish(false, 0, false, topic, 0, alias(alias), payload.getBytes(UTF_8));
  }

  private static int aliasMaximum(Packet.Connack connack) {
    return connack.properties().intValue(Property.TOPIC_ALIAS_MAXIMUM, 0);
  }

  @Test
  @Conforms("MQTT-3.3.2-12")
  void each_alias_up_to_the_announced_maximum_is_accepted(Clients clients) {
    String topic = clients.topic();
    MqttSocket subscriber = clients.connected(MQTT_5).subscribe(topic + "/#", 0);
    MqttSocket publisher = clients.open(MQTT_5);
    int maximum = aliasMaximum(publisher.connect(clients.id()));

    publisher.send(aliased(topic + "/first", 1, "1"));
    publisher.send(aliased(topic + "/last", maximum, "2"));
    publisher.send(aliased("", 1, "3"));
    publisher.send(aliased("", maximum, "4"));
    publisher.send(aliased(topic + "/moved", 1, "5"));
    publisher.send(aliased("", 1, "6"));

    List<String> got = new ArrayList<>();
    for (int i = 0; i < 6; i++) {
      Packet.Publish message = subscriber.expectPublish();
      got.add(message.topic().substring(topic.length()) + " " + text(message));
      assertThat(message.properties()).isEqualTo(Properties.NONE);
    }
    assertThat(got)
        .containsExactly("/first 1", "/last 2", "/first 3", "/last 4", "/moved 5", "/moved 6");
  }

  @Test
  @Conforms({"MQTT-3.3.2-8", "MQTT-3.3.2-9", "MQTT-3.2.2-17"})
  void alias_0_and_aliases_above_the_maximum_are_refused(Clients clients) {
    MqttSocket zero = clients.connected(MQTT_5);
    MqttSocket above = clients.open(MQTT_5);
    int maximum = aliasMaximum(above.connect(clients.id()));

    zero.send(aliased(clients.topic(), 0, "x"));
    above.send(aliased(clients.topic(), maximum + 1, "x"));

    zero.expectRefused(
        ReasonCode.TOPIC_ALIAS_INVALID, ReasonCode.PROTOCOL_ERROR, ReasonCode.MALFORMED_PACKET);
    above.expectRefused(ReasonCode.TOPIC_ALIAS_INVALID, ReasonCode.PROTOCOL_ERROR);
  }

  @Test
  @Conforms("MQTT-3.3.2-7")
  void aliases_end_with_the_connection(Clients clients) {
    String id = clients.id();
    MqttSocket first = clients.open(MQTT_5);
    first.connect(id, how -> how.persistent());
    first.send(aliased(clients.topic(), 1, "x")).expectSilence();
    first.disconnect();

    MqttSocket second = clients.open(MQTT_5);
    second.connect(id, how -> how.persistent());
    second.send(aliased("", 1, "x"));

    second.expectRefused(ReasonCode.PROTOCOL_ERROR, ReasonCode.TOPIC_ALIAS_INVALID);
  }

  @Test
  @Conforms("MQTT-4.13.1-1")
  void an_alias_that_was_never_set_is_refused(Clients clients) {
    MqttSocket socket = clients.connected(MQTT_5);

    socket.send(aliased("", 1, "x"));

    socket.expectRefused(ReasonCode.PROTOCOL_ERROR, ReasonCode.TOPIC_ALIAS_INVALID);
  }

  /// Publishes on ten topics, twice each, and gives the aliases that came to the subscriber; checks
  /// that each message is on the right topic.
  private static List<Integer> aliasesToward(Clients clients, MqttSocket subscriber) {
    String topic = clients.topic();
    subscriber.subscribe(topic + "/#", 0);
    MqttSocket publisher = clients.connected(MQTT_5);
    Map<Integer, String> known = new HashMap<>();
    List<Integer> aliases = new ArrayList<>();
    for (int i = 0; i < 20; i++) {
      String expected = topic + "/" + i % 10;
      publisher.publish(expected, "x", 0);
      Packet.Publish message = subscriber.expectPublish();
      int alias = message.properties().intValue(Property.TOPIC_ALIAS, 0);
      if (alias > 0) {
        aliases.add(alias);
        if (!message.topic().isEmpty()) {
          known.put(alias, message.topic());
        }
      }
      assertThat(message.topic().isEmpty() ? known.get(alias) : message.topic())
          .isEqualTo(expected);
    }
    return aliases;
  }

  @Test
  @Conforms({"MQTT-3.1.2-26", "MQTT-3.3.2-11", "MQTT-3.3.2-8"})
  void aliases_of_the_server_stay_within_what_the_client_takes(Clients clients) {
    MqttSocket subscriber =
        clients.connected(MQTT_5, how -> how.property(Property.TOPIC_ALIAS_MAXIMUM, 2));

    assertThat(aliasesToward(clients, subscriber)).allMatch(alias -> alias == 1 || alias == 2);
  }

  @Test
  @Conforms("MQTT-3.1.2-27")
  void a_client_that_takes_no_aliases_gets_none(Clients clients) {
    MqttSocket absent = clients.connected(MQTT_5);
    MqttSocket zero =
        clients.connected(MQTT_5, how -> how.property(Property.TOPIC_ALIAS_MAXIMUM, 0));

    assertThat(aliasesToward(clients, absent)).isEmpty();
    assertThat(aliasesToward(clients, zero)).isEmpty();
  }
}
