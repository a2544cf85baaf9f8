package io.relais.systemtests.api;

import static io.relais.protocol.ProtocolVersion.MQTT_5;
import static io.relais.systemtests.api.Api.json;
import static org.assertj.core.api.Assertions.assertThat;

import io.relais.api.Json;
import io.relais.systemtests.EmbeddedRelais;
import io.relais.testkit.Clients;
import io.relais.testkit.MqttSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Recordings of what clients do.
class TracesApiTest {
  private static final String TRACES = "/api/v1/traces";

  /// A password is checked, which takes its time on a machine that is busy.
  private static final Duration PATIENCE = Duration.ofSeconds(30);

  @TempDir private Path folder;

  private EmbeddedRelais start() {
    return EmbeddedRelais.start("store=disk", "data=" + folder.resolve("data"));
  }

  private Path file(String name) {
    return folder.resolve("data/traces/" + name + ".jsonl");
  }

  private static List<String> texts(Api api, String name) {
    List<String> texts = new ArrayList<>();
    api.get(TRACES + "/" + name + "/download")
        .is(200)
        .body()
        .lines()
        .forEach(line -> texts.add(Json.MAPPER.readTree(line).get("text").stringValue()));
    return texts;
  }

  private static void await(Api api, String name, String text) {
    Awaitility.await()
        .untilAsserted(() -> assertThat(texts(api, name)).anyMatch(one -> one.startsWith(text)));
  }

  @Test
  void a_client_is_recorded_however_it_is_named() {
    try (EmbeddedRelais relais = EmbeddedRelais.start();
        Clients clients = new Clients(relais);
        Api api = Api.ready(relais)) {
      api.post("/api/v1/users", json("{'username': 'ann', 'password': 'anns password'}")).is(201);
      MqttSocket client = clients.open(MQTT_5).patience(PATIENCE);
      client.connect("press-7", how -> how.username("ann").password("anns password"));

      List.of("'clientId': 'press-7'", "'username': 'ann'", "'address': '127.0.0.0/8'")
          .forEach(
              subject -> {
                String name = subject.substring(1, subject.indexOf("':"));
                api.post(
                        TRACES,
                        json("{'name': '%s', %s, 'payloadBytes': 3}".formatted(name, subject)))
                    .is(201);
              });
      client.publish("a", "hello", 1);
      client.disconnect();
      clients
          .open(MQTT_5)
          .patience(PATIENCE)
          .connect("press-7", how -> how.username("ann").password("anns password"));

      for (String name : List.of("clientId", "username", "address")) {
        await(api, name, "CONNACK");
        assertThat(texts(api, name))
            .anyMatch(text -> text.startsWith("PUBLISH q1"))
            .anyMatch(text -> text.startsWith("PUBACK"))
            .anyMatch(text -> text.startsWith("CONNECT v5.0 id=press-7"));
        String lines = api.get(TRACES + "/" + name + "/download").body();
        assertThat(lines).contains("\"hel\"").doesNotContain("anns password");
      }
      assertThat(api.get(TRACES + "/address/download?format=text").body())
          .contains("> PUBLISH q1")
          .contains("< PUBACK");
    }
  }

  @Test
  void what_becomes_of_messages_is_recorded_for_a_topic() {
    try (EmbeddedRelais relais = EmbeddedRelais.start();
        Clients clients = new Clients(relais);
        Api api = Api.ready(relais)) {
      MqttSocket subscriber = clients.open(MQTT_5);
      subscriber.connect("display");
      subscriber.subscribe("plant/+", 1);

      api.post(TRACES, json("{'name': 't', 'topic': 'plant/#'}")).is(201);
      MqttSocket publisher = clients.connected(MQTT_5);
      publisher.publish("plant/1", "x", 1);
      publisher.publish("office", "x", 1);
      subscriber.receive();

      await(api, "t", "deliver sent");
      assertThat(texts(api, "t"))
          .anyMatch(text -> text.equals("PUBLISH q1 plant/1 (1 bytes)"))
          .anyMatch(text -> text.equals("deliver sent: to 'display' by 'plant/+' at QoS 1"))
          .anyMatch(text -> text.equals("acknowledge acknowledged: 0x00 success"))
          .noneMatch(text -> text.contains("office"));
    }
  }

  @Test
  void a_recording_is_private_survives_a_restart_as_finished_and_is_removed() throws Exception {
    String token;
    try (EmbeddedRelais relais = start();
        Clients clients = new Clients(relais);
        Api api = Api.ready(relais)) {
      token = String.valueOf(api.token());
      api.post(TRACES, json("{'name': 'long', 'clientId': 'press-7'}")).is(201);
      clients.open(MQTT_5).connect("press-7");
      await(api, "long", "CONNACK");
      assertThat(api.get(TRACES + "/long").text("state")).isEqualTo("running");
      assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file("long"))))
          .isEqualTo("rw-------");
    }
    Files.writeString(file("stray"), "");

    try (EmbeddedRelais relais = start();
        Api first = new Api(relais.api());
        Api api = first.as(token)) {
      Api.Answer trace = api.get(TRACES + "/long").is(200);
      assertThat(trace.text("state")).isEqualTo("finished");
      assertThat(trace.text("endedBy")).isEqualTo("node");
      assertThat(trace.get("entries").intValue()).isGreaterThanOrEqualTo(2);
      assertThat(texts(api, "long")).anyMatch(text -> text.startsWith("CONNACK"));
      assertThat(file("stray")).doesNotExist();
      api.delete(TRACES + "/long").is(204);
      assertThat(file("long")).doesNotExist();
      api.get(TRACES + "/long").is(404);
      assertThat(api.get("/api/v1/audit").body())
          .contains("POST /api/v1/traces")
          .contains("GET /api/v1/traces/long/download")
          .contains("DELETE /api/v1/traces/long");
    }
  }

  @Test
  void a_recording_ends_with_its_time_or_its_size() {
    try (EmbeddedRelais relais = EmbeddedRelais.start();
        Clients clients = new Clients(relais);
        Api api = Api.ready(relais)) {
      api.post(TRACES, json("{'name': 'small', 'clientId': 'c', 'maxBytes': 1024}")).is(201);
      api.post(TRACES, json("{'name': 'short', 'clientId': 'c', 'seconds': 1}")).is(201);

      MqttSocket client = clients.open(MQTT_5);
      client.connect("c");
      for (int i = 0; i < 20; i++) {
        client.publish("t", "x", 1);
      }

      Awaitility.await()
          .untilAsserted(
              () -> {
                assertThat(api.get(TRACES + "/small").get("endedBy").asString()).isEqualTo("size");
                assertThat(api.get(TRACES + "/short").get("endedBy").asString()).isEqualTo("time");
              });
      assertThat(api.get(TRACES + "/small").get("bytes").intValue()).isBetween(500, 1_024);
      assertThat(api.get(TRACES).get("items")).hasSize(2);
    }
  }

  @Test
  void a_recording_that_is_stopped_keeps_what_it_has() {
    try (EmbeddedRelais relais = EmbeddedRelais.start();
        Clients clients = new Clients(relais);
        Api api = Api.ready(relais)) {
      api.post(TRACES, json("{'name': 'one', 'clientId': 'c'}")).is(201);
      MqttSocket client = clients.open(MQTT_5);
      client.connect("c");
      client.publish("t", "x", 1);
      await(api, "one", "PUBLISH");

      Api.Answer stopped = api.post(TRACES + "/one/stop", "").is(200);
      client.publish("t/later", "x", 1);

      assertThat(stopped.text("state")).isEqualTo("finished");
      assertThat(stopped.text("endedBy")).isEqualTo("stopped");
      assertThat(stopped.get("entries").intValue()).isPositive();
      assertThat(texts(api, "one"))
          .anyMatch(text -> text.startsWith("PUBLISH"))
          .noneMatch(text -> text.contains("t/later"));
      assertThat(api.post(TRACES + "/one/stop", "").is(200).body()).isEqualTo(stopped.body());
      api.post(TRACES + "/two/stop", "").is(404);
      api.post(TRACES, json("{'name': 'one', 'clientId': 'c'}")).is(409);
    }
  }

  @Test
  void there_is_a_bound_of_those_that_run_and_names_are_given_once() {
    try (EmbeddedRelais relais = EmbeddedRelais.start();
        Api api = Api.ready(relais)) {
      for (int i = 0; i < 5; i++) {
        api.post(TRACES, json("{'name': 't" + i + "', 'clientId': 'c'}")).is(201);
      }

      assertThat(api.post(TRACES, json("{'name': 't5', 'clientId': 'c'}")).is(409).body())
          .contains("5 traces are running");
      api.delete(TRACES + "/t0").is(204);
      assertThat(api.post(TRACES, json("{'name': 't1', 'clientId': 'c'}")).is(409).body())
          .contains("already");
      api.post(TRACES, json("{'name': 't5', 'clientId': 'c'}")).is(201);
    }
  }

  @Test
  void what_is_wrong_is_said_at_its_field() {
    Map<String, String> wrong =
        Map.of(
            "{'clientId': 'c'}", "name",
            "{'name': '../x', 'clientId': 'c'}", "name",
            "{'name': 't'}", "clientId",
            "{'name': 't', 'clientId': 'c', 'topic': 'a'}", "clientId",
            "{'name': 't', 'topic': 'a/#/b'}", "topic",
            "{'name': 't', 'address': 'here'}", "address",
            "{'name': 't', 'clientId': 'c', 'seconds': 0}", "seconds",
            "{'name': 't', 'clientId': 'c', 'maxBytes': 10}", "maxBytes",
            "{'name': 't', 'clientId': 'c', 'payloadBytes': -1}", "payloadBytes",
            "{'name': 't', 'clientId': 'c', 'payloads': true}", "payloads");
    try (EmbeddedRelais relais = EmbeddedRelais.start();
        Api api = Api.ready(relais)) {
      wrong.forEach((body, field) -> api.post(TRACES, json(body)).isWrongAt(field));

      assertThat(api.get(TRACES).get("items")).isEmpty();
      api.get(TRACES + "/none").is(404);
    }
  }
}
