package io.relais.systemtests.conformance;

import static io.relais.protocol.ProtocolVersion.MQTT_5;
import static io.relais.protocol.ReasonCode.MALFORMED_PACKET;
import static io.relais.protocol.ReasonCode.PROTOCOL_ERROR;
import static io.relais.protocol.ReasonCode.TOPIC_ALIAS_INVALID;
import static io.relais.protocol.ReasonCode.TOPIC_NAME_INVALID;
import static io.relais.testkit.MqttSocket.text;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.relais.protocol.Packet;
import io.relais.protocol.PacketType;
import io.relais.protocol.Properties;
import io.relais.protocol.Property;
import io.relais.testkit.AgainstBroker;
import io.relais.testkit.Clients;
import io.relais.testkit.Conforms;
import io.relais.testkit.MqttSocket;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

/// Topic aliases, those of clients and those of the server.
@AgainstBroker
class TopicAliasConformanceTest {
  private static Packet.Publish aliased(String topic, int alias, String payload, int qos, int id) {
    return new Packet.Publish(
        false,
        qos,
        false,
        topic,
        id,
        Properties.builder().add(Property.TOPIC_ALIAS, alias).build(),
        payload.getBytes(UTF_8));
  }

  private static int aliasMax(Packet.Connack connack) {
    return connack.properties().intValue(Property.TOPIC_ALIAS_MAXIMUM, 0);
  }

  // Toward the server

  @Test
  @Conforms("MQTT-3.3.2-12")
  void each_alias_up_to_the_maximum_stands_for_its_topic(Clients clients) {
    String topic = clients.topic();
    MqttSocket subscriber = clients.connected(MQTT_5).subscribe(topic + "/#", 0);
    MqttSocket publisher = clients.open(MQTT_5);
    int most = aliasMax(publisher.connect(clients.id()));
    assertThat(most).as("Topic Alias Maximum of the server").isPositive();

    for (int alias = 1; alias <= most; alias++) {
      publisher.send(aliased(topic + "/" + alias, alias, "set", 0, 0));
    }
    for (int alias = most; alias >= 1; alias--) {
      publisher.send(aliased("", alias, "used", 0, 0));
    }

    for (int alias = 1; alias <= most; alias++) {
      assertThat(subscriber.expectPublish().topic()).isEqualTo(topic + "/" + alias);
    }
    for (int alias = most; alias >= 1; alias--) {
      Packet.Publish message = subscriber.expectPublish();
      assertThat(message.topic()).isEqualTo(topic + "/" + alias);
      assertThat(text(message)).isEqualTo("used");
    }
  }

  @Test
  @Conforms("MQTT-3.3.2-12")
  void an_alias_works_at_each_qos_and_may_be_given_another_topic(Clients clients) {
    String topic = clients.topic();
    MqttSocket subscriber = clients.connected(MQTT_5).subscribe(topic + "/#", 2);
    MqttSocket publisher = clients.connected(MQTT_5);

    publisher.send(aliased(topic + "/old", 1, "1", 1, 1));
    publisher.expectAck(PacketType.PUBACK, 1);
    publisher.send(aliased("", 1, "2", 2, 2));
    publisher.expectAck(PacketType.PUBREC, 2);
    publisher.sendPubrel(2);
    publisher.expectAck(PacketType.PUBCOMP, 2);
    publisher.send(aliased(topic + "/new", 1, "3", 0, 0)).send(aliased("", 1, "4", 0, 0));

    List<Packet.Publish> messages =
        List.of(
            subscriber.receive(), subscriber.receive(), subscriber.receive(), subscriber.receive());
    assertThat(messages)
        .extracting(Packet.Publish::topic)
        .containsExactly(topic + "/old", topic + "/old", topic + "/new", topic + "/new");
  }

  @Test
  @Conforms("MQTT-3.3.2-12")
  void aliases_of_one_client_mean_nothing_for_another(Clients clients) {
    String topic = clients.topic();
    clients.connected(MQTT_5).send(aliased(topic, 1, "x", 0, 0)).expectSilence();
    MqttSocket other = clients.connected(MQTT_5);

    other.send(aliased("", 1, "x", 0, 0));

    other.expectRefused(PROTOCOL_ERROR, TOPIC_ALIAS_INVALID);
  }

  @Test
  void a_refused_topic_sets_no_alias(Clients clients) {
    MqttSocket socket = clients.connected(MQTT_5);

    socket.send(aliased("a/#", 1, "x", 0, 0)).send(aliased("", 1, "x", 0, 0));

    socket.expectRefused(MALFORMED_PACKET, PROTOCOL_ERROR, TOPIC_NAME_INVALID);
  }

  // From the server

  /// What one connection learned of the server's aliases; checks each message against the rules.
  private static final class Learned {
    private final int most;
    private final Map<Integer, String> topics = new HashMap<>();
    private final Set<Integer> used = new HashSet<>();

    Learned(int most) {
      this.most = most;
    }

    String topic(Packet.Publish message) {
      int alias = message.properties().intValue(Property.TOPIC_ALIAS, 0);
      if (alias == 0) {
        return message.topic();
      }
      assertThat(alias).isBetween(1, most);
      used.add(alias);
      if (!message.topic().isEmpty()) {
        topics.put(alias, message.topic());
      }
      assertThat(topics).containsKey(alias);
      return topics.getOrDefault(alias, "");
    }
  }

  @Test
  @Conforms({"MQTT-3.1.2-26", "MQTT-3.3.2-11", "MQTT-3.3.2-8"})
  void the_servers_aliases_stay_within_the_clients_maximum_and_mean_the_right_topic(
      Clients clients) {
    for (int qos = 0; qos <= 2; qos++) {
      String topic = clients.topic();
      MqttSocket subscriber =
          clients.connected(MQTT_5, how -> how.property(Property.TOPIC_ALIAS_MAXIMUM, 2));
      subscriber.subscribe(topic + "/+", qos);
      MqttSocket publisher = clients.connected(MQTT_5);
      Learned learned = new Learned(2);

      for (int i = 0; i < 40; i++) {
        publisher.publish(topic + "/" + i % 10, "" + i, qos);
      }

      for (int i = 0; i < 40; i++) {
        Packet.Publish message = subscriber.receive();
        assertThat(text(message)).isEqualTo("" + i);
        assertThat(learned.topic(message)).isEqualTo(topic + "/" + i % 10);
      }
    }
  }

  @Test
  @Conforms("MQTT-3.1.2-26")
  void a_maximum_of_65535_is_fine_too(Clients clients) {
    String topic = clients.topic();
    MqttSocket subscriber =
        clients.connected(MQTT_5, how -> how.property(Property.TOPIC_ALIAS_MAXIMUM, 65_535));
    subscriber.subscribe(topic + "/+", 0);
    MqttSocket publisher = clients.connected(MQTT_5);
    Learned learned = new Learned(65_535);

    for (int i = 0; i < 500; i++) {
      publisher.publish(topic + "/" + i % 250, "" + i, 0);
    }

    for (int i = 0; i < 500; i++) {
      assertThat(learned.topic(subscriber.receive())).isEqualTo(topic + "/" + i % 250);
    }
  }

  @Test
  @Conforms("MQTT-3.3.2-7")
  void what_is_sent_again_on_a_new_connection_has_its_topic(Clients clients) {
    String topic = clients.topic();
    String id = clients.id();
    MqttSocket before = clients.open(MQTT_5);
    before.connect(id, how -> how.persistent().property(Property.TOPIC_ALIAS_MAXIMUM, 5));
    before.subscribe(topic, 1);
    clients.connected(MQTT_5).publish(topic, "1", 1).publish(topic, "2", 1).publish(topic, "3", 1);
    for (int i = 0; i < 3; i++) {
      before.expectPublish();
    }
    before.cut();

    MqttSocket back = clients.open(MQTT_5);
    back.connect(id, how -> how.persistent().property(Property.TOPIC_ALIAS_MAXIMUM, 5));

    Learned learned = new Learned(5);
    for (int i = 1; i <= 3; i++) {
      Packet.Publish message = back.receive();
      assertThat(learned.topic(message)).isEqualTo(topic);
      assertThat(text(message)).isEqualTo("" + i);
    }
  }
}
