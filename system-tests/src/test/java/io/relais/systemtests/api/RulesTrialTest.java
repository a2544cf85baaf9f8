package io.relais.systemtests.api;

import static io.relais.protocol.ProtocolVersion.MQTT_5;
import static io.relais.systemtests.api.Api.json;
import static org.assertj.core.api.Assertions.assertThat;

import io.relais.systemtests.EmbeddedRelais;
import io.relais.testkit.Clients;
import io.relais.testkit.Connecting;
import io.relais.testkit.MqttSocket;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

/// Rules that are tried must change what they change when they are set.
class RulesTrialTest {
  private static final String RULES = "/api/v1/authorization/rules";

  private final EmbeddedRelais relais = EmbeddedRelais.start();
  private final Clients clients = new Clients(relais);
  private final Api api = Api.ready(relais);

  @AfterEach
  void close() {
    api.close();
    clients.close();
    relais.close();
  }

  private Api.Answer tried(String rules) {
    return api.post(RULES + "/try", json(rules)).is(200);
  }

  /// `publish c1 a/b allow->deny null->0`
  private static List<String> changes(Api.Answer tried) {
    List<String> told = new ArrayList<>();
    for (JsonNode one : tried.get("changes")) {
      told.add(
          "%s %s %s %s->%s %s->%s"
              .formatted(
                  one.get("action").stringValue(),
                  one.get("clientId").stringValue(),
                  one.get("topic").stringValue(),
                  one.get("before").stringValue(),
                  one.get("after").stringValue(),
                  one.get("ruleBefore"),
                  one.get("rule")));
    }
    return told;
  }

  private MqttSocket connected(String id) {
    MqttSocket client = clients.open(MQTT_5);
    client.connect(id, Connecting::persistent);
    return client;
  }

  @Test
  void what_would_change_is_told_for_subscriptions_of_who_is_here_and_away_and_for_messages() {
    connected("here").subscribe("plant/+/state", 1).subscribe("office", 1);
    connected("away").subscribe("$share/g/plant/#", 1).disconnect();
    MqttSocket press = connected("press");
    press.publish("plant/7/state", "x", 1);
    press.publish("plant/7/state", "y", 1);
    press.publish("other", "x", 0);

    Api.Answer tried =
        tried(
            "[{'effect': 'deny', 'action': 'publish', 'filter': 'plant/#'},"
                + " {'effect': 'deny', 'action': 'subscribe', 'filter': 'plant/7/secret'},"
                + " {'effect': 'allow', 'filter': 'plant/#'}, {'effect': 'allow', 'filter':"
                + " 'other'}]");

    assertThat(changes(tried))
        .containsExactly(
            "publish press plant/7/state allow->deny null->0",
            "subscribe away $share/g/plant/# allow->part null->1",
            "subscribe here office allow->deny null->null");
    assertThat(tried.get("checkedSubscriptions").intValue()).isEqualTo(3);
    assertThat(tried.get("checkedPublishes").intValue()).isEqualTo(3);
    assertThat(tried.get("truncated").booleanValue()).isFalse();
    assertThat(api.get(RULES).content()).as("nothing is set").isEmpty();
    press.publish("plant/7/state", "z", 1);
    assertThat(api.get("/api/v1/audit").body()).doesNotContain("rules/try");
  }

  @Test
  void who_published_is_known_when_it_is_gone() {
    api.post("/api/v1/users", Api.signIn("ann", "anns password")).is(201);
    MqttSocket client = clients.open(MQTT_5);
    client.connect("once", how -> how.username("ann").password("anns password"));
    client.publish("a", "x", 1);
    client.disconnect();

    Api.Answer tried =
        tried(
            "[{'effect': 'deny', 'filter': 'a', 'username': 'ann'}, {'effect': 'allow', 'filter': '#'}]");

    assertThat(changes(tried)).containsExactly("publish once a allow->deny null->0");
    assertThat(tried.get("changes").get(0).get("username").stringValue()).isEqualTo("ann");
  }

  @Test
  void a_last_rule_that_denies_all_changes_nothing_for_what_those_before_it_allow() {
    connected("here").subscribe("plant/+", 1);
    api.put(RULES, json("[{'effect': 'allow', 'filter': 'plant/#'}]")).is(204);

    Api.Answer tried =
        tried("[{'effect': 'allow', 'filter': 'plant/#'}, {'effect': 'deny', 'filter': '#'}]");

    assertThat(changes(tried)).isEmpty();
  }

  @Test
  void no_more_than_500_changes_are_told() {
    MqttSocket client = connected("many");
    for (int i = 0; i < 600; i++) {
      client.subscribe("t/" + i, 0);
    }

    Api.Answer tried = tried("[{'effect': 'deny', 'filter': '#'}]");

    assertThat(tried.get("changes")).hasSize(500);
    assertThat(tried.get("truncated").booleanValue()).isTrue();
  }

  @Test
  void rules_that_are_tried_are_checked_like_those_that_are_set() {
    api.post(RULES + "/try", json("[{'effect': 'allow'}]")).isWrongAt("[0].filter");
    api.post(RULES + "/try", json("[{'effect': 'allow', 'filter': '#', 'maxQos': 3}]"))
        .isWrongAt("[0].maxQos");
    api.post(RULES + "/try", json("[{'effect': 'allow', 'filter': '#', 'who': 'x'}]")).is(400);
    Api.Answer viewer = api.post("/api/v1/keys", json("{'name': 'v', 'role': 'viewer'}")).is(201);
    api.as(viewer.text("key")).post(RULES + "/try", "[]").is(403);
  }

  private static String random(Random random) {
    String[] filters = {"#", "a/#", "a/+", "a/b", "+/b", "%c/#", "%u/x"};
    List<String> rules = new ArrayList<>();
    for (int i = random.nextInt(5); i >= 0; i--) {
      rules.add(
          "{'effect':'%s','action':'%s','filter':'%s'%s%s}"
              .formatted(
                  random.nextBoolean() ? "allow" : "deny",
                  new String[] {"publish", "subscribe", "all"}[random.nextInt(3)],
                  filters[random.nextInt(filters.length)],
                  random.nextInt(3) == 0 ? ",'clientId':'c1'" : "",
                  random.nextInt(4) == 0 ? ",'maxQos':0" : ""));
    }
    return "[" + String.join(",", rules) + "]";
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 4, 5, 6})
  void random_rules_change_what_was_told(int seed) {
    var random = new Random(seed);
    String[] topics = {"a/b", "a/c", "c1/x", "z"};
    MqttSocket client = clients.open(MQTT_5);
    client.connect("c1");
    for (String topic : topics) {
      client.publish(topic, "x", 1).subscribe(topic, 1);
    }
    String before = random(random);
    String after = random(random);
    api.put(RULES, json(before)).is(204);
    List<String> could = able(topics);

    List<String> told = new ArrayList<>();
    for (String change : changes(tried(after))) {
      String asked = change.replaceAll(" [^ ]+$", "").replace(" c1 ", " ").replace("part", "allow");
      if (!asked.endsWith("allow->allow")) {
        told.add(asked);
      }
    }
    api.put(RULES, json(after)).is(204);
    List<String> can = able(topics);

    List<String> changed = new ArrayList<>();
    for (int i = 0; i < could.size(); i++) {
      if (!could.get(i).equals(can.get(i))) {
        String[] now = can.get(i).split(" ", -1);
        changed.add(could.get(i) + "->" + now[now.length - 1]);
      }
    }
    assertThat(told).as("%s, then %s", before, after).containsExactlyInAnyOrderElementsOf(changed);
  }

  /// As explain says, which is held to what the broker does elsewhere.
  private List<String> able(String... topics) {
    List<String> able = new ArrayList<>();
    for (String topic : topics) {
      able.add("publish " + topic + " " + explained("publish", "topic", topic));
      able.add("subscribe " + topic + " " + explained("subscribe", "filter", topic));
    }
    return able;
  }

  private String explained(String what, String field, String value) {
    String asked = "{'%s': '%s', 'qos': 1, 'clientId': 'c1'}".formatted(field, value);
    String outcome = api.post("/api/v1/explain/" + what, json(asked)).is(200).text("outcome");
    return outcome.equals("denied") ? "deny" : "allow";
  }
}
