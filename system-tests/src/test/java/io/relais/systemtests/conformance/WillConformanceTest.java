package io.relais.systemtests.conformance;

import static io.relais.protocol.ProtocolVersion.MQTT_5;
import static io.relais.testkit.MqttSocket.text;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.relais.protocol.Packet;
import io.relais.protocol.Properties;
import io.relais.protocol.Property;
import io.relais.protocol.ProtocolVersion;
import io.relais.protocol.ReasonCode;
import io.relais.testkit.AgainstBroker;
import io.relais.testkit.Clients;
import io.relais.testkit.Conforms;
import io.relais.testkit.EachVersion;
import io.relais.testkit.MqttSocket;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/// Wills, and keep-alive, which is what publishes most of them.
@AgainstBroker
class WillConformanceTest {
  private static final Properties DELAYED_2_S =
      Properties.builder().add(Property.WILL_DELAY_INTERVAL, 2L).build();

  @EachVersion
  @Conforms({
    "MQTT-3.1.2-7",
    "MQTT-3.1.2-8",
    "v3:MQTT-3.1.2-8",
    "MQTT-3.1.2-10",
    "v3:MQTT-3.1.2-10",
    "MQIsdp-17"
  })
  void the_will_is_published_once_when_the_connection_is_cut(
      ProtocolVersion version, Clients clients) {
    String topic = clients.topic();
    MqttSocket watcher = clients.connected(version).subscribe(topic, 1);
    String id = clients.id();
    MqttSocket first = clients.open(version);
    first.connect(id, how -> how.will(topic, "gone", 1, false));

    first.cut();

    assertThat(text(watcher.receive())).isEqualTo("gone");
    MqttSocket second = clients.open(version);
    second.connect(id);
    second.cut();
    MqttSocket third = clients.open(version);
    third.connect(id);
    watcher.expectNothingFrom(third);
  }

  @EachVersion
  @Conforms({"MQTT-3.1.2-8", "v3:MQTT-3.1.2-8"})
  void the_will_is_published_when_the_client_closes_without_disconnect(
      ProtocolVersion version, Clients clients) {
    String topic = clients.topic();
    MqttSocket watcher = clients.connected(version).subscribe(topic, 1);
    MqttSocket socket = clients.connected(version, how -> how.will(topic, "gone", 1, false));

    socket.close();

    assertThat(text(watcher.receive())).isEqualTo("gone");
  }

  @EachVersion
  @Conforms({"MQTT-3.1.2-8", "v3:MQTT-3.1.2-8", "MQIsdp-17"})
  void the_will_is_published_when_another_connection_takes_over(
      ProtocolVersion version, Clients clients) {
    String topic = clients.topic();
    String id = clients.id();
    MqttSocket watcher = clients.connected(version).subscribe(topic, 1);
    clients.open(version).connect(id, how -> how.will(topic, "gone", 1, false));

    clients.open(version).connect(id);

    assertThat(text(watcher.receive())).isEqualTo("gone");
  }

  @EachVersion
  @Conforms({
    "MQTT-3.1.2-10",
    "v3:MQTT-3.1.2-10",
    "MQTT-3.14.4-3",
    "v3:MQTT-3.14.4-3",
    "MQTT-3.1.2-8"
  })
  void a_disconnect_drops_the_will(ProtocolVersion version, Clients clients) {
    String topic = clients.topic();
    String id = clients.id();
    MqttSocket watcher = clients.connected(version).subscribe(topic, 1);
    MqttSocket socket = clients.open(version);
    socket.connect(id, how -> how.will(topic, "no", 1, true));

    socket.disconnect();

    MqttSocket again = clients.open(version);
    again.connect(id);
    watcher.expectNothingFrom(again);
    clients
        .connected(version)
        .subscribe(topic, 1)
        .expectNothingRetained(clients.connected(version));
  }

  @Test
  @Conforms({"MQTT-3.14.4-3", "MQTT-3.1.2-8"})
  void a_disconnect_that_asks_for_it_publishes_the_will(Clients clients) {
    String topic = clients.topic();
    MqttSocket watcher = clients.connected(MQTT_5).subscribe(topic, 1);
    MqttSocket socket = clients.connected(MQTT_5, how -> how.will(topic, "gone", 1, false));

    socket.disconnect(ReasonCode.DISCONNECT_WITH_WILL, Properties.NONE);

    assertThat(text(watcher.receive())).isEqualTo("gone");
  }

  @EachVersion
  @Conforms({"v3:MQTT-3.1.2-12"})
  void without_a_will_nothing_is_published(ProtocolVersion version, Clients clients) {
    String id = clients.id();
    String topic = clients.topic();
    MqttSocket watcher = clients.connected(version).subscribe(topic + "/#", 0);
    MqttSocket socket = clients.open(version);
    socket.connect(id);
    socket.cut();

    MqttSocket again = clients.open(version);
    again.connect(id);

    watcher.expectNothingFrom(again);
  }

  @EachVersion
  @Conforms({"MQTT-3.1.2-14", "v3:MQTT-3.1.2-16"})
  void a_will_without_retain_is_not_kept(ProtocolVersion version, Clients clients) {
    String topic = clients.topic();
    MqttSocket watcher = clients.connected(version).subscribe(topic, 1);
    clients.connected(version, how -> how.will(topic, "gone", 1, false)).cut();
    assertThat(text(watcher.receive())).isEqualTo("gone");

    clients
        .connected(version)
        .subscribe(topic, 1)
        .expectNothingRetained(clients.connected(version));
  }

  @EachVersion
  @Conforms({"MQTT-3.1.2-15", "v3:MQTT-3.1.2-17"})
  void a_will_with_retain_is_kept(ProtocolVersion version, Clients clients) {
    String topic = clients.topic();
    MqttSocket watcher = clients.connected(version).subscribe(topic, 1);
    clients.connected(version, how -> how.will(topic, "gone", 1, true)).cut();
    assertThat(watcher.receive().retain()).isFalse();

    Packet.Publish kept = clients.connected(version).subscribe(topic, 1).receive();

    assertThat(text(kept)).isEqualTo("gone");
    assertThat(kept.retain()).isTrue();
  }

  @EachVersion
  @Conforms({"MQTT-3.1.2-12", "v3:MQTT-3.1.2-14", "v3:MQTT-3.1.2-9"})
  void a_will_has_the_qos_that_was_asked_for(ProtocolVersion version, Clients clients) {
    for (int qos = 0; qos <= 2; qos++) {
      int q = qos;
      String topic = clients.topic();
      MqttSocket watcher = clients.connected(version).subscribe(topic, 2);

      clients.connected(version, how -> how.will(topic, "gone", q, false)).cut();

      assertThat(watcher.receive().qos()).isEqualTo(qos);
    }
  }

  @EachVersion
  @Conforms("MQIsdp-15")
  void a_will_message_is_any_bytes(ProtocolVersion version, Clients clients) {
    String topic = clients.topic();
    byte[] payload = {(byte) 0xFF, 0, (byte) 0xC0};
    MqttSocket watcher = clients.connected(version).subscribe(topic, 1);

    clients
        .connected(
            version, how -> how.will(new Packet.Will(topic, payload, 1, false, Properties.NONE)))
        .cut();

    assertThat(watcher.receive().payload()).isEqualTo(payload);
  }

  @EachVersion
  @Conforms({"MQTT-3.1.3-1", "v3:MQTT-3.1.3-1", "MQTT-3.1.2-9"})
  void a_connect_with_all_fields_is_understood(ProtocolVersion version, Clients clients) {
    String topic = clients.topic();
    MqttSocket watcher = clients.connected(version).subscribe(topic, 1);
    MqttSocket socket =
        clients.connected(
            version,
            how ->
                how.username("user")
                    .password("password")
                    .keepAlive(60)
                    .will(topic, "gone", 1, false));

    socket.cut();

    assertThat(text(watcher.receive())).isEqualTo("gone");
  }

  @Test
  @Conforms("MQTT-3.1.3-10")
  void the_properties_of_a_will_are_published_in_their_order(Clients clients) {
    String topic = clients.topic();
    MqttSocket watcher = clients.connected(MQTT_5).subscribe(topic, 1);
    Properties properties =
        Properties.builder()
            .add(Property.CONTENT_TYPE, "text/plain")
            .addUser("a", "1")
            .addUser("b", "2")
            .addUser("a", "3")
            .build();

    clients
        .connected(
            MQTT_5,
            how -> how.will(new Packet.Will(topic, "gone".getBytes(UTF_8), 1, false, properties)))
        .cut();

    Packet.Publish will = watcher.receive();
    assertThat(will.properties().userProperties()).isEqualTo(properties.userProperties());
    assertThat(will.properties().string(Property.CONTENT_TYPE)).isEqualTo("text/plain");
  }

  @Test
  @Conforms("MQTT-3.1.2-8")
  void a_delayed_will_waits_for_its_delay(Clients clients) {
    String topic = clients.topic();
    MqttSocket watcher = clients.connected(MQTT_5).subscribe(topic, 1);
    MqttSocket socket =
        clients.connected(
            MQTT_5, how -> how.persistent().will(topic, "gone", 1, false, DELAYED_2_S));

    socket.cut();

    watcher.expectNothingFor(Duration.ofMillis(1_500));
    assertThat(text(watcher.receive())).isEqualTo("gone");
  }

  @Test
  @Conforms("MQTT-3.1.2-8")
  void a_delayed_will_is_published_when_the_session_ends_before(Clients clients) {
    String topic = clients.topic();
    MqttSocket watcher = clients.connected(MQTT_5).subscribe(topic, 1);
    Properties delayed = Properties.builder().add(Property.WILL_DELAY_INTERVAL, 60L).build();
    MqttSocket socket =
        clients.connected(
            MQTT_5, how -> how.resuming().sessionExpiry(1).will(topic, "gone", 1, false, delayed));

    socket.cut();

    watcher.expectNothingFor(Duration.ofMillis(500));
    assertThat(text(watcher.receive())).isEqualTo("gone");
  }

  @Test
  @Conforms("MQTT-3.1.2-8")
  void a_clean_start_ends_the_session_and_publishes_its_delayed_will(Clients clients) {
    String topic = clients.topic();
    String id = clients.id();
    MqttSocket watcher = clients.connected(MQTT_5).subscribe(topic, 1);
    Properties delayed = Properties.builder().add(Property.WILL_DELAY_INTERVAL, 60L).build();
    MqttSocket socket = clients.open(MQTT_5);
    socket.connect(id, how -> how.persistent().will(topic, "gone", 1, false, delayed));
    socket.cut();

    clients.open(MQTT_5).connect(id);

    assertThat(text(watcher.receive())).isEqualTo("gone");
  }

  @Test
  @Conforms({"MQTT-3.1.3-9", "MQTT-3.1.2-8"})
  void a_return_to_the_session_within_the_delay_drops_the_will(Clients clients) {
    String topic = clients.topic();
    String id = clients.id();
    MqttSocket watcher = clients.connected(MQTT_5).subscribe(topic, 1);
    MqttSocket socket = clients.open(MQTT_5);
    socket.connect(id, how -> how.persistent().will(topic, "no", 1, false, DELAYED_2_S));
    socket.cut();

    clients.open(MQTT_5).connect(id, how -> how.persistent());

    watcher.expectNothingFor(Duration.ofSeconds(3));
  }

  @EachVersion
  @Conforms({"MQTT-3.1.2-22", "v3:MQTT-3.1.2-24", "MQTT-3.2.2-22", "v3:MQTT-3.1.2-8", "MQIsdp-17"})
  void silence_for_one_and_a_half_times_the_keep_alive_ends_the_connection(
      ProtocolVersion version, Clients clients) {
    String topic = clients.topic();
    MqttSocket watcher = clients.connected(version).subscribe(topic, 1);
    MqttSocket socket = clients.open(version);
    Packet.Connack connack =
        socket.connect(clients.id(), how -> how.keepAlive(2).will(topic, "gone", 1, false));
    assertThat(connack.properties().has(Property.SERVER_KEEP_ALIVE)).isFalse();

    socket.expectNothingFor(Duration.ofMillis(2_700));

    socket.expectRefused(Duration.ofSeconds(3), ReasonCode.KEEP_ALIVE_TIMEOUT);
    assertThat(text(watcher.receive())).isEqualTo("gone");
  }

  @EachVersion
  @Conforms({"MQTT-3.1.2-22", "v3:MQTT-3.1.2-24"})
  void any_packet_keeps_the_connection_open(ProtocolVersion version, Clients clients) {
    MqttSocket socket = clients.connected(version, how -> how.keepAlive(1));

    for (int i = 0; i < 3; i++) {
      socket.expectNothingFor(Duration.ofMillis(800));
      socket.expectSilence();
      socket.expectNothingFor(Duration.ofMillis(800));
      socket.sendPublish(clients.topic(), "x", 0, 0);
    }

    socket.expectSilence();
  }

  @EachVersion
  @Conforms({"MQTT-3.1.2-22", "v3:MQTT-3.1.2-24"})
  void keep_alive_0_never_ends_a_connection(ProtocolVersion version, Clients clients) {
    MqttSocket socket = clients.connected(version, how -> how.keepAlive(0));

    socket.expectNothingFor(Duration.ofMillis(2_500));

    socket.expectSilence();
  }
}
