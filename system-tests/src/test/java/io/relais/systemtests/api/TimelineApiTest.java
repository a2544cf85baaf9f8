package io.relais.systemtests.api;

import static io.relais.protocol.ProtocolVersion.MQTT_3_1_1;
import static io.relais.protocol.ProtocolVersion.MQTT_5;
import static io.relais.systemtests.api.Api.json;
import static org.assertj.core.api.Assertions.assertThat;

import io.relais.api.Json;
import io.relais.protocol.Packet;
import io.relais.systemtests.EmbeddedRelais;
import io.relais.testkit.Clients;
import io.relais.testkit.MqttSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import tools.jackson.databind.JsonNode;

/// What clients did, as the API tells it.
class TimelineApiTest {
  private final EmbeddedRelais relais = EmbeddedRelais.start();
  private final Clients clients = new Clients(relais);
  private final Api api = Api.ready(relais);
  private final HttpClient http = HttpClient.newHttpClient();

  @AfterEach
  void close() {
    http.shutdownNow();
    api.close();
    clients.close();
    relais.close();
  }

  private List<String> timeline(String clientId) {
    List<String> texts = new ArrayList<>();
    for (JsonNode entry : api.get("/api/v1/clients/" + clientId + "/timeline").get("items")) {
      texts.add(words(entry));
    }
    return texts;
  }

  private static String words(JsonNode entry) {
    return entry.get("direction").stringValue() + " " + entry.get("text").stringValue();
  }

  /// Follows a client; the answer begins when it is watched.
  private Iterator<String> follow(String path) throws Exception {
    HttpRequest request =
        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + relais.api().getPort() + path))
            .header("Authorization", "Bearer " + Objects.requireNonNull(api.token()))
            .build();
    Stream<String> lines = http.send(request, BodyHandlers.ofLines()).body();
    return lines
        .filter(line -> line.startsWith("data: "))
        .map(line -> line.substring("data: ".length()))
        .iterator();
  }

  @Test
  void how_a_client_came_and_went_is_remembered_without_anybody_having_watched() {
    MqttSocket client = clients.open(MQTT_5);
    client.connect("press-7", how -> how.username("ann").password("a secret"));
    client.subscribe("plant/#", 1).publish("office", "x", 1);
    client.disconnect();

    Awaitility.await()
        .untilAsserted(
            () -> assertThat(timeline("press-7")).last().asString().startsWith("note ended: "));
    List<String> timeline = timeline("press-7");
    assertThat(timeline)
        .extracting(entry -> entry.split(" ", -1)[0] + " " + entry.split(" ", -1)[1])
        .containsExactly(
            "in CONNECT",
            "out CONNACK",
            "in SUBSCRIBE",
            "out SUBACK",
            "in DISCONNECT",
            "note ended:");
    assertThat(timeline.getFirst()).contains("username=ann password=...");
    assertThat(timeline.get(2)).contains("plant/# q1");
    assertThat(timeline).noneMatch(entry -> entry.contains("secret"));
    assertThat(timeline("nobody")).isEmpty();
  }

  @Test
  void why_a_client_was_refused_is_told_even_if_its_version_cannot_say() {
    api.post("/api/v1/users", json("{'username': 'ann', 'password': 'anns password'}")).is(201);
    MqttSocket client = clients.open(MQTT_3_1_1).patience(Duration.ofSeconds(30));

    client.sendConnect("press-7", how -> how.username("bob").password("bobs password"));
    client.expect(Packet.Connack.class);

    assertThat(timeline("press-7"))
        .anyMatch(entry -> entry.equals("out CONNACK 0x04"))
        .anyMatch(entry -> entry.startsWith("note refused: "))
        .noneMatch(entry -> entry.contains("bobs password"));
  }

  @Test
  void pages_of_a_timeline_give_each_entry_once_in_order() {
    MqttSocket client = clients.open(MQTT_5);
    client.connect("press-7");
    for (int i = 0; i < 5; i++) {
      client.subscribe("t/" + i, 0);
    }

    List<String> seen = new ArrayList<>();
    String cursor = "";
    for (int pages = 0; pages < 10; pages++) {
      Api.Answer page = api.get("/api/v1/clients/press-7/timeline?limit=5" + cursor).is(200);
      page.get("items").forEach(entry -> seen.add(words(entry)));
      if (page.get("next").isNull()) {
        break;
      }
      cursor = "&cursor=" + page.text("next");
    }

    assertThat(seen).hasSize(12).isEqualTo(timeline("press-7"));
  }

  @Test
  @Timeout(value = 60, unit = TimeUnit.SECONDS)
  void a_client_is_followed_from_before_it_connects_with_payloads_if_they_are_asked_for()
      throws Exception {
    Iterator<String> live = follow("/api/v1/clients/press-7/timeline/live?payloadBytes=4");
    Iterator<String> discreet = follow("/api/v1/clients/press-7/timeline/live");

    MqttSocket client = clients.open(MQTT_5);
    client.connect("press-7");
    client.subscribe("echo", 1).publish("echo", "hello", 1);
    client.expectPublish();
    client.disconnect();

    List<JsonNode> seen = new ArrayList<>();
    while (seen.isEmpty() || !words(seen.getLast()).startsWith("note ended")) {
      seen.add(Json.MAPPER.readTree(live.next()));
    }
    assertThat(seen)
        .extracting(TimelineApiTest::words)
        .anyMatch(words -> words.startsWith("in CONNECT v5.0 id=press-7"))
        .anyMatch(
            words -> words.startsWith("in PUBLISH q1 id=") && words.endsWith("echo (5 bytes)"))
        .anyMatch(words -> words.startsWith("out PUBLISH q1 id=1 echo (5 bytes)"))
        .anyMatch(words -> words.startsWith("out PUBACK id="))
        .anyMatch(words -> words.startsWith("in DISCONNECT"));
    JsonNode publish =
        seen.stream().filter(one -> words(one).startsWith("in PUBLISH")).findFirst().orElseThrow();
    assertThat(publish.get("payload").stringValue()).isEqualTo("hell");
    assertThat(publish.get("topic").stringValue()).isEqualTo("echo");
    assertThat(publish.get("bytes").intValue()).isGreaterThan(5);
    for (int i = 0; i < seen.size(); i++) {
      assertThat(Json.MAPPER.readTree(discreet.next()).get("payload").isNull()).isTrue();
    }
    assertThat(timeline("press-7")).anyMatch(words -> words.startsWith("in PUBLISH"));
  }

  /// Such a payload leaves beside the array in which packets gather.
  @Test
  @Timeout(value = 60, unit = TimeUnit.SECONDS)
  void a_large_message_is_one_entry_and_what_follows_is_read_right() throws Exception {
    Iterator<String> live = follow("/api/v1/clients/large/timeline/live");
    MqttSocket client = clients.open(MQTT_5);
    client.connect("large");
    client.subscribe("big", 1);
    String payload = "x".repeat(300_000);

    clients.connected(MQTT_5).publish("big", payload, 1);
    client.receive();
    client.sendPing();

    List<String> seen = new ArrayList<>();
    while (seen.isEmpty() || !seen.getLast().equals("out PINGRESP")) {
      seen.add(words(Json.MAPPER.readTree(live.next())));
    }
    assertThat(seen).contains("out PUBLISH q1 id=1 big (300000 bytes)").contains("in PINGREQ");
  }

  @Test
  void what_became_of_a_message_is_told_step_by_step() {
    MqttSocket plain = clients.open(MQTT_5);
    plain.connect("plain");
    plain.subscribe("t/#", 0).subscribe("t/+", 1);
    MqttSocket away = clients.open(MQTT_5);
    away.connect("away", io.relais.testkit.Connecting::persistent);
    away.subscribe("t/1", 1).disconnect();
    MqttSocket publisher = clients.open(MQTT_5);
    publisher.connect("press-7");

    publisher.publish("t/1", "x", 1);
    publisher.publish("t/2", "x", 0);
    publisher.publish("nobody", "x", 1);
    plain.receive();

    JsonNode items = api.get("/api/v1/explain/messages?clientId=press-7").get("items");
    assertThat(items).hasSize(3);
    assertThat(items.get(0).get("outcome").stringValue()).isEqualTo("no-subscriber");
    Awaitility.await()
        .untilAsserted(
            () ->
                assertThat(message("t/1").body())
                    .contains("to 'plain' by 't/#', 't/+' at QoS 1")
                    .contains("for 'away' by 't/1' at QoS 1: it is away")
                    .contains("there are no rules, so everybody may publish")
                    .contains("0x00 success"));
    assertThat(message("t/1").text("outcome")).isEqualTo("delivered");
    assertThat(api.get("/api/v1/explain/messages?topic=t/%2B").get("items")).hasSize(2);
    assertThat(api.get("/api/v1/explain/messages?clientId=none").get("items")).isEmpty();
    api.get("/api/v1/explain/messages?topic=t%23").isWrongAt("topic");
    api.get("/api/v1/explain/messages/none").is(404);
  }

  private Api.Answer message(String topic) {
    JsonNode found = api.get("/api/v1/explain/messages?topic=" + topic).get("items").get(0);
    return api.get("/api/v1/explain/messages/" + found.get("id").stringValue()).is(200);
  }

  @Test
  void the_rule_that_refused_a_message_is_told() {
    api.put(
            "/api/v1/authorization/rules",
            json("[{'effect': 'allow', 'filter': 'a'}, {'effect': 'deny', 'filter': 'b'}]"))
        .is(204);
    MqttSocket client = clients.connected(MQTT_5);

    client.publish("a", "x", 1);
    client.sendPublish("b", "x", 1, 7);
    client.expect(Packet.Puback.class);
    client.sendPublish("c", "x", 1, 8);
    client.expect(Packet.Puback.class);

    assertThat(message("a").body()).contains("rule 1 of 2 decides: allow all 'a'");
    assertThat(message("b").text("outcome")).isEqualTo("denied");
    assertThat(message("b").body()).contains("rule 2 of 2 decides: deny all 'b'");
    assertThat(message("c").body()).contains("none of 2 rules speaks of it");
  }
}
