package io.relais.systemtests.api;

import static io.relais.protocol.ProtocolVersion.MQTT_3_1_1;
import static io.relais.protocol.ProtocolVersion.MQTT_5;
import static io.relais.systemtests.api.Api.json;
import static io.relais.systemtests.api.Api.signIn;
import static io.relais.testkit.MqttSocket.text;
import static org.assertj.core.api.Assertions.assertThat;

import io.relais.protocol.Packet;
import io.relais.protocol.Properties;
import io.relais.protocol.ReasonCode;
import io.relais.systemtests.EmbeddedRelais;
import io.relais.testkit.Clients;
import io.relais.testkit.MqttSocket;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// Users, accounts, keys and rules, made through the API and in force at once.
class AccessApiTest {
  private static final String RULES = "/api/v1/authorization/rules";

  private EmbeddedRelais relais = EmbeddedRelais.start();
  private Clients clients = new Clients(relais);
  private Api api = Api.ready(relais);

  @AfterEach
  void close() {
    api.close();
    clients.close();
    relais.close();
  }

  private ReasonCode connect(String username, String password) {
    MqttSocket client = clients.open(MQTT_5);
    client.sendConnect(clients.id(), how -> how.username(username).password(password));
    return client.expect(Packet.Connack.class).reason();
  }

  @Test
  void a_user_logs_in_from_the_moment_it_is_made_until_it_is_removed() {
    assertThat(connect("ann", "whatever")).isEqualTo(ReasonCode.SUCCESS); // nobody asks yet

    Api.Answer made =
        api.post("/api/v1/users", json("{'username': 'ann', 'password': 'anns password'}")).is(201);

    assertThat(made.body()).doesNotContain("password");
    assertThat(connect("ann", "anns password")).isEqualTo(ReasonCode.SUCCESS);
    assertThat(connect("ann", "whatever")).isEqualTo(ReasonCode.BAD_USER_NAME_OR_PASSWORD);
    api.post("/api/v1/users", json("{'username': 'ann', 'password': 'another one'}")).is(409);
    api.put("/api/v1/users/ann", json("{'password': 'another one'}")).is(204);
    assertThat(connect("ann", "anns password")).isEqualTo(ReasonCode.BAD_USER_NAME_OR_PASSWORD);
    assertThat(connect("ann", "another one")).isEqualTo(ReasonCode.SUCCESS);
    assertThat(api.get("/api/v1/users").body()).contains("\"ann\"").doesNotContain("argon2");
    assertThat(api.get("/api/v1/authentication").get("items").get(0).toString())
        .isEqualTo("{\"name\":\"users\",\"configured\":true,\"accepted\":2,\"refused\":2}");
    api.delete("/api/v1/users/ann").is(204);
    api.delete("/api/v1/users/ann").is(404);
    assertThat(connect("ann", "whatever")).isEqualTo(ReasonCode.SUCCESS);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "{'password': 'long enough'}|username",
        "{'username': '', 'password': 'long enough'}|username",
        "{'username': 'a\\u0007b', 'password': 'long enough'}|username",
        "{'username': 'ann'}|password",
        "{'username': 'ann', 'password': 'short'}|password",
        "{'username': 'ann', 'password': 'long enough', 'admin': true}|admin",
      })
  void what_is_wrong_with_a_user_is_said_at_its_field(String body, String field) {
    api.post("/api/v1/users", json(body)).isWrongAt(field);
  }

  @Test
  void each_role_may_do_what_it_is_for() {
    for (String role : List.of("viewer", "operator", "administrator")) {
      String body =
          json("{'username': '%s', 'role': '%s', 'password': 'a password'}".formatted(role, role));
      Api.Answer made = api.post("/api/v1/accounts", body);
      assertThat(made.is(201).body()).doesNotContain("a password");
    }
    Api viewer = as("viewer");
    Api operator = as("operator");

    viewer.get("/api/v1/clients").is(200);
    viewer.post("/api/v1/publish", json("{'topic': 'a'}")).is(403);
    viewer.get("/api/v1/users").is(403);
    operator.post("/api/v1/publish", json("{'topic': 'a'}")).is(200);
    operator.post("/api/v1/users", json("{'username': 'x', 'password': 'long enough'}")).is(403);
    operator.get("/api/v1/accounts").is(403);
    operator.put(RULES, "[]").is(403);
    as("administrator").get("/api/v1/accounts").is(200);
  }

  private Api as(String account) {
    return api.as(api.post("/api/v1/session", signIn(account, "a password")).is(200).text("token"));
  }

  @Test
  void the_last_administrator_stays_and_a_changed_role_counts_at_once() {
    api.delete("/api/v1/accounts/admin").is(409);
    api.put("/api/v1/accounts/admin", json("{'role': 'viewer'}")).isWrongAt("role");
    api.post(
            "/api/v1/accounts",
            json("{'username': 'second', 'role': 'administrator', 'password': 'a password'}"))
        .is(201);
    Api second = as("second");

    api.put("/api/v1/accounts/second", json("{'role': 'viewer'}")).is(204);

    second.get("/api/v1/accounts").is(403);
    api.delete("/api/v1/accounts/second").is(204);
    second.get("/api/v1/nodes").is(401);
  }

  @Test
  void a_key_is_shown_once_and_works_until_it_is_removed() {
    Api.Answer made =
        api.post("/api/v1/keys", json("{'name': 'prometheus', 'role': 'viewer'}")).is(201);
    Api with = api.as(made.text("key"));

    with.get("/api/v1/clients").is(200);
    with.post("/api/v1/publish", json("{'topic': 'a'}")).is(403);
    assertThat(api.get("/api/v1/keys").body()).doesNotContain(made.text("key").substring(25));
    api.as(made.text("key") + "x").get("/api/v1/clients").is(401);
    api.delete("/api/v1/keys/" + made.text("id")).is(204);
    with.get("/api/v1/clients").is(401);
    api.post(
            "/api/v1/keys",
            json("{'name': 'old', 'role': 'viewer', 'expiresAt': '2020-01-01T00:00:00Z'}"))
        .isWrongAt("expiresAt");
  }

  @Test
  void rules_hold_at_once_for_clients_that_are_connected() {
    MqttSocket publisher = clients.connected(MQTT_5);
    MqttSocket subscriber = clients.connected(MQTT_5).subscribe("#", 1);
    publisher.publish("open/1", "before", 1);
    assertThat(text(subscriber.receive())).isEqualTo("before");

    api.put(
            RULES,
            json(
                "[{'effect': 'deny', 'action': 'publish', 'filter': 'locked/#'},"
                    + " {'effect': 'deny', 'action': 'subscribe', 'filter': 'secret/#'},"
                    + " {'effect': 'allow', 'filter': '#'}]"))
        .is(204);

    publisher.sendPublish("locked/1", "x", 1, 7);
    assertThat(publisher.expect(Packet.Puback.class).reason()).isEqualTo(ReasonCode.NOT_AUTHORIZED);
    publisher.publish("secret/1", "nobody", 1);
    publisher.publish("open/2", "after", 1);
    assertThat(text(subscriber.receive())).isEqualTo("after");
    assertThat(api.get(RULES).is(200).json()).hasSize(3);
    api.put(RULES, "[]").is(204);
    publisher.publish("secret/2", "all", 1);
    assertThat(text(subscriber.receive())).isEqualTo("all");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "[{'effect': 'perhaps', 'filter': '#'}]|[0].effect",
        "[{'filter': '#'}]|[0].effect",
        "[{'effect': 'allow'}]|[0].filter",
        "[{'effect': 'allow', 'filter': '#'}, {'effect': 'deny', 'filter': 'a/#/b'}]|[1].filter",
        "[{'effect': 'allow', 'filter': 'x%u'}]|[0].filter",
        "[{'effect': 'allow', 'action': 'read', 'filter': '#'}]|[0].action",
        "[{'effect': 'allow', 'filter': '#', 'address': '10.0.0.0/40'}]|[0].address",
        "[{'effect': 'allow', 'filter': '#', 'maxQos': 3}]|[0].maxQos",
        "[{'effect': 'allow', 'filter': '#', 'user': 'x'}]|[0].user",
        "[null]|[0]",
      })
  void what_is_wrong_with_a_rule_is_said_at_its_place_and_nothing_is_changed(
      String body, String field) {
    api.put(RULES, json(body)).isWrongAt(field);

    assertThat(api.get(RULES).json()).isEmpty();
  }

  @Test
  void rules_of_the_configuration_decide_and_say_where_they_are() {
    close();
    relais =
        EmbeddedRelais.start(
            "authorization.rules.0.effect=allow", "authorization.rules.0.filter=mine/#");
    clients = new Clients(relais);
    api = Api.ready(relais);

    Api.Answer refused = api.put(RULES, "[]").is(409);

    assertThat(refused.text("detail")).contains("--set authorization.rules.0.effect");
    assertThat(api.get(RULES).json()).hasSize(1);
  }

  @Test
  void rules_and_users_outlast_a_restart(@TempDir Path data) {
    close();
    String[] onDisk = {"store=disk", "data=" + data};
    relais = EmbeddedRelais.start(onDisk);
    clients = new Clients(relais);
    api = Api.ready(relais);
    String token = String.valueOf(api.token());
    api.put(RULES, json("[{'effect': 'allow', 'action': 'publish', 'filter': 'a'}]")).is(204);
    api.post("/api/v1/users", json("{'username': 'ann', 'password': 'anns password'}")).is(201);
    close();

    relais = EmbeddedRelais.start(onDisk);
    clients = new Clients(relais);
    api = new Api(relais.api()).as(token);

    assertThat(api.get(RULES).json()).hasSize(1);
    assertThat(connect("ann", "wrong")).isEqualTo(ReasonCode.BAD_USER_NAME_OR_PASSWORD);
    MqttSocket ann = clients.open(MQTT_3_1_1);
    ann.connect(clients.id(), how -> how.username("ann").password("anns password"));
    assertThat(ann.suback(Properties.NONE, MqttSocket.subscription("a", 0)).reasons())
        .containsExactly(ReasonCode.UNSPECIFIED_ERROR);
  }

  @Test
  void what_is_changed_is_in_the_audit_log_without_secrets() {
    api.post("/api/v1/users", json("{'username': 'ann', 'password': 'anns password'}")).is(201);
    api.put(RULES, json("[{'effect': 'allow', 'filter': '#'}]")).is(204);
    api.delete("/api/v1/users/ann").is(204);

    Api.Answer log = api.get("/api/v1/audit").is(200);

    List<String> actions = new ArrayList<>();
    log.get("items").forEach(one -> actions.add(one.get("action").stringValue()));
    assertThat(actions)
        .startsWith(
            "DELETE /api/v1/users/ann", "PUT /api/v1/authorization/rules", "POST /api/v1/users");
    assertThat(log.body()).doesNotContain("anns password").doesNotContain("argon2");
    assertThat(log.get("items").get(1).get("before")).isEmpty();
    assertThat(log.get("items").get(1).get("after")).hasSize(1);
    assertThat(log.get("items").get(0).get("who").stringValue()).isEqualTo("admin");
  }
}
