package io.relais.systemtests.api;

import static io.relais.protocol.ProtocolVersion.MQTT_3_1_1;
import static io.relais.protocol.ProtocolVersion.MQTT_5;
import static io.relais.systemtests.api.Api.json;
import static io.relais.systemtests.api.Api.signIn;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.relais.broker.Counter;
import io.relais.protocol.Packet;
import io.relais.protocol.ProtocolVersion;
import io.relais.protocol.ReasonCode;
import io.relais.systemtests.EmbeddedRelais;
import io.relais.testkit.Clients;
import io.relais.testkit.MqttSocket;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;

/// Bans as operators make them and as clients meet them.
class BansApiTest {
  private static final String BANS = "/api/v1/bans";

  private EmbeddedRelais relais = EmbeddedRelais.start();
  private Clients clients = new Clients(relais);
  private Api api = Api.ready(relais);

  @AfterEach
  void close() {
    api.close();
    clients.close();
    relais.close();
  }

  private void restart(String... settings) {
    close();
    relais = EmbeddedRelais.start(settings);
    clients = new Clients(relais);
  }

  private Api.Answer ban(String kind, String value) {
    return api.post(BANS, json("{'kind': '%s', 'value': '%s'}".formatted(kind, value)));
  }

  private MqttSocket connecting(ProtocolVersion version, String clientId, String username) {
    return clients
        .open(version)
        .sendConnect(clientId, how -> how.username(username).password("a password"));
  }

  private ReasonCode answer(ProtocolVersion version, String clientId, String username) {
    return connecting(version, clientId, username).expect(Packet.Connack.class).reason();
  }

  @ParameterizedTest
  @CsvSource({
    "client, press-7",
    "user, ann",
    "address, 127.0.0.1",
    "address, 127.0.0.0/8",
    "address, ::ffff:127.0.0.1",
    "client-pattern, press-?",
    "user-pattern, a*",
  })
  void who_is_banned_is_disconnected_and_refused_until_the_ban_is_removed(
      String kind, String value) {
    api.post("/api/v1/users", json("{'username': 'ann', 'password': 'a password'}")).is(201);
    MqttSocket there = connecting(MQTT_5, "press-7", "ann");
    assertThat(there.expect(Packet.Connack.class).reason()).isEqualTo(ReasonCode.SUCCESS);

    Api.Answer made = ban(kind, value).is(201);

    assertThat(made.text("by")).isEqualTo("admin");
    assertThat(made.get("until").isNull()).isTrue();
    assertThat(there.expect(Packet.Disconnect.class).reason())
        .isEqualTo(ReasonCode.ADMINISTRATIVE_ACTION);
    there.expectClosed();
    assertThat(answer(MQTT_5, "press-7", "ann")).isEqualTo(ReasonCode.BANNED);
    assertThat(answer(MQTT_3_1_1, "press-7", "ann")).isEqualTo(ReasonCode.NOT_AUTHORIZED);
    assertThat(relais.count(Counter.BANNED_CONNECTS)).isEqualTo(2);
    api.delete(BANS + "/" + made.text("id")).is(204);
    assertThat(answer(MQTT_5, "press-7", "ann")).isEqualTo(ReasonCode.SUCCESS);
    api.delete(BANS + "/" + made.text("id")).is(404);
  }

  @Test
  void clients_that_a_ban_does_not_speak_of_stay_and_come_in() {
    api.post("/api/v1/users", json("{'username': 'bob', 'password': 'a password'}")).is(201);
    MqttSocket there = connecting(MQTT_3_1_1, "drill-1", "bob");
    assertThat(there.expect(Packet.Connack.class).reason()).isEqualTo(ReasonCode.SUCCESS);

    ban("client", "press-7").is(201);
    ban("user", "ann").is(201);
    ban("address", "192.0.2.0/24").is(201);
    ban("address", "192.0.2.1").is(201);
    ban("client-pattern", "press-*").is(201);
    ban("user-pattern", "a*").is(201);

    there.expectSilence();
    assertThat(answer(MQTT_5, "drill-2", "bob")).isEqualTo(ReasonCode.SUCCESS);
  }

  @Test
  void a_client_of_3_1_1_that_is_banned_is_closed() {
    MqttSocket there = clients.open(MQTT_3_1_1);
    there.connect("old");

    ban("client", "old").is(201);

    there.expectClosed();
  }

  @Test
  void a_ban_that_is_over_lets_the_client_in_and_is_not_listed_any_more() {
    String until = Instant.now().plusMillis(1_500).toString();
    String body =
        json("{'kind': 'client', 'value': 'x', 'until': '%s', 'reason': 'loud'}".formatted(until));
    api.post(BANS, body).is(201);
    assertThat(answer(MQTT_5, "x", "ann")).isEqualTo(ReasonCode.BANNED);
    assertThat(listed()).hasSize(1);

    await()
        .atMost(Duration.ofSeconds(20))
        .until(() -> answer(MQTT_5, "x", "ann") == ReasonCode.SUCCESS);

    assertThat(listed()).isEmpty();
    ban("client", "x").is(201); // which takes its place
    assertThat(listed()).hasSize(1);
  }

  private List<String> listed() {
    List<String> values = new ArrayList<>();
    String cursor = "";
    while (true) {
      Api.Answer page = api.get(BANS + "?limit=2" + cursor).is(200);
      page.get("items").forEach(one -> values.add(one.get("value").stringValue()));
      if (page.get("next").isNull()) {
        return values;
      }
      cursor = "&cursor=" + page.text("next");
    }
  }

  @Test
  void bans_are_listed_page_by_page_in_their_order_and_each_is_there_once() {
    for (String value : List.of("e", "d", "c", "b", "a")) {
      ban("client", value).is(201);
    }
    ban("address", "2001:db8::1").is(201);

    ban("client", "c").is(409);
    ban("address", "2001:DB8:0::1").is(409);
    ban("user", "c").is(201);

    assertThat(listed()).containsExactly("e", "d", "c", "b", "a", "2001:db8::1", "c");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "{'value': 'x'}|kind",
        "{'kind': 'clients', 'value': 'x'}|kind",
        "{'kind': 'client'}|value",
        "{'kind': 'client', 'value': ''}|value",
        "{'kind': 'address', 'value': '10.0.0.0/99'}|value",
        "{'kind': 'address', 'value': 'localhost'}|value",
        "{'kind': 'client', 'value': 'x', 'until': '2020-01-01T00:00:00Z'}|until",
        "{'kind': 'client', 'value': 'x', 'until': '+100000-01-01T00:00:00Z'}|until",
        "{'kind': 'client', 'value': 'x', 'until': 'tomorrow'}|until",
        "{'kind': 'client', 'value': 'x', 'id': '1'}|id",
        "{'kind': 'client', 'value': 'x', 'by': 'me'}|by",
        "{'kind': 'client', 'value': 'x', 'reason': 'a\\u0007b'}|reason",
        "{'kind': 'client', 'value': 'x', 'forever': true}|forever",
      })
  void what_is_wrong_with_a_ban_is_said_at_its_field(String body, String field) {
    api.post(BANS, json(body)).isWrongAt(field);

    assertThat(listed()).isEmpty();
  }

  @Test
  void operators_ban_viewers_do_not_and_the_audit_log_tells_of_it() {
    for (String role : List.of("viewer", "operator")) {
      api.post(
              "/api/v1/accounts",
              json(
                  "{'username': '%s', 'role': '%s', 'password': 'a password'}"
                      .formatted(role, role)))
          .is(201);
    }
    Api viewer = as("viewer");
    Api operator = as("operator");

    viewer.get(BANS).is(403);
    viewer.post(BANS, json("{'kind': 'client', 'value': 'x'}")).is(403);
    Api.Answer made = operator.post(BANS, json("{'kind': 'client', 'value': 'x'}")).is(201);
    operator.delete(BANS + "/" + made.text("id")).is(204);

    JsonNode log = api.get("/api/v1/audit").get("items");
    assertThat(log.get(0).get("action").stringValue())
        .isEqualTo("DELETE /api/v1/bans/" + made.text("id"));
    assertThat(log.get(0).get("before").get("value").stringValue()).isEqualTo("x");
    assertThat(log.get(1).get("action").stringValue()).isEqualTo("POST /api/v1/bans");
    assertThat(log.get(1).get("who").stringValue()).isEqualTo("operator");
  }

  private Api as(String account) {
    return api.as(api.post("/api/v1/session", signIn(account, "a password")).is(200).text("token"));
  }

  @Test
  void bans_outlast_a_restart(@TempDir Path data) {
    String[] onDisk = {"store=disk", "data=" + data};
    restart(onDisk);
    api = Api.ready(relais);
    String token = String.valueOf(api.token());
    String id = ban("client", "kept").is(201).text("id");
    ban("address", "192.0.2.0/24").is(201);

    restart(onDisk);
    api = new Api(relais.api()).as(token);

    assertThat(answer(MQTT_5, "kept", "ann")).isEqualTo(ReasonCode.BANNED);
    assertThat(listed()).containsExactly("kept", "192.0.2.0/24");
    ban("client", "kept").is(409);
    ban("client", "another").is(201);
    api.delete(BANS + "/" + id).is(204);
    assertThat(answer(MQTT_5, "kept", "ann")).isEqualTo(ReasonCode.SUCCESS);
  }

  @Test
  void a_client_id_that_connects_too_often_is_banned_for_a_while() {
    restart("limits.flapping.attempts=3", "limits.flapping.window=1h");
    api = Api.ready(relais);
    for (int i = 0; i < 3; i++) {
      assertThat(answer(MQTT_5, "flaps", "ann")).isEqualTo(ReasonCode.SUCCESS);
    }
    MqttSocket fourth = connecting(MQTT_5, "flaps", "ann");

    assertThat(fourth.expect(Packet.Connack.class).reason()).isEqualTo(ReasonCode.SUCCESS);
    assertThat(fourth.expect(Packet.Disconnect.class).reason())
        .isEqualTo(ReasonCode.ADMINISTRATIVE_ACTION);
    assertThat(answer(MQTT_3_1_1, "flaps", "ann")).isEqualTo(ReasonCode.NOT_AUTHORIZED);
    assertThat(answer(MQTT_5, "other", "ann")).isEqualTo(ReasonCode.SUCCESS);
    await().atMost(Duration.ofSeconds(20)).until(() -> listed().contains("flaps"));
    JsonNode ban = api.get(BANS).get("items").get(0);
    assertThat(ban.get("kind").stringValue()).isEqualTo("client");
    assertThat(ban.get("by").stringValue()).isEqualTo("flapping");
    Duration time =
        Duration.between(
            Instant.parse(ban.get("createdAt").stringValue()),
            Instant.parse(ban.get("until").stringValue()));
    assertThat(time).isEqualTo(Duration.ofMinutes(5));
    api.delete(BANS + "/" + ban.get("id").stringValue()).is(204);
    assertThat(answer(MQTT_5, "flaps", "ann")).isEqualTo(ReasonCode.SUCCESS);
  }

  @Test
  void as_it_comes_nobody_is_banned_for_connecting_often() {
    for (int i = 0; i < 40; i++) {
      assertThat(answer(MQTT_5, "flaps", "ann")).isEqualTo(ReasonCode.SUCCESS);
    }

    assertThat(listed()).isEmpty();
  }

  @Test
  void explain_tells_of_a_ban() {
    ban("client-pattern", "press-*").is(201);

    Api.Answer told = api.post("/api/v1/explain/connect", json("{'clientId': 'press-7'}")).is(200);

    assertThat(told.text("outcome")).isEqualTo("denied");
    assertThat(told.body()).contains("the client-pattern 'press-*' is banned");
  }
}
