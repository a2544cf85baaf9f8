package io.relais.systemtests.api;

import static io.relais.protocol.ProtocolVersion.MQTT_5;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.sun.net.httpserver.HttpServer;
import io.relais.api.Json;
import io.relais.protocol.Packet;
import io.relais.systemtests.EmbeddedRelais;
import io.relais.testkit.Clients;
import io.relais.testkit.MqttSocket;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/// Metrics of the API, alarms, and what is sent to a collector.
class PulseApiTest {
  private static final Duration PATIENCE = Duration.ofSeconds(30);

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

  private JsonNode metrics(String kind) {
    return api.get("/api/v1/metrics").is(200).get(kind);
  }

  @Test
  void the_snapshot_counts_what_passes_and_has_its_rates_and_history() {
    MqttSocket subscriber = clients.connected(MQTT_5).subscribe("a", 0);
    MqttSocket publisher = clients.connected(MQTT_5);

    for (int i = 0; i < 10; i++) {
      publisher.publish("a", "abc", 0);
      subscriber.receive();
    }

    await().atMost(PATIENCE).until(() -> metrics("counters").get("messagesSent").longValue() == 10);
    JsonNode counters = metrics("counters");
    assertThat(counters.get("messagesReceived").longValue()).isEqualTo(10);
    assertThat(counters.get("payloadBytesSent").longValue()).isEqualTo(30);
    assertThat(metrics("gauges").get("clientsConnected").doubleValue()).isEqualTo(2);
    assertThat(metrics("gauges").get("subscriptions").doubleValue()).isEqualTo(1);
    assertThat(metrics("gauges").get("heapUsedBytes").doubleValue()).isPositive();
    assertThat(metrics("rates").get("messagesSent").doubleValue()).isPositive();
    String path = "/api/v1/metrics/history?name=messagesSent,clientsConnected&from=-10m";
    await()
        .atMost(PATIENCE)
        .until(() -> !api.get(path).get("series").get(0).get("points").isEmpty());
    JsonNode series = api.get(path).is(200).get("series");
    assertThat(series.get(0).get("name").stringValue()).isEqualTo("messagesSent");
    assertThat(series.get(1).get("points").get(0).get(1).doubleValue()).isPositive();
    assertThat(api.get(path).get("stepSeconds").intValue()).isEqualTo(5);
    assertThat(api.get("/api/v1/metrics/history?from=-20h").is(200).get("stepSeconds").intValue())
        .isEqualTo(60);
  }

  @Test
  void the_snapshot_has_how_long_syncs_and_acks_took_of_late(@TempDir Path data) {
    restart("store=disk", "data=" + data);
    api = Api.ready(relais);
    MqttSocket away = clients.open(MQTT_5);
    away.connect("away", how -> how.persistent());
    away.subscribe("a", 1).disconnect();

    MqttSocket publisher = clients.connected(MQTT_5);
    await()
        .atMost(PATIENCE)
        .until(
            () -> {
              publisher.publish("a", "abc", 1);
              return metrics("gauges").get("ackMillisP99").doubleValue() > 0;
            });

    assertThat(metrics("gauges").get("storeSyncMillisP99").doubleValue()).isPositive();
    api.get("/api/v1/metrics/history?name=storeSyncMillisP99,ackMillisP99").is(200);
  }

  @Test
  void what_is_wrong_with_a_question_of_history_is_said_at_its_field() {
    api.get("/api/v1/metrics/history?name=nothing").isWrongAt("name");
    api.get("/api/v1/metrics/history?name=").isWrongAt("name");
    api.get("/api/v1/metrics/history?from=yesterday").isWrongAt("from");
    api.get("/api/v1/metrics/history?from=2027-01-01T00:00:00Z&to=-1h").isWrongAt("from");
    api.get("/api/v1/metrics/history?to=%2B1000000-01-01T00:00:00Z").isWrongAt("to");
    api.as(null).get("/api/v1/metrics").is(401);
  }

  @Test
  void the_stream_tells_each_second() throws Exception {
    HttpRequest request =
        HttpRequest.newBuilder(
                URI.create("http://127.0.0.1:" + relais.api().getPort() + "/api/v1/metrics/live"))
            .header("Authorization", "Bearer " + api.token())
            .build();
    List<String> times = new ArrayList<>();
    try (HttpClient http = HttpClient.newHttpClient();
        var body =
            new BufferedReader(
                new InputStreamReader(
                    http.send(request, BodyHandlers.ofInputStream()).body(), UTF_8))) {
      while (times.size() < 3) {
        String line = String.valueOf(body.readLine());
        if (line.startsWith("data:")) {
          times.add(Json.MAPPER.readTree(line.substring(5)).get("time").stringValue());
        }
      }
      http.shutdownNow();
    }

    assertThat(times).doesNotHaveDuplicates().isSorted();
  }

  // ---- alarms

  private List<JsonNode> alarms(String path) {
    List<JsonNode> found = new ArrayList<>();
    api.get("/api/v1/alarms" + path).is(200).get("items").forEach(found::add);
    return found;
  }

  @Test
  void an_alarm_is_told_by_the_api_an_event_and_a_metric_and_kept_when_it_is_over(
      @TempDir Path data) {
    String[] full = {
      "store=disk", "data=" + data, "limits.connections=4", "alarms.connections-percent=50"
    };
    restart(full);
    api = Api.ready(relais);
    String token = String.valueOf(api.token());
    MqttSocket watcher = clients.connected(MQTT_5).subscribe("$events/alarm/+", 0);
    clients.connected(MQTT_5);

    Packet.Publish event = watcher.patience(PATIENCE).receive();

    assertThat(event.topic()).isEqualTo("$events/alarm/raised");
    JsonNode raised = Json.MAPPER.readTree(MqttSocket.text(event));
    assertThat(raised.get("name").stringValue()).isEqualTo("connections-high");
    assertThat(raised.get("message").stringValue()).contains("2 of 4 connections");
    assertThat(alarms("")).singleElement().isEqualTo(raised);
    assertThat(api.get("/metrics").body())
        .contains("relais_alarm_active{name=\"connections-high\"} 1")
        .contains("relais_alarm_active{name=\"memory-high\"} 0");

    restart("store=disk", "data=" + data);
    api = new Api(relais.api()).as(token);

    assertThat(alarms("")).isEmpty();
    assertThat(alarms("/history"))
        .singleElement()
        .satisfies(
            one -> {
              assertThat(one.get("name").stringValue()).isEqualTo("connections-high");
              assertThat(one.get("clearedAt").isNull()).isFalse();
            });
  }

  @Test
  void a_disk_with_less_free_than_it_should_have_raises_an_alarm(@TempDir Path data) {
    restart("store=disk", "data=" + data, "alarms.disk-free-bytes=1023TiB");
    api = Api.ready(relais);

    await().atMost(PATIENCE).until(() -> !alarms("").isEmpty());

    assertThat(alarms("").getFirst().get("name").stringValue()).isEqualTo("disk-nearly-full");
    assertThat(alarms("").getFirst().get("severity").stringValue()).isEqualTo("critical");
  }

  // ---- OpenTelemetry

  /// @param authorization as the request had it
  private record Post(String authorization, JsonNode content) {}

  @Test
  void metrics_are_posted_to_a_collector_with_its_headers() throws Exception {
    BlockingQueue<Post> posts = new LinkedBlockingQueue<>();
    HttpServer collector =
        HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    collector.createContext(
        "/v1/metrics",
        exchange -> {
          posts.add(
              new Post(
                  String.valueOf(exchange.getRequestHeaders().getFirst("Authorization")),
                  Json.MAPPER.readTree(exchange.getRequestBody().readAllBytes())));
          exchange.sendResponseHeaders(posts.size() == 1 ? 503 : 200, -1);
          exchange.close();
        });
    collector.start();
    try {
      restart(
          "metrics.otlp.url=http://127.0.0.1:" + collector.getAddress().getPort() + "/v1/metrics",
          "metrics.otlp.interval=1s",
          "metrics.otlp.headers=Authorization: Bearer of tests");
      clients.connected(MQTT_5).publish("a", "abc", 0);

      Post refused = posts.poll(30, TimeUnit.SECONDS);
      Post taken = posts.poll(30, TimeUnit.SECONDS);

      assertThat(refused).isNotNull();
      assertThat(taken).isNotNull();
      assertThat(taken.authorization()).isEqualTo("Bearer of tests");
      JsonNode all = taken.content().at("/resourceMetrics/0");
      assertThat(all.at("/resource/attributes/0/value/stringValue").stringValue())
          .isEqualTo("relais");
      JsonNode received = metric(all, "relais.publish.received");
      assertThat(received.at("/sum/isMonotonic").booleanValue()).isTrue();
      assertThat(received.at("/sum/aggregationTemporality").intValue()).isEqualTo(2);
      assertThat(received.at("/sum/dataPoints/0/asDouble").doubleValue()).isEqualTo(1);
      assertThat(received.at("/sum/dataPoints/0/timeUnixNano").stringValue()).matches("\\d{19}");
      JsonNode dropped = metric(all, "relais.messages.dropped");
      assertThat(dropped.at("/sum/dataPoints").size()).isGreaterThan(5);
      assertThat(dropped.at("/sum/dataPoints/0/attributes/0/key").stringValue())
          .isEqualTo("reason");
      JsonNode connected = metric(all, "relais.clients.connected");
      assertThat(connected.at("/gauge/dataPoints/0/asDouble").doubleValue()).isEqualTo(1);
    } finally {
      collector.stop(0);
    }
  }

  private static JsonNode metric(JsonNode all, String name) throws IOException {
    for (JsonNode metric : all.at("/scopeMetrics/0/metrics")) {
      if (metric.get("name").stringValue().equals(name)) {
        return metric;
      }
    }
    throw new IOException("no " + name + " in " + all);
  }
}
