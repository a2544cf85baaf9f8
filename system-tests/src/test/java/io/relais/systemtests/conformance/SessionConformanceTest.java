package io.relais.systemtests.conformance;

import static io.relais.protocol.ProtocolVersion.MQTT_3_1;
import static io.relais.protocol.ProtocolVersion.MQTT_5;
import static io.relais.testkit.MqttSocket.text;
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
import io.relais.testkit.SinceVersion311;
import java.time.Duration;
import java.util.Locale;
import org.junit.jupiter.api.Test;

/// Sessions: which begin, which are taken up again, what they keep and when they end.
@AgainstBroker
class SessionConformanceTest {
  /// A session with a subscription at QoS 1 whose client has left.
  private static String leftSession(ProtocolVersion version, Clients clients, String topic) {
    String id = clients.id();
    MqttSocket socket = clients.open(version);
    socket.connect(id, how -> how.persistent());
    socket.subscribe(topic, 1).disconnect();
    return id;
  }

  @SinceVersion311
  @Conforms({
    "MQTT-3.1.2-5",
    "v3:MQTT-3.1.2-4",
    "MQTT-3.1.4-4",
    "v3:MQTT-3.1.4-3",
    "MQTT-3.2.2-3",
    "v3:MQTT-3.2.2-2",
    "MQTT-3.1.2-23",
    "v3:MQTT-3.1.2-5",
    "MQTT-3.2.0-1",
    "v3:MQTT-3.2.0-1",
    "v3:MQTT-4.1.0-1"
  })
  void a_kept_session_is_taken_up_with_its_subscriptions_and_backlog(
      ProtocolVersion version, Clients clients) {
    String topic = clients.topic();
    String id = leftSession(version, clients, topic);
    MqttSocket publisher = clients.connected(version);
    publisher.publish(topic, "one", 1).publish(topic, "two", 2);

    MqttSocket back = clients.open(version);
    Packet.Connack connack = back.connect(id, how -> how.persistent());

    assertThat(connack.sessionPresent()).isTrue();
    assertThat(text(back.receive())).isEqualTo("one");
    assertThat(text(back.receive())).isEqualTo("two");
    publisher.publish(topic, "live", 1);
    assertThat(text(back.receive())).isEqualTo("live");
  }

  @Test
  @Conforms("MQIsdp-4")
  void in_3_1_connack_does_not_tell_of_the_session(Clients clients) {
    String topic = clients.topic();
    String id = leftSession(MQTT_3_1, clients, topic);
    clients.connected(MQTT_3_1).publish(topic, "kept", 1);

    MqttSocket back = clients.open(MQTT_3_1);
    Packet.Connack connack = back.connect(id, how -> how.persistent());

    assertThat(connack.sessionPresent()).isFalse();
    assertThat(text(back.receive())).isEqualTo("kept");
  }

  @EachVersion
  @Conforms({"MQTT-3.1.2-6", "v3:MQTT-3.1.2-4", "MQTT-3.2.2-3", "v3:MQTT-3.2.2-3"})
  void without_a_session_to_take_up_a_new_one_begins(ProtocolVersion version, Clients clients) {
    String topic = clients.topic();
    MqttSocket socket = clients.open(version);

    Packet.Connack connack = socket.connect(clients.id(), how -> how.persistent());

    assertThat(connack.sessionPresent()).isFalse();
    socket.subscribe(topic, 1).publish(topic, "works", 1);
    assertThat(text(socket.receive())).isEqualTo("works");
  }

  @EachVersion
  @Conforms({
    "MQTT-3.1.2-4",
    "v3:MQTT-3.1.2-6",
    "MQTT-3.2.2-2",
    "v3:MQTT-3.2.2-1",
    "MQTT-3.1.4-4",
    "v3:MQTT-3.1.4-3"
  })
  void a_clean_start_drops_what_was_kept(ProtocolVersion version, Clients clients) {
    String topic = clients.topic();
    String id = leftSession(version, clients, topic);
    MqttSocket publisher = clients.connected(version).publish(topic, "kept", 1);

    MqttSocket clean = clients.open(version);
    Packet.Connack connack = clean.connect(id);

    assertThat(connack.sessionPresent()).isFalse();
    publisher.publish(topic, "live", 1);
    clean.expectNothingFrom(publisher);
  }

  @EachVersion
  @Conforms({"v3:MQTT-3.1.2-6", "MQTT-3.1.2-23"})
  void a_clean_session_ends_with_its_connection(ProtocolVersion version, Clients clients) {
    String topic = clients.topic();
    String id = clients.id();
    MqttSocket first = clients.open(version);
    first.connect(id);
    first.subscribe(topic, 1).disconnect();
    MqttSocket publisher = clients.connected(version).publish(topic, "lost", 1);

    MqttSocket second = clients.open(version);
    Packet.Connack connack = second.connect(id, how -> how.persistent());

    assertThat(connack.sessionPresent()).isFalse();
    publisher.publish(topic, "live", 1);
    second.expectNothingFrom(publisher);
  }

  @Test
  @Conforms("MQTT-3.1.2-23")
  void without_a_session_expiry_the_session_ends_with_its_connection(Clients clients) {
    String id = clients.id();
    clients.open(MQTT_5).connect(id, how -> how.resuming());

    MqttSocket zero = clients.open(MQTT_5);
    Packet.Connack absent = zero.connect(id, how -> how.resuming().sessionExpiry(0));
    zero.disconnect();
    Packet.Connack again = clients.open(MQTT_5).connect(id, how -> how.resuming());

    assertThat(absent.sessionPresent()).isFalse();
    assertThat(again.sessionPresent()).isFalse();
  }

  @SinceVersion311
  @Conforms({"MQTT-3.1.3-2", "v3:MQTT-3.1.3-2"})
  void a_session_is_found_under_its_own_id_only(ProtocolVersion version, Clients clients) {
    String id = leftSession(version, clients, clients.topic());

    Packet.Connack longer = clients.open(version).connect(id + "x", how -> how.persistent());
    Packet.Connack upper =
        clients.open(version).connect(id.toUpperCase(Locale.ROOT), how -> how.persistent());
    Packet.Connack same = clients.open(version).connect(id, how -> how.persistent());

    assertThat(longer.sessionPresent()).isFalse();
    assertThat(upper.sessionPresent()).isFalse();
    assertThat(same.sessionPresent()).isTrue();
  }

  @SinceVersion311
  @Conforms({"MQTT-3.1.2-5", "v3:MQTT-3.1.2-4"})
  void a_session_is_kept_when_the_connection_was_cut(ProtocolVersion version, Clients clients) {
    String topic = clients.topic();
    String id = clients.id();
    MqttSocket socket = clients.open(version);
    socket.connect(id, how -> how.persistent());
    socket.subscribe(topic, 1).cut();
    clients.connected(version).publish(topic, "kept", 1);

    MqttSocket back = clients.open(version);
    Packet.Connack connack = back.connect(id, how -> how.persistent());

    assertThat(connack.sessionPresent()).isTrue();
    assertThat(text(back.receive())).isEqualTo("kept");
  }

  @SinceVersion311
  @Conforms({"MQTT-3.1.4-3", "v3:MQTT-3.1.4-2"})
  void a_session_goes_over_to_the_connection_that_takes_it(
      ProtocolVersion version, Clients clients) {
    String topic = clients.topic();
    String id = clients.id();
    MqttSocket first = clients.open(version);
    first.connect(id, how -> how.persistent());
    first.subscribe(topic, 1);

    MqttSocket second = clients.open(version);
    Packet.Connack connack = second.connect(id, how -> how.persistent());
    clients.connected(version).publish(topic, "x", 1);

    assertThat(connack.sessionPresent()).isTrue();
    assertThat(text(second.receive())).isEqualTo("x");
    first.expectRefused(ReasonCode.SESSION_TAKEN_OVER);
  }

  @Test
  @Conforms("MQTT-4.1.0-2")
  void a_session_ends_when_its_expiry_has_passed(Clients clients) {
    String topic = clients.topic();
    String id = clients.id();
    MqttSocket socket = clients.open(MQTT_5);
    socket.connect(id, how -> how.resuming().sessionExpiry(1));
    socket.subscribe(topic, 1).disconnect();
    MqttSocket other = clients.connected(MQTT_5).publish(topic, "kept for a second", 1);
    other.expectNothingFor(Duration.ofMillis(2_500));

    MqttSocket back = clients.open(MQTT_5);
    Packet.Connack connack = back.connect(id, how -> how.persistent());

    assertThat(connack.sessionPresent()).isFalse();
    other.publish(topic, "live", 1);
    back.expectNothingFrom(other);
  }

  @Test
  @Conforms("MQTT-4.1.0-2")
  void a_disconnect_may_set_another_expiry(Clients clients) {
    String id = clients.id();
    MqttSocket socket = clients.open(MQTT_5);
    socket.connect(id, how -> how.persistent());
    socket.disconnect(
        ReasonCode.SUCCESS, Properties.builder().add(Property.SESSION_EXPIRY_INTERVAL, 0L).build());

    Packet.Connack again = clients.open(MQTT_5).connect(id, how -> how.persistent());

    assertThat(again.sessionPresent()).isFalse();
  }

  @EachVersion
  @Conforms({"MQTT-4.1.0-1", "v3:MQTT-4.1.0-2"})
  void a_session_lasts_as_long_as_its_connection(ProtocolVersion version, Clients clients) {
    String topic = clients.topic();
    MqttSocket socket = clients.connected(version).subscribe(topic, 1);

    socket.expectNothingFor(Duration.ofMillis(1_500));
    socket.expectSilence();

    clients.connected(version).publish(topic, "still here", 1);
    assertThat(text(socket.receive())).isEqualTo("still here");
  }

  @Test
  @Conforms({"MQTT-3.3.2-5", "MQTT-3.3.2-6"})
  void a_message_that_expired_in_the_backlog_is_not_delivered_and_others_tell_what_is_left(
      Clients clients) {
    String topic = clients.topic();
    String id = leftSession(MQTT_5, clients, topic);
    MqttSocket publisher = clients.connected(MQTT_5);
    publisher.publish(topic, "short", 1, false, expiry(1));
    publisher.publish(topic, "long", 1, false, expiry(60));
    publisher.publish(topic, "for ever", 1);
    publisher.expectNothingFor(Duration.ofMillis(2_500));

    MqttSocket back = clients.open(MQTT_5);
    back.connect(id, how -> how.persistent());

    Packet.Publish kept = back.receive();
    assertThat(text(kept)).isEqualTo("long");
    assertThat(kept.properties().longValue(Property.MESSAGE_EXPIRY_INTERVAL, -1))
        .isBetween(56L, 58L);
    Packet.Publish last = back.receive();
    assertThat(text(last)).isEqualTo("for ever");
    assertThat(last.properties().has(Property.MESSAGE_EXPIRY_INTERVAL)).isFalse();
  }

  @Test
  @Conforms({"MQTT-3.3.2-5", "MQTT-3.3.2-6"})
  void a_retained_message_expires_and_tells_what_is_left(Clients clients) {
    String topic = clients.topic();
    MqttSocket publisher = clients.connected(MQTT_5);
    publisher.publish(topic + "/short", "x", 1, true, expiry(1));
    publisher.publish(topic + "/long", "x", 1, true, expiry(60));
    publisher.expectNothingFor(Duration.ofMillis(2_500));

    MqttSocket later = clients.connected(MQTT_5).subscribe(topic + "/#", 1);

    Packet.Publish kept = later.receive();
    assertThat(kept.topic()).isEqualTo(topic + "/long");
    assertThat(kept.properties().longValue(Property.MESSAGE_EXPIRY_INTERVAL, -1))
        .isBetween(56L, 58L);
    later.expectNothingRetained(publisher);
  }

  private static Properties expiry(long seconds) {
    return Properties.builder().add(Property.MESSAGE_EXPIRY_INTERVAL, seconds).build();
  }
}
