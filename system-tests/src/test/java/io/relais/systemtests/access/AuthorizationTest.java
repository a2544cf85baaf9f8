package io.relais.systemtests.access;

import static io.relais.protocol.ProtocolVersion.MQTT_5;
import static io.relais.protocol.ReasonCode.NOT_AUTHORIZED;
import static io.relais.protocol.ReasonCode.SUCCESS;
import static io.relais.testkit.MqttSocket.subscription;
import static io.relais.testkit.MqttSocket.text;
import static org.assertj.core.api.Assertions.assertThat;

import io.relais.protocol.Packet;
import io.relais.protocol.Properties;
import io.relais.protocol.ProtocolVersion;
import io.relais.protocol.ReasonCode;
import io.relais.systemtests.EmbeddedRelais;
import io.relais.testkit.Clients;
import io.relais.testkit.Connecting;
import io.relais.testkit.EachVersion;
import io.relais.testkit.MqttSocket;
import java.time.Duration;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// The rules of a configuration, as clients meet them.
class AuthorizationTest {
  private static EmbeddedRelais relais;
  private Clients clients;

  @BeforeAll
  static void start() {
    relais =
        EmbeddedRelais.start(
            "authorization.rules.0.effect=deny",
            "authorization.rules.0.action=subscribe",
            "authorization.rules.0.filter=plant/+/secret",
            "authorization.rules.1.effect=allow",
            "authorization.rules.1.filter=plant/#",
            "authorization.rules.2.effect=allow",
            "authorization.rules.2.action=publish",
            "authorization.rules.2.filter=of/%c/#",
            "authorization.rules.3.effect=allow",
            "authorization.rules.3.action=subscribe",
            "authorization.rules.3.filter=of/#");
  }

  @AfterAll
  static void stop() {
    relais.close();
  }

  @BeforeEach
  void begin() {
    clients = new Clients(relais);
  }

  @AfterEach
  void end() {
    clients.close();
  }

  private String plant() {
    return "plant/" + clients.topic().replace('/', '-');
  }

  @EachVersion
  void what_a_rule_allows_is_delivered(ProtocolVersion version) {
    String topic = plant() + "/state";
    MqttSocket subscriber = clients.connected(version).subscribe(topic, 1);

    clients.connected(version).publish(topic, "on", 1);

    assertThat(text(subscriber.receive())).isEqualTo("on");
  }

  @EachVersion
  void what_no_rule_allows_is_published_to_nobody(ProtocolVersion version) {
    String topic = "of/" + clients.id() + "/x"; // of nobody who is here
    MqttSocket subscriber = clients.connected(version).subscribe(topic, 1);
    MqttSocket publisher = clients.connected(version);

    publisher.sendPublish(topic, "no", 1, 7);

    Packet.Puback puback = publisher.expect(Packet.Puback.class);
    assertThat(puback.reason()).isEqualTo(version.isV5() ? NOT_AUTHORIZED : SUCCESS);
    subscriber.expectNothingFor(Duration.ofMillis(500));
  }

  @EachVersion
  void a_client_publishes_below_its_own_name_again_and_again(ProtocolVersion version) {
    String id = clients.id();
    MqttSocket subscriber = clients.connected(version).subscribe("of/" + id + "/#", 1);
    MqttSocket publisher = clients.open(version);
    publisher.connect(id);

    for (int i = 0; i < 3; i++) {
      publisher.publish("of/" + id + "/x", "number " + i, 1);

      assertThat(text(subscriber.receive())).isEqualTo("number " + i);
    }
  }

  @Test
  void filters_wider_than_what_is_allowed_are_refused_each_with_its_reason() {
    MqttSocket subscriber = clients.connected(MQTT_5);

    Packet.Suback suback =
        subscriber.suback(
            Properties.NONE,
            subscription("#", 0),
            subscription("+/x", 0),
            subscription("plant/+/secret", 0),
            subscription("plant/#", 1),
            subscription("$share/g/other/x", 0),
            subscription("$share/g/plant/x", 1),
            subscription("$SYS/#", 0));

    assertThat(suback.reasons())
        .containsExactly(
            NOT_AUTHORIZED,
            NOT_AUTHORIZED,
            NOT_AUTHORIZED,
            ReasonCode.granted(1),
            NOT_AUTHORIZED,
            ReasonCode.granted(1),
            ReasonCode.granted(0));
  }

  @EachVersion
  void a_wide_subscription_does_not_get_what_is_denied_to_it(ProtocolVersion version) {
    String plant = plant();
    MqttSocket subscriber = clients.connected(version).subscribe(plant + "/#", 1);
    MqttSocket publisher = clients.connected(version);

    publisher.publish(plant + "/secret", "hidden", 1);
    publisher.publish(plant + "/state", "seen", 1);

    assertThat(text(subscriber.receive())).isEqualTo("seen");
    subscriber.expectSilence();
  }

  @Test
  void a_session_that_comes_back_does_not_get_what_is_denied_to_it() {
    String plant = plant();
    String id = clients.id();
    MqttSocket before = clients.open(MQTT_5);
    before.connect(id, Connecting::persistent);
    before.subscribe(plant + "/#", 1);
    before.disconnect();
    MqttSocket publisher = clients.connected(MQTT_5);

    publisher.publish(plant + "/secret", "hidden", 1);
    publisher.publish(plant + "/state", "seen", 1);
    MqttSocket back = clients.open(MQTT_5);
    back.connect(id, Connecting::persistent);

    assertThat(text(back.receive())).isEqualTo("seen");
    back.expectSilence();
  }

  @EachVersion
  void a_will_that_its_client_may_not_publish_is_left_out(ProtocolVersion version) {
    String topic = "of/" + clients.id() + "/will";
    MqttSocket watcher = clients.connected(version).subscribe(topic, 1);
    MqttSocket mortal = clients.connected(version, how -> how.will(topic, "gone", 1, false));

    mortal.cut();

    watcher.expectNothingFor(Duration.ofMillis(500));
  }
}
