package io.relais.systemtests.api;

import static io.relais.protocol.ProtocolVersion.MQTT_5;
import static io.relais.systemtests.api.Api.json;
import static org.assertj.core.api.Assertions.assertThat;

import io.relais.protocol.Packet;
import io.relais.protocol.Properties;
import io.relais.systemtests.EmbeddedRelais;
import io.relais.testkit.Clients;
import io.relais.testkit.Connecting;
import io.relais.testkit.MqttSocket;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

/// What explain says must be what the broker does.
class ExplainApiTest {
  private final EmbeddedRelais relais = EmbeddedRelais.start();
  private final Clients clients = new Clients(relais);
  private final Api api = Api.ready(relais);

  @AfterEach
  void close() {
    api.close();
    clients.close();
    relais.close();
  }

  private Api.Answer explain(String what, String body) {
    return api.post("/api/v1/explain/" + what, json(body)).is(200);
  }

  private static List<String> steps(Api.Answer explanation) {
    List<String> steps = new ArrayList<>();
    for (JsonNode step : explanation.get("steps")) {
      steps.add(step.get("step").stringValue() + " " + step.get("outcome").stringValue());
    }
    return steps;
  }

  @Test
  void a_message_is_followed_to_each_subscriber() {
    MqttSocket here = clients.open(MQTT_5);
    here.connect("here");
    here.subscribe("a/+", 1);
    MqttSocket away = clients.open(MQTT_5);
    away.connect("away", Connecting::persistent);
    away.subscribe("a/#", 2).disconnect();
    clients.connected(MQTT_5).subscribe("$share/g/a/b", 1);

    Api.Answer all = explain("publish", "{'topic': 'a/b', 'qos': 1}");

    assertThat(all.text("outcome")).isEqualTo("delivered");
    assertThat(all.body())
        .contains("to 'here' by 'a/+' at QoS 1")
        .contains("for 'away' by 'a/#' at QoS 1")
        .contains("one member of '$share/g/a/b'");
    assertThat(explain("publish", "{'topic': 'a/b/c', 'qos': 1}").text("outcome"))
        .isEqualTo("queued");
    assertThat(explain("publish", "{'topic': 'a/b/c'}").text("outcome")).isEqualTo("dropped");
    assertThat(explain("publish", "{'topic': 'b'}").text("outcome")).isEqualTo("no-subscriber");
    assertThat(steps(explain("publish", "{'topic': '$SYS/x'}"))).endsWith("topic denied");
  }

  @Test
  void who_is_subscribed_and_gets_nothing_is_told_with_the_reason() {
    api.put(
            "/api/v1/authorization/rules",
            json(
                "[{'effect': 'deny', 'action': 'subscribe', 'filter': 'a/secret', 'clientId':"
                    + " 'curious'}, {'effect': 'allow', 'filter': '#'}]"))
        .is(204);
    MqttSocket curious = clients.open(MQTT_5);
    curious.connect("curious");
    curious.subscribe("a/+", 1);
    MqttSocket alone = clients.open(MQTT_5);
    alone.connect("alone");
    alone.suback(Properties.NONE, new Packet.Subscription("b", 1, true, false, 0));

    Api.Answer secret = explain("publish", "{'topic': 'a/secret', 'qos': 1}");
    Api.Answer own = explain("publish", "{'topic': 'b', 'qos': 1, 'clientId': 'alone'}");
    alone.publish("a/secret", "x", 1).publish("b", "x", 1).publish("a/open", "x", 1);

    assertThat(secret.text("outcome")).isEqualTo("dropped");
    assertThat(steps(secret)).endsWith("deliver denied");
    assertThat(secret.body()).contains("not to 'curious' by 'a/+'");
    assertThat(own.text("outcome")).isEqualTo("dropped");
    assertThat(own.body()).contains("No Local");
    assertThat(explain("publish", "{'topic': 'b', 'clientId': 'curious'}").text("outcome"))
        .isEqualTo("delivered");
    assertThat(curious.receive().topic()).isEqualTo("a/open");
    alone.expectSilence();
  }

  /// Random rules, and a client of each kind tries what explain was asked.
  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3})
  void rules_decide_as_explained(int seed) {
    var random = new java.util.Random(seed);
    String[] filters = {"#", "a/#", "a/+", "a/b", "+/b", "%c/#", "%u/x"};
    String[] topics = {"a/b", "a/c", "c1/x", "ann/x", "z"};
    var rules = new StringBuilder("[");
    for (int i = 0; i < 6; i++) {
      rules
          .append(i == 0 ? "" : ",")
          .append(
              "{'effect':'%s','action':'%s','filter':'%s'%s}"
                  .formatted(
                      random.nextBoolean() ? "allow" : "deny",
                      new String[] {"publish", "subscribe", "all"}[random.nextInt(3)],
                      filters[random.nextInt(filters.length)],
                      random.nextInt(3) == 0 ? ",'clientId':'c1'" : ""));
    }
    api.put("/api/v1/authorization/rules", json(rules + "]")).is(204);
    api.post("/api/v1/users", json("{'username': 'ann', 'password': 'anns password'}")).is(201);
    MqttSocket client = clients.open(MQTT_5);
    client.connect("c1", how -> how.username("ann").password("anns password"));

    for (String topic : topics) {
      client.sendPublish(topic, "x", 1, 1);
      boolean published = !client.expect(Packet.Puback.class).reason().isError();
      boolean subscribed =
          !client
              .suback(Properties.NONE, MqttSocket.subscription(topic, 1))
              .reasons()
              .getFirst()
              .isError();
      client.unsubscribe(topic);

      String who = "'clientId': 'c1', 'username': 'ann'";
      String publishing =
          explain("publish", "{'topic': '%s', 'qos': 1, %s}".formatted(topic, who)).text("outcome");
      String connected =
          explain("publish", "{'topic': '%s', 'qos': 1, 'clientId': 'c1'}".formatted(topic))
              .text("outcome");
      String subscribing =
          explain("subscribe", "{'filter': '%s', 'qos': 1, %s}".formatted(topic, who))
              .text("outcome");
      assertThat(!publishing.equals("denied"))
          .as("publish %s by %s", topic, rules)
          .isEqualTo(published);
      assertThat(connected).isEqualTo(publishing);
      assertThat(subscribing.equals("allowed"))
          .as("subscribe %s by %s", topic, rules)
          .isEqualTo(subscribed);
    }
  }

  @Test
  void the_rule_that_decides_is_named() {
    api.put(
            "/api/v1/authorization/rules",
            json("[{'effect': 'allow', 'filter': 'a'}, {'effect': 'deny', 'filter': 'b'}]"))
        .is(204);

    assertThat(explain("publish", "{'topic': 'b'}").body()).contains("rule 2 of 2 decides");
    assertThat(explain("publish", "{'topic': 'c'}").body()).contains("none of 2 rules");
    assertThat(explain("subscribe", "{'filter': '$share/g/a'}").text("outcome"))
        .isEqualTo("allowed");
  }

  @Test
  void a_log_in_is_explained_without_a_password() {
    assertThat(explain("connect", "{'username': 'ann'}").text("outcome")).isEqualTo("allowed");
    api.post("/api/v1/users", json("{'username': 'ann', 'password': 'anns password'}")).is(201);

    assertThat(explain("connect", "{'username': 'ann'}").text("outcome")).isEqualTo("allowed");
    assertThat(explain("connect", "{'username': 'bob'}").text("outcome")).isEqualTo("denied");
    api.post("/api/v1/explain/connect", json("{'listener': 'none'}")).isWrongAt("listener");
    api.post("/api/v1/explain/connect", json("{'password': 'x'}")).isWrongAt("password");
    api.post("/api/v1/explain/publish", json("{'topic': 'a', 'address': 'here'}"))
        .isWrongAt("address");
  }
}
