package io.relais.systemtests.conformance;

import static io.relais.protocol.ProtocolVersion.MQTT_5;
import static io.relais.protocol.ReasonCode.MALFORMED_PACKET;
import static io.relais.protocol.ReasonCode.PROTOCOL_ERROR;
import static io.relais.protocol.ReasonCode.TOPIC_NAME_INVALID;
import static io.relais.testkit.MqttSocket.text;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.relais.protocol.Packet;
import io.relais.protocol.PacketType;
import io.relais.protocol.Properties;
import io.relais.protocol.Property;
import io.relais.protocol.ProtocolVersion;
import io.relais.testkit.AgainstBroker;
import io.relais.testkit.Bytes;
import io.relais.testkit.Clients;
import io.relais.testkit.Conforms;
import io.relais.testkit.EachVersion;
import io.relais.testkit.MqttSocket;
import io.relais.testkit.SinceVersion311;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/// PUBLISH: its flags, retained messages, and what of it reaches subscribers.
@AgainstBroker
class PublishConformanceTest {
  @EachVersion
  @Conforms({"MQTT-3.3.4-1", "v3:MQTT-3.3.4-1"})
  void the_answer_depends_on_the_qos(ProtocolVersion version, Clients clients) {
    MqttSocket socket = clients.connected(version);
    String topic = clients.topic();

    socket.sendPublish(topic, "x", 0, 0);
    socket.expectSilence();
    socket.sendPublish(topic, "x", 1, 7);
    socket.expectAck(PacketType.PUBACK, 7);
    socket.sendPublish(topic, "x", 2, 8);
    socket.expectAck(PacketType.PUBREC, 8);
  }

  @EachVersion
  @Conforms({
    "MQTT-3.3.1-2",
    "v3:MQTT-3.3.1-2",
    "MQTT-4.3.1-1",
    "v3:MQTT-4.3.1-1",
    "MQTT-2.2.1-2",
    "v3:MQTT-2.3.1-5",
    "v3:MQTT-2.2.2-1"
  })
  void a_delivery_at_qos_0_has_no_dup_and_no_packet_id(ProtocolVersion version, Clients clients) {
    String topic = clients.topic();
    MqttSocket subscriber = clients.connected(version).subscribe(topic, 0);
    MqttSocket publisher = clients.connected(version);

    publisher.send(
        new Packet.Publish(true, 1, false, topic, 5, Properties.NONE, "exact".getBytes(UTF_8)));

    Packet.Publish message = subscriber.expectPublish();
    assertThat(message)
        .isEqualTo(
            new Packet.Publish(
                false, 0, false, topic, 0, Properties.NONE, "exact".getBytes(UTF_8)));
  }

  @EachVersion
  @Conforms({"MQTT-3.3.1-3", "v3:MQTT-3.3.1-3", "MQTT-4.3.2-2"})
  void dup_of_the_publisher_does_not_reach_subscribers(ProtocolVersion version, Clients clients) {
    String topic = clients.topic();
    MqttSocket subscriber = clients.connected(version).subscribe(topic, 1);
    MqttSocket publisher = clients.connected(version);

    publisher.send(
        new Packet.Publish(true, 1, false, topic, 5, Properties.NONE, "x".getBytes(UTF_8)));
    publisher.expectAck(PacketType.PUBACK, 5);

    Packet.Publish message = subscriber.receive();
    assertThat(message.dup()).isFalse();
    assertThat(message.qos()).isEqualTo(1);
  }

  @EachVersion
  @Conforms({"MQTT-3.3.1-4", "v3:MQTT-3.3.1-4"})
  void qos_3_is_refused_and_not_delivered(ProtocolVersion version, Clients clients) {
    String topic = clients.topic();
    MqttSocket watcher = clients.connected(version).subscribe(topic, 0);
    MqttSocket socket = clients.connected(version);

    socket.send(Raw.publish(version, 0x36, topic.getBytes(UTF_8), 1, "x"));

    socket.expectRefused(MALFORMED_PACKET, PROTOCOL_ERROR);
    watcher.expectNothingFrom(clients.connected(version));
  }

  @EachVersion
  @Conforms({"MQTT-3.3.1-5", "v3:MQTT-3.3.1-5", "v3:MQTT-3.3.1-8", "v3:MQTT-3.3.1-7"})
  void the_last_retained_message_is_the_one_that_is_kept(ProtocolVersion version, Clients clients) {
    String topic = clients.topic();
    clients
        .connected(version)
        .publishRetained(topic, "first", 0)
        .publishRetained(topic, "second", 1);

    MqttSocket later = clients.connected(version).subscribe(topic, 2);

    Packet.Publish message = later.receive();
    assertThat(text(message)).isEqualTo("second");
    assertThat(message.retain()).isTrue();
    assertThat(message.qos()).isEqualTo(1);
    later.expectNothingRetained(clients.connected(version));
  }

  @EachVersion
  @Conforms("v3:MQTT-3.3.1-7")
  void a_retained_message_of_qos_0_drives_out_the_one_before(
      ProtocolVersion version, Clients clients) {
    String topic = clients.topic();
    clients
        .connected(version)
        .publishRetained(topic, "first", 1)
        .publishRetained(topic, "second", 0)
        .expectSilence();

    MqttSocket later = clients.connected(version).subscribe(topic, 2);

    assertThat(text(later.receive())).isEqualTo("second");
    later.expectNothingRetained(clients.connected(version));
  }

  @EachVersion
  @Conforms({"v3:MQTT-3.3.1-6", "v3:MQTT-3.3.1-8"})
  void a_new_subscription_gets_the_last_message_of_each_matching_topic(
      ProtocolVersion version, Clients clients) {
    String topic = clients.topic();
    clients
        .connected(version)
        .publishRetained(topic + "/1", "old", 1)
        .publishRetained(topic + "/1", "one", 1)
        .publishRetained(topic + "/2", "two", 1)
        .publishRetained(topic + "/2/deeper", "three", 1);

    MqttSocket later = clients.connected(version).subscribe(topic + "/+", 1);

    List<Packet.Publish> messages = List.of(later.receive(), later.receive());
    assertThat(messages).extracting(MqttSocket::text).containsExactlyInAnyOrder("one", "two");
    assertThat(messages).allMatch(Packet.Publish::retain);
    later.expectNothingRetained(clients.connected(version));
  }

  @EachVersion
  @Conforms({"MQTT-3.3.1-12", "v3:MQTT-3.3.1-9"})
  void a_live_copy_of_a_retained_message_has_retain_0(ProtocolVersion version, Clients clients) {
    String topic = clients.topic();
    MqttSocket subscriber = clients.connected(version).subscribe(topic, 1);

    clients.connected(version).publishRetained(topic, "x", 1);

    assertThat(subscriber.receive().retain()).isFalse();
  }

  @EachVersion
  @Conforms({"MQTT-3.3.1-6", "v3:MQTT-3.3.1-10"})
  void an_empty_retained_message_is_delivered_and_erases_the_one_that_was_kept(
      ProtocolVersion version, Clients clients) {
    String topic = clients.topic();
    MqttSocket publisher = clients.connected(version).publishRetained(topic, "kept", 1);
    MqttSocket live = clients.connected(version).subscribe(topic, 1);
    assertThat(text(live.receive())).isEqualTo("kept");

    publisher.publishRetained(topic, "", 1);

    Packet.Publish message = live.receive();
    assertThat(text(message)).isEmpty();
    assertThat(message.retain()).isFalse();
    clients.connected(version).subscribe(topic, 1).expectNothingRetained(publisher);
  }

  @EachVersion
  @Conforms({"MQTT-3.3.1-7", "v3:MQTT-3.3.1-11"})
  void an_empty_message_is_never_kept(ProtocolVersion version, Clients clients) {
    String topic = clients.topic();
    clients.connected(version).publishRetained(topic, "", 1);

    MqttSocket later = clients.connected(version).subscribe(topic, 1);

    later.expectNothingRetained(clients.connected(version));
  }

  @EachVersion
  @Conforms({"MQTT-3.3.1-8", "v3:MQTT-3.3.1-12"})
  void a_message_without_retain_leaves_the_retained_one_as_it_was(
      ProtocolVersion version, Clients clients) {
    String topic = clients.topic();
    MqttSocket publisher = clients.connected(version).publishRetained(topic, "kept", 1);

    publisher.publish(topic, "passing", 1).publish(topic, "", 1);

    MqttSocket later = clients.connected(version).subscribe(topic, 1);
    assertThat(text(later.receive())).isEqualTo("kept");
    later.expectNothingRetained(clients.connected(version));
  }

  @EachVersion
  @Conforms("v3:MQTT-3.1.2-7")
  void retained_messages_outlive_the_session_of_their_publisher(
      ProtocolVersion version, Clients clients) {
    String topic = clients.topic();
    MqttSocket publisher = clients.connected(version).publishRetained(topic, "kept", 1);
    publisher.disconnect();

    MqttSocket later = clients.connected(version).subscribe(topic, 1);

    assertThat(text(later.receive())).isEqualTo("kept");
  }

  @Test
  @Conforms("MQTT-3.3.1-13")
  void retain_as_published_keeps_the_publishers_flag(Clients clients) {
    String topic = clients.topic();
    MqttSocket subscriber = clients.connected(MQTT_5);
    subscriber.subscribe(Properties.NONE, new Packet.Subscription(topic, 1, false, true, 0));
    MqttSocket publisher = clients.connected(MQTT_5);

    publisher.publishRetained(topic, "kept", 1).publish(topic, "passing", 1);

    assertThat(subscriber.receive().retain()).isTrue();
    assertThat(subscriber.receive().retain()).isFalse();
  }

  @EachVersion
  @Conforms({"MQTT-3.3.2-1", "v3:MQTT-3.3.2-1", "MQTT-1.5.4-1", "v3:MQTT-1.5.3-1"})
  void a_topic_that_is_not_utf_8_is_refused(ProtocolVersion version, Clients clients) {
    for (byte[] bad : Raw.NOT_UTF8) {
      MqttSocket socket = clients.connected(version);

      socket.send(Raw.publish(version, 0x30, bad, 0, "x"));

      socket.expectRefused(MALFORMED_PACKET, PROTOCOL_ERROR, TOPIC_NAME_INVALID);
    }
  }

  @EachVersion
  @Conforms({"MQTT-1.5.4-2", "v3:MQTT-1.5.3-2", "MQTT-4.7.3-2", "v3:MQTT-4.7.3-2"})
  void a_topic_with_u_0000_is_refused(ProtocolVersion version, Clients clients) {
    MqttSocket socket = clients.connected(version);

    socket.send(Raw.publish(version, 0x30, Raw.WITH_NUL, 0, "x"));

    socket.expectRefused(MALFORMED_PACKET, PROTOCOL_ERROR, TOPIC_NAME_INVALID);
  }

  @EachVersion
  @Conforms({"MQTT-3.3.2-2", "v3:MQTT-3.3.2-2", "MQTT-4.7.0-1", "v3:MQTT-4.7.1-1"})
  void a_topic_with_a_wildcard_is_refused_and_nobody_gets_it(
      ProtocolVersion version, Clients clients) {
    String topic = clients.topic();
    MqttSocket watcher = clients.connected(version).subscribe(topic + "/#", 0);

    for (String wildcard : List.of("/+", "/#", "/a+", "/a/#/b")) {
      MqttSocket socket = clients.connected(version);
      socket.sendPublish(topic + wildcard, "x", 0, 0);

      socket.expectRefused(MALFORMED_PACKET, PROTOCOL_ERROR, TOPIC_NAME_INVALID);
    }
    watcher.expectNothingFrom(clients.connected(version));
  }

  @EachVersion
  @Conforms({"MQTT-4.7.3-1", "v3:MQTT-4.7.3-1"})
  void an_empty_topic_is_refused(ProtocolVersion version, Clients clients) {
    MqttSocket socket = clients.connected(version);

    socket.sendPublish("", "x", 0, 0);

    socket.expectRefused(MALFORMED_PACKET, PROTOCOL_ERROR, TOPIC_NAME_INVALID);
  }

  @SinceVersion311
  @Conforms({"MQTT-1.5.4-3", "v3:MQTT-1.5.3-3"})
  void u_feff_is_a_character_like_others(ProtocolVersion version, Clients clients) {
    String plain = clients.topic();
    String marked = "\uFEFF" + plain;
    MqttSocket toPlain = clients.connected(version).subscribe(plain, 0);
    MqttSocket toMarked = clients.connected(version).subscribe(marked, 0);
    MqttSocket publisher = clients.connected(version);

    publisher.publish(marked, "x", 0);

    assertThat(toMarked.expectPublish().topic()).isEqualTo(marked);
    toPlain.expectNothingFrom(publisher);
  }

  @EachVersion
  @Conforms({"MQTT-4.5.0-1", "v3:MQTT-4.5.0-1", "v3:MQTT-3.1.2-5"})
  void each_matching_session_gets_the_message_whether_it_is_connected_or_not(
      ProtocolVersion version, Clients clients) {
    String topic = clients.topic();
    String away = clients.id();
    MqttSocket leaving = clients.open(version);
    leaving.connect(away, how -> how.persistent());
    leaving.subscribe(topic, 1).disconnect();
    MqttSocket online = clients.connected(version).subscribe(topic, 1);
    MqttSocket wildcard = clients.connected(version).subscribe(topic + "/#", 2);

    clients.connected(version).publish(topic, "all", 2);

    MqttSocket back = clients.open(version);
    back.connect(away, how -> how.persistent());
    for (MqttSocket subscriber : List.of(online, wildcard, back)) {
      assertThat(text(subscriber.receive())).isEqualTo("all");
    }
  }

  @EachVersion
  @Conforms({"MQTT-3.3.4-2", "v3:MQTT-3.3.5-1"})
  void overlapping_filters_give_the_highest_of_their_qos(ProtocolVersion version, Clients clients) {
    String topic = clients.topic();
    MqttSocket subscriber =
        clients.connected(version).subscribe(topic + "/#", 0).subscribe(topic + "/a", 2);
    MqttSocket publisher = clients.connected(version);

    publisher.publish(topic + "/a", "x", 2);

    // One copy at QoS 2, or one for each subscription: both are fine.
    Packet.Publish message = subscriber.receive();
    int highest = message.qos() == 2 ? 2 : subscriber.receive().qos();
    assertThat(highest).isEqualTo(2);
  }

  private static Properties forwarded(Clients clients, Properties properties) {
    String topic = clients.topic();
    MqttSocket subscriber = clients.connected(MQTT_5).subscribe(topic, 1);

    clients.connected(MQTT_5).publish(topic, "x", 1, false, properties);

    return subscriber.receive().properties();
  }

  @Test
  @Conforms("MQTT-3.3.2-4")
  void payload_format_is_forwarded_as_it_is(Clients clients) {
    for (int format : new int[] {0, 1}) {
      Properties sent = Properties.builder().add(Property.PAYLOAD_FORMAT_INDICATOR, format).build();

      assertThat(forwarded(clients, sent)).isEqualTo(sent);
    }
    assertThat(forwarded(clients, Properties.NONE)).isEqualTo(Properties.NONE);
  }

  @Test
  @Conforms({"MQTT-3.3.2-15", "MQTT-3.3.2-16"})
  void response_topic_and_correlation_data_are_forwarded_as_they_are(Clients clients) {
    Properties sent =
        Properties.builder()
            .add(Property.RESPONSE_TOPIC, "answers/é/1")
            .add(Property.CORRELATION_DATA, new byte[] {0, -1, 0, 1})
            .build();

    Properties got = forwarded(clients, sent);

    assertThat(got.string(Property.RESPONSE_TOPIC)).isEqualTo("answers/é/1");
    assertThat(got.binary(Property.CORRELATION_DATA)).isEqualTo(new byte[] {0, -1, 0, 1});
  }

  @Test
  @Conforms("MQTT-3.3.2-20")
  void content_type_is_forwarded_as_it_is(Clients clients) {
    Properties sent = Properties.builder().add(Property.CONTENT_TYPE, "text/plain; é").build();

    assertThat(forwarded(clients, sent)).isEqualTo(sent);
  }

  private static Properties userProperties() {
    return Properties.builder()
        .addUser("b", "1")
        .addUser("a", "")
        .addUser("b", "2")
        .addUser("", "")
        .addUser("b", "1")
        .build();
  }

  @Test
  @Conforms({"MQTT-3.3.2-17", "MQTT-3.3.2-18"})
  void user_properties_are_forwarded_all_and_in_order(Clients clients) {
    Properties got = forwarded(clients, userProperties());

    assertThat(got.userProperties()).isEqualTo(userProperties().userProperties());
  }

  @Test
  @Conforms("MQTT-3.3.2-18")
  void user_properties_keep_their_order_in_retained_messages_and_backlogs(Clients clients) {
    String topic = clients.topic();
    String away = clients.id();
    MqttSocket leaving = clients.open(MQTT_5);
    leaving.connect(away, how -> how.persistent());
    leaving.subscribe(topic, 1).disconnect();

    clients.connected(MQTT_5).publish(topic, "x", 1, true, userProperties());

    MqttSocket back = clients.open(MQTT_5);
    back.connect(away, how -> how.persistent());
    MqttSocket later = clients.connected(MQTT_5).subscribe(topic, 1);
    for (MqttSocket subscriber : List.of(back, later)) {
      assertThat(subscriber.receive().properties().userProperties())
          .isEqualTo(userProperties().userProperties());
    }
  }

  private static void refusedWith(Clients clients, Bytes properties) {
    MqttSocket socket = clients.connected(MQTT_5);

    socket.send(Raw.publish(clients.topic(), properties, "x"));

    socket.expectRefused(MALFORMED_PACKET, PROTOCOL_ERROR, TOPIC_NAME_INVALID);
  }

  @Test
  @Conforms({"MQTT-3.3.2-13", "MQTT-3.3.2-19", "MQTT-1.5.7-1"})
  void strings_among_the_properties_have_to_be_utf_8(Clients clients) {
    for (byte[] bad : Raw.NOT_UTF8) {
      refusedWith(clients, new Bytes().u8(Property.RESPONSE_TOPIC.id()).binary(bad));
      refusedWith(clients, new Bytes().u8(Property.CONTENT_TYPE.id()).binary(bad));
      refusedWith(clients, new Bytes().u8(Property.USER_PROPERTY.id()).binary(bad).string("v"));
      refusedWith(clients, new Bytes().u8(Property.USER_PROPERTY.id()).string("n").binary(bad));
    }
  }

  @Test
  @Conforms("MQTT-1.5.4-2")
  void strings_among_the_properties_hold_no_u_0000(Clients clients) {
    refusedWith(clients, new Bytes().u8(Property.CONTENT_TYPE.id()).binary(Raw.WITH_NUL));
    refusedWith(
        clients, new Bytes().u8(Property.USER_PROPERTY.id()).string("n").binary(Raw.WITH_NUL));
  }

  @Test
  @Conforms("MQTT-3.3.2-14")
  void a_response_topic_with_a_wildcard_is_refused(Clients clients) {
    refusedWith(clients, new Bytes().u8(Property.RESPONSE_TOPIC.id()).string("a/#"));
    refusedWith(clients, new Bytes().u8(Property.RESPONSE_TOPIC.id()).string("a/+/b"));
  }

  @Test
  @Conforms("MQTT-3.3.4-6")
  void a_subscription_identifier_from_a_client_is_refused(Clients clients) {
    refusedWith(clients, new Bytes().u8(Property.SUBSCRIPTION_IDENTIFIER.id()).u8(1));
  }

  @Test
  @Conforms({"MQTT-3.3.4-3", "MQTT-3.3.4-4", "MQTT-3.3.4-5"})
  void the_identifiers_of_all_matching_subscriptions_come_along(Clients clients) {
    String topic = clients.topic();
    MqttSocket subscriber = clients.connected(MQTT_5);
    subscriber.subscribe(identifier(1), MqttSocket.subscription(topic + "/#", 1));
    subscriber.subscribe(identifier(268_435_455), MqttSocket.subscription(topic + "/a", 1));
    subscriber.subscribe(topic + "/+", 1);
    MqttSocket publisher = clients.connected(MQTT_5);

    publisher.publish(topic + "/a", "x", 1);

    // One copy with both, or a copy for each subscription with its own.
    List<Integer> identifiers = new ArrayList<>(identifiers(subscriber.receive()));
    if (identifiers.size() < 2) {
      identifiers.addAll(identifiers(subscriber.receive()));
      identifiers.addAll(identifiers(subscriber.receive()));
    }
    assertThat(identifiers).containsExactlyInAnyOrder(1, 268_435_455);
    subscriber.expectNothingFrom(publisher);
  }

  private static Properties identifier(int identifier) {
    return Properties.builder().add(Property.SUBSCRIPTION_IDENTIFIER, identifier).build();
  }

  private static List<Integer> identifiers(Packet.Publish message) {
    return message.properties().entries().stream()
        .filter(entry -> entry.property() == Property.SUBSCRIPTION_IDENTIFIER)
        .map(entry -> (Integer) entry.value())
        .toList();
  }
}
