package io.relais.systemtests.api;

import static io.relais.protocol.ProtocolVersion.MQTT_3_1_1;
import static io.relais.protocol.ProtocolVersion.MQTT_5;
import static io.relais.systemtests.api.Api.json;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.relais.protocol.Packet;
import io.relais.protocol.PacketType;
import io.relais.protocol.Property;
import io.relais.protocol.ProtocolVersion;
import io.relais.systemtests.EmbeddedRelais;
import io.relais.testkit.Clients;
import io.relais.testkit.Connecting;
import io.relais.testkit.EachVersion;
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
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

/// Slow subscribers, counts by topic, filters, sessions, and what waits, as the API shows them.
class InsightApiTest {
  private static final String SLOW = "/api/v1/slow-subscribers";
  private static final String COUNTS = "/api/v1/topic-metrics";
  private static final Duration PATIENCE = Duration.ofSeconds(20);

  private EmbeddedRelais relais =
      EmbeddedRelais.start(
          "metrics.slow-subscribers.threshold=30ms", "metrics.slow-subscribers.count=3");
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
    api = Api.ready(relais);
  }

  private List<JsonNode> items(String path) {
    List<JsonNode> found = new ArrayList<>();
    api.get(path).is(200).get("items").forEach(found::add);
    return found;
  }

  private MqttSocket subscriber(ProtocolVersion version, String id, boolean persistent) {
    MqttSocket client = clients.open(version);
    client.connect(id, how -> persistent ? how.persistent() : how);
    return client.subscribe("plant/#", 1);
  }

  // ---- slow subscribers

  private static boolean isTold(List<JsonNode> items, String clientId) {
    return items.stream().anyMatch(one -> one.get("clientId").stringValue().equals(clientId));
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void who_takes_long_to_acknowledge_is_told_and_who_does_not_is_not(boolean persistent) {
    MqttSocket slow = subscriber(MQTT_5, "slow", persistent);
    MqttSocket quick = subscriber(MQTT_3_1_1, "quick", persistent);
    MqttSocket publisher = clients.connected(MQTT_5);
    publisher.publish("plant/1", "x", 1);
    int first = slow.expectPublish().packetId();
    quick.receive();

    await()
        .atMost(PATIENCE)
        .until(
            () -> { // what comes meanwhile shows that the first still is not acknowledged
              publisher.publish("plant/2", "y", 1);
              quick.receive();
              return isTold(items(SLOW), "slow");
            });

    JsonNode told =
        items(SLOW).stream()
            .filter(one -> one.get("clientId").stringValue().equals("slow"))
            .findFirst()
            .orElseThrow();
    assertThat(told.get("latencyMillis").longValue()).isGreaterThanOrEqualTo(30);
    assertThat(told.get("topic").stringValue()).isEqualTo("plant/1");
    assertThat(told.get("inFlightMessages").intValue()).isGreaterThan(1);
    api.delete(SLOW).is(204);
    assertThat(items(SLOW)).isEmpty();
    slow.sendPuback(first);
    await().atMost(PATIENCE).until(() -> isTold(items(SLOW), "slow"));
    assertThat(items(SLOW).getFirst().get("times").longValue()).isEqualTo(1);
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void those_for_whom_most_comes_to_wait_are_told_by_growth(boolean persistent) {
    List<String> ids = List.of("a", "b", "c", "d");
    for (String id : ids) {
      MqttSocket one = clients.open(MQTT_5);
      one.connect(
          id, how -> (persistent ? how.persistent() : how).property(Property.RECEIVE_MAXIMUM, 1));
      one.subscribe("to/" + id + "/#", 1);
    }
    MqttSocket publisher = clients.connected(MQTT_5);
    for (int i = 0; i < ids.size(); i++) {
      for (int n = 0; n < 2 + i; n++) {
        publisher.publish("to/" + ids.get(i) + "/x", "y", 1);
      }
    }

    await()
        .atMost(PATIENCE)
        .until(
            () ->
                items(SLOW + "?by=growth").stream()
                    .mapToLong(one -> one.get("queuedMessages").longValue())
                    .boxed()
                    .toList()
                    .equals(List.of(4L, 3L, 2L)));

    JsonNode worst = items(SLOW + "?by=growth").getFirst();
    assertThat(worst.get("clientId").stringValue()).isEqualTo("d");
    assertThat(worst.get("queueGrowth").longValue()).isEqualTo(4);
    assertThat(items(SLOW + "?by=growth&limit=1")).hasSize(1);
    api.get(SLOW + "?by=name").isWrongAt("by");
  }

  @Test
  void what_a_full_queue_dropped_is_not_told_as_waiting() {
    restart("metrics.slow-subscribers.threshold=30ms", "limits.queue-messages=20");
    MqttSocket slow = clients.open(MQTT_5);
    slow.connect("slow", how -> how.persistent().property(Property.RECEIVE_MAXIMUM, 5));
    slow.subscribe("plant/#", 1);
    MqttSocket publisher = clients.connected(MQTT_5);
    for (int i = 0; i < 100; i++) {
      publisher.publish("plant/1", "x", 1);
    }

    await().atMost(PATIENCE).until(() -> isTold(items(SLOW + "?by=growth"), "slow"));

    JsonNode told = items(SLOW + "?by=growth").getFirst();
    assertThat(told.get("queuedMessages").longValue()).isEqualTo(15);
    assertThat(told.get("queueGrowth").longValue()).isEqualTo(15);
    assertThat(told.get("inFlightMessages").intValue()).isEqualTo(5);
    assertThat(told.get("queuedMessages"))
        .isEqualTo(api.get("/api/v1/clients/slow").is(200).get("queuedMessages"));
  }

  @Test
  void nobody_is_told_where_nobody_is_watched() {
    restart("metrics.slow-subscribers.threshold=0s");
    MqttSocket slow = subscriber(MQTT_5, "slow", false);
    MqttSocket publisher = clients.connected(MQTT_5);
    publisher.publish("plant/1", "x", 1);
    int id = slow.expectPublish().packetId();
    slow.sendPuback(id).sendPing();
    slow.expect(Packet.Pingresp.class);

    assertThat(items(SLOW)).isEmpty();
    assertThat(items(SLOW + "?by=growth")).isEmpty();
  }

  // ---- counts by topic

  private JsonNode counts(String filter) {
    return items(COUNTS).stream()
        .filter(one -> one.get("filter").stringValue().equals(filter))
        .findFirst()
        .orElseThrow();
  }

  private static List<Long> numbers(JsonNode list) {
    List<Long> found = new ArrayList<>();
    list.forEach(one -> found.add(one.longValue()));
    return found;
  }

  @EachVersion
  void messages_are_counted_in_and_out_by_qos_on_all_loops(ProtocolVersion version) {
    api.post(COUNTS, json("{'filter': 'plant/+'}")).is(201);
    api.post(COUNTS, json("{'filter': 'plant/1'}")).is(201);
    List<MqttSocket> subscribers = new ArrayList<>();
    for (int i = 0; i < 4; i++) { // on two loops
      subscribers.add(clients.connected(version).subscribe("plant/#", 2));
    }
    MqttSocket publisher = clients.connected(version);

    publisher.publish("plant/1", "abc", 0);
    publisher.publish("plant/1", "abc", 1);
    publisher.publish("plant/2", "abc", 2);
    publisher.publish("plant/2/3", "abc", 1);
    for (MqttSocket subscriber : subscribers) {
      for (int i = 0; i < 4; i++) {
        subscriber.receive();
      }
    }

    JsonNode all = counts("plant/+");
    assertThat(numbers(all.get("in"))).containsExactly(1L, 1L, 1L);
    assertThat(numbers(all.get("out"))).containsExactly(4L, 4L, 4L);
    assertThat(all.get("bytesIn").longValue()).isEqualTo(9);
    assertThat(all.get("bytesOut").longValue()).isEqualTo(36);
    assertThat(all.get("messagesDropped").longValue()).isZero();
    JsonNode one = counts("plant/1");
    assertThat(numbers(one.get("in"))).containsExactly(1L, 1L, 0L);
    assertThat(one.get("messagesOut").longValue()).isEqualTo(8);
    await()
        .atMost(PATIENCE)
        .until(() -> counts("plant/+").get("messagesInPerSecond").doubleValue() > 0);
    api.delete(COUNTS + "/plant%2F1").is(204);
    api.delete(COUNTS + "/plant%2F1").is(404);
    publisher.publish("plant/1", "abc", 0);
    publisher.publish("plant/1", "abc", 1);
    assertThat(counts("plant/+").get("messagesIn").longValue()).isEqualTo(5);
    assertThat(items(COUNTS)).hasSize(1);
  }

  @Test
  void what_queues_hold_counts_when_it_is_sent_and_what_is_dropped_counts_too() {
    api.post(COUNTS, json("{'filter': 'plant/1'}")).is(201);
    MqttSocket away = subscriber(MQTT_5, "away", true);
    away.disconnect();
    MqttSocket publisher = clients.connected(MQTT_5);
    publisher.publish("plant/1", "kept", 1);
    long before = counts("plant/1").get("messagesOut").longValue();
    MqttSocket back = clients.open(MQTT_5);
    back.connect("away", Connecting::persistent);
    back.receive();
    MqttSocket small = clients.open(MQTT_5);
    small.connect("small", how -> how.property(Property.MAXIMUM_PACKET_SIZE, 20L));
    small.subscribe("plant/#", 0);

    publisher.publish("plant/1", "more than fits into so little", 0);

    back.receive();
    await().atMost(PATIENCE).until(() -> counts("plant/1").get("messagesDropped").longValue() == 1);
    assertThat(before).isZero();
    assertThat(numbers(counts("plant/1").get("out"))).containsExactly(1L, 1L, 0L);
  }

  @Test
  void filters_that_are_counted_are_kept_and_what_is_wrong_is_said(@TempDir Path data) {
    String[] onDisk = {"store=disk", "data=" + data};
    restart(onDisk);
    api.post(COUNTS, json("{'filter': 'b/#'}")).is(201);
    api.post(COUNTS, json("{'filter': 'a'}")).is(201);
    api.post(COUNTS, json("{'filter': 'a'}")).is(409);
    api.post(COUNTS, json("{'filter': 'a/#/b'}")).isWrongAt("filter");
    api.post(COUNTS, json("{'filter': '$share/g/a'}")).isWrongAt("filter");
    api.post(COUNTS, json("{}")).isWrongAt("filter");
    String token = String.valueOf(api.token());

    close();
    relais = EmbeddedRelais.start(onDisk);
    clients = new Clients(relais);
    api = new Api(relais.api()).as(token);

    clients.connected(MQTT_5).publish("b/c", "x", 1);
    assertThat(items(COUNTS)).hasSize(2);
    assertThat(counts("b/#").get("messagesIn").longValue()).isEqualTo(1);
    assertThat(counts("a").get("messagesIn").longValue()).isZero();
    assertThat(items("/api/v1/audit"))
        .extracting(one -> one.get("action").stringValue())
        .contains("POST /api/v1/topic-metrics");
  }

  // ---- filters, sessions, what waits

  private static String told(JsonNode topic) {
    return topic.get("filter").stringValue()
        + " "
        + topic.get("subscribers").intValue()
        + " "
        + topic.get("kept").intValue();
  }

  @Test
  void filters_are_listed_with_their_subscribers_here_and_away() {
    subscriber(MQTT_5, "away", true).disconnect();
    subscriber(MQTT_5, "kept", true);
    for (int i = 0; i < 3; i++) {
      clients.connected(MQTT_5).subscribe("plant/#", 0).subscribe("$share/g/plant/+", 1);
    }
    clients.connected(MQTT_5).subscribe("other", 0).subscribe("$exclusive/mine", 1);

    List<String> seen = new ArrayList<>();
    String cursor = "";
    for (int pages = 0; pages < 10; pages++) {
      Api.Answer page = api.get("/api/v1/topics?limit=2" + cursor).is(200);
      page.get("items").forEach(one -> seen.add(told(one)));
      if (page.get("next").isNull()) {
        break;
      }
      cursor = "&cursor=" + page.text("next");
    }

    assertThat(seen)
        .containsExactly("$share/g/plant/+ 3 0", "mine 1 0", "other 1 0", "plant/# 5 2");
    assertThat(items("/api/v1/topics?topic=plant/x"))
        .extracting(InsightApiTest::told)
        .containsExactly("$share/g/plant/+ 3 0", "plant/# 5 2");
    assertThat(items("/api/v1/topics?filter=the")).hasSize(1);
    api.get("/api/v1/topics?topic=a/%2B").isWrongAt("topic");
  }

  @Test
  void kept_sessions_are_listed_by_whether_their_clients_are_there() {
    subscriber(MQTT_5, "away-1", true).disconnect();
    subscriber(MQTT_5, "away-2", true).disconnect();
    subscriber(MQTT_5, "here", true);
    subscriber(MQTT_5, "transient", false);
    clients.connected(MQTT_5).publish("plant/1", "waits", 1);

    List<JsonNode> away = items("/api/v1/sessions?connected=false");

    assertThat(away)
        .extracting(one -> one.get("clientId").stringValue())
        .containsExactly("away-1", "away-2");
    assertThat(away.getFirst().get("queuedMessages").intValue()).isEqualTo(1);
    assertThat(away.getFirst().get("subscriptions").intValue()).isEqualTo(1);
    assertThat(items("/api/v1/sessions?connected=true"))
        .extracting(one -> one.get("clientId").stringValue())
        .containsExactly("here");
    assertThat(items("/api/v1/sessions")).hasSize(3);
    assertThat(items("/api/v1/sessions?filter=WAY-2")).hasSize(1);
    assertThat(api.get("/api/v1/sessions?limit=1").get("next").isNull()).isFalse();
    api.get("/api/v1/sessions?connected=maybe").isWrongAt("connected");
  }

  @Test
  void delayed_messages_are_listed_and_taken_back() {
    MqttSocket publisher = clients.connected(MQTT_5);
    for (int i = 0; i < 3; i++) {
      publisher.publish("$delayed/600/plant/" + i, "later " + i, 1);
    }

    Api.Answer page = api.get("/api/v1/delayed?limit=2").is(200);

    JsonNode first = page.get("items").get(0);
    assertThat(first.get("topic").stringValue()).isEqualTo("plant/0");
    assertThat(first.get("payload").stringValue()).isEqualTo("later 0");
    assertThat(Instant.parse(first.get("dueAt").stringValue()))
        .isBetween(Instant.now().plusSeconds(500), Instant.now().plusSeconds(700));
    assertThat(items("/api/v1/delayed?cursor=" + page.text("next")))
        .singleElement()
        .satisfies(one -> assertThat(one.get("topic").stringValue()).isEqualTo("plant/2"));
    String one = "/api/v1/delayed/" + first.get("id").stringValue();
    api.delete(one).is(204);
    api.delete(one).is(404);
    api.delete("/api/v1/delayed/x").is(404);
    assertThat(items("/api/v1/delayed")).hasSize(2);
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void what_is_in_flight_is_listed_with_what_it_waits_for(boolean persistent) {
    MqttSocket client = clients.open(MQTT_5);
    client.connect("c/1", how -> persistent ? how.persistent() : how);
    client.subscribe("plant/#", 2);
    MqttSocket publisher = clients.connected(MQTT_5);
    publisher.publish("plant/1", "x", 1);
    publisher.publish("plant/2", "x", 2);
    int first = client.expectPublish().packetId();
    int second = client.expectPublish().packetId();
    client.sendPubrec(second);
    client.expectAck(PacketType.PUBREL, second);
    String path = "/api/v1/clients/c%2F1/in-flight";

    List<JsonNode> both = items(path);

    assertThat(both)
        .extracting(one -> one.get("state").stringValue())
        .containsExactly("sent", "released");
    assertThat(both)
        .extracting(one -> one.get("packetId").intValue())
        .containsExactly(first, second);
    assertThat(both.getFirst().get("qos").intValue()).isEqualTo(1);
    assertThat(both.getFirst().get("topic").isNull()).isEqualTo(!persistent);
    Api.Answer page = api.get(path + "?limit=1").is(200);
    assertThat(items(path + "?cursor=" + page.text("next"))).hasSize(1);
    client.sendPuback(first).sendPubcomp(second).sendPing();
    client.expect(Packet.Pingresp.class);
    assertThat(items(path)).isEmpty();
    api.get("/api/v1/clients/nobody/in-flight").is(404);
  }
}
