package io.relais.systemtests.api;

import static io.relais.protocol.ProtocolVersion.MQTT_3_1_1;
import static io.relais.protocol.ProtocolVersion.MQTT_5;
import static io.relais.systemtests.api.Api.json;
import static io.relais.testkit.MqttSocket.text;
import static org.assertj.core.api.Assertions.assertThat;

import io.relais.protocol.Packet;
import io.relais.protocol.Properties;
import io.relais.protocol.Property;
import io.relais.protocol.ProtocolVersion;
import io.relais.protocol.ReasonCode;
import io.relais.systemtests.EmbeddedRelais;
import io.relais.testkit.Clients;
import io.relais.testkit.Connecting;
import io.relais.testkit.EachVersion;
import io.relais.testkit.MqttSocket;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/// Topics that rules rewrite, as clients and operators see them.
class RewriteTest {
  private static final String REWRITE = "/api/v1/rewrite";

  private EmbeddedRelais relais = EmbeddedRelais.start();
  private Clients clients = new Clients(relais);
  private Api api = Api.ready(relais);

  @AfterEach
  void close() {
    api.close();
    clients.close();
    relais.close();
  }

  private void rules(String... rules) {
    api.put(REWRITE, json("[" + String.join(",", rules) + "]")).is(204);
  }

  private static String rule(String action, String source, String regex, String destination) {
    return "{'action': '%s', 'sourceTopic': '%s', 'regex': '%s', 'destination': '%s'}"
        .formatted(action, source, regex, destination);
  }

  @EachVersion
  void a_message_goes_to_the_topic_that_a_rule_makes_at_each_qos(ProtocolVersion version) {
    rules(rule("publish", "old/#", "^old/(.*)", "new/%c/$1"));
    MqttSocket subscriber = clients.connected(MQTT_5).subscribe("#", 2);
    MqttSocket publisher = clients.open(version);
    publisher.connect("p");

    for (int round = 0; round < 2; round++) {
      for (int qos = 0; qos <= 2; qos++) {
        publisher.publish("old/a", "m" + qos, qos);
        publisher.publish("other", "o" + qos, qos);
        Packet.Publish first = subscriber.receive();
        assertThat(first.topic()).isEqualTo("new/p/a");
        assertThat(text(first)).isEqualTo("m" + qos);
        assertThat(subscriber.receive().topic()).isEqualTo("other");
      }
    }
  }

  @Test
  void properties_aliases_and_subscribers_on_all_loops_and_versions_are_served() {
    rules(rule("publish", "old/+", "^old/(.*)", "new/$1"));
    MqttSocket[] subscribers = {
      clients.connected(MQTT_5).subscribe("new/a", 1),
      clients.connected(MQTT_3_1_1).subscribe("new/a", 0),
      clients.connected(MQTT_5).subscribe("new/a", 0),
    };
    MqttSocket publisher = clients.connected(MQTT_5);
    Properties first =
        Properties.builder()
            .add(Property.TOPIC_ALIAS, 1)
            .add(Property.CONTENT_TYPE, "text/plain")
            .build();
    Properties second = Properties.builder().add(Property.TOPIC_ALIAS, 1).build();
    byte[] payload = "x".getBytes(StandardCharsets.UTF_8);

    publisher.send(new Packet.Publish(false, 0, false, "old/a", 0, first, payload));
    publisher.send(new Packet.Publish(false, 0, false, "", 0, second, payload));

    for (MqttSocket subscriber : subscribers) {
      Packet.Publish one = subscriber.receive();
      assertThat(one.topic()).isEqualTo("new/a");
      boolean v5 = subscriber.version() == MQTT_5;
      assertThat(one.properties().string(Property.CONTENT_TYPE))
          .isEqualTo(v5 ? "text/plain" : null);
      assertThat(subscriber.receive().topic()).isEqualTo("new/a");
    }
  }

  @EachVersion
  void filters_are_rewritten_in_subscribe_and_unsubscribe_in_shared_ones_too(
      ProtocolVersion version) {
    rules(rule("subscribe", "old/#", "^old/(.*)", "new/$1"));
    MqttSocket publisher = clients.connected(MQTT_5);
    MqttSocket client = clients.open(version);
    client.connect("s");
    client.subscribe("old/+", 1).subscribe("$share/g/old/a/#", 1);

    publisher.publish("new/x", "1", 1);
    publisher.publish("new/a/b", "2", 1);
    assertThat(client.receive().topic()).isEqualTo("new/x");
    assertThat(client.receive().topic()).isEqualTo("new/a/b");
    assertThat(api.get("/api/v1/subscriptions?clientId=s").get("items").toString())
        .contains("\"new/+\"")
        .contains("\"$share/g/new/a/#\"");

    client.unsubscribe("old/+", "$share/g/old/a/#");
    publisher.publish("new/x", "3", 1);
    client.expectNothingFrom(publisher);
  }

  @Test
  void wills_and_retained_messages_are_kept_under_their_new_topics() {
    rules(rule("publish", "old/#", "^old/(.*)", "new/$1"));
    MqttSocket subscriber = clients.connected(MQTT_5).subscribe("new/will", 0);
    MqttSocket client = clients.open(MQTT_5);
    client.connect("w", how -> how.will("old/will", "gone", 1, false));
    client.publishRetained("old/kept", "r", 1);

    client.cut();

    assertThat(text(subscriber.receive())).isEqualTo("gone");
    assertThat(clients.connected(MQTT_5).subscribe("new/kept", 0).receive().topic())
        .isEqualTo("new/kept");
  }

  @Test
  void rules_of_access_see_the_new_topic_and_explain_shows_the_step() {
    rules(rule("all", "old/#", "^old/(.*)", "new/$1"), rule("publish", "me", "^me$", "of/%u"));
    api.put(
            "/api/v1/authorization/rules",
            json("[{'effect': 'allow', 'action': 'publish', 'filter': 'new/#'}]"))
        .is(204);
    MqttSocket client = clients.open(MQTT_5);
    client.connect("c", Connecting::persistent);

    client.sendPublish("old/a", "x", 1, 1);
    assertThat(client.expect(Packet.Puback.class).reason())
        .isEqualTo(ReasonCode.NO_MATCHING_SUBSCRIBERS);
    client.sendPublish("elsewhere", "x", 1, 2);
    assertThat(client.expect(Packet.Puback.class).reason()).isEqualTo(ReasonCode.NOT_AUTHORIZED);
    client.sendPublish("me", "x", 1, 3); // it has no user name
    assertThat(client.expect(Packet.Puback.class).reason())
        .isEqualTo(ReasonCode.TOPIC_NAME_INVALID);
    client.sendPublish("me", "x", 0, 0);
    client.expectSilence();

    Api.Answer explained =
        api.post("/api/v1/explain/publish", json("{'clientId': 'c', 'topic': 'old/a'}")).is(200);
    JsonNode step = explained.get("steps").get(1);
    assertThat(step.get("step").stringValue()).isEqualTo("rewrite");
    assertThat(step.get("detail").stringValue()).contains("rule 1").contains("'new/a'");
    assertThat(explained.text("outcome")).isEqualTo("no-subscriber");
    assertThat(
            api.post("/api/v1/explain/publish", json("{'clientId': 'c', 'topic': 'me'}"))
                .text("outcome"))
        .isEqualTo("denied");
  }

  @Test
  void rules_hold_at_once_for_who_is_connected_and_are_checked_at_their_fields() {
    MqttSocket subscriber = clients.connected(MQTT_5).subscribe("#", 0);
    MqttSocket publisher = clients.connected(MQTT_5);
    publisher.publish("a", "1", 1);
    assertThat(subscriber.receive().topic()).isEqualTo("a");

    rules(rule("publish", "a", "a", "b"));
    publisher.publish("a", "2", 1);
    assertThat(subscriber.receive().topic()).isEqualTo("b");
    rules();
    publisher.publish("a", "3", 1);
    assertThat(subscriber.receive().topic()).isEqualTo("a");

    api.put(REWRITE, json("[" + rule("both", "a", "a", "b") + "]")).isWrongAt("[0].action");
    api.put(REWRITE, json("[" + rule("all", "a", "(", "b") + "]")).isWrongAt("[0].regex");
    api.put(REWRITE, json("[" + rule("all", "a", "a", "$1") + "]")).isWrongAt("[0].destination");
    api.put(REWRITE, json("[{'regex': 'a', 'destination': 'b'}]")).isWrongAt("[0].sourceTopic");
    assertThat(api.get("/api/v1/audit").body()).contains("PUT " + REWRITE);
  }

  @Test
  void rules_of_the_configuration_decide() {
    close();
    relais =
        EmbeddedRelais.start(
            "rewrite.0.source-topic=a/#", "rewrite.0.regex=^a/(.*)", "rewrite.0.destination=b/$1");
    clients = new Clients(relais);
    api = Api.ready(relais);
    MqttSocket client = clients.connected(MQTT_5).subscribe("a/+", 0);

    client.publish("a/x", "1", 1);

    assertThat(client.receive().topic()).isEqualTo("b/x");
    api.put(REWRITE, "[]").is(409);
    assertThat(api.get(REWRITE).content().get(0).get("regex").stringValue()).isEqualTo("^a/(.*)");
  }
}
