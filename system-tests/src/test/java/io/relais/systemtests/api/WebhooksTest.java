package io.relais.systemtests.api;

import static io.relais.protocol.ProtocolVersion.MQTT_5;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.relais.api.Json;
import io.relais.protocol.Property;
import io.relais.systemtests.EmbeddedRelais;
import io.relais.testkit.Clients;
import io.relais.testkit.MqttSocket;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/// A service of the tests' own that is told what happens, and does not always take it well.
class WebhooksTest {
  /// How the service answers the request with this number, from 1.
  private interface Manner {
    int status(int number) throws InterruptedException;
  }

  private final HttpServer service;
  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
  private final CountDownLatch over = new CountDownLatch(1);
  private final AtomicInteger requests = new AtomicInteger();
  private final List<JsonNode> taken = new CopyOnWriteArrayList<>();
  private final List<String> credentials = new CopyOnWriteArrayList<>();
  private volatile Manner manner = number -> 204;

  private EmbeddedRelais relais = EmbeddedRelais.start();
  private Clients clients = new Clients(relais);
  private Api api = Api.ready(relais);

  @TempDir private Path folder;

  WebhooksTest() throws IOException {
    service = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    service.createContext("/hook", this::answer);
    service.setExecutor(threads);
    service.start();
  }

  private void answer(HttpExchange exchange) throws IOException {
    try (exchange) {
      byte[] body = exchange.getRequestBody().readAllBytes();
      credentials.add(String.valueOf(exchange.getRequestHeaders().getFirst("Authorization")));
      int status = manner.status(requests.incrementAndGet());
      if (status < 300) {
        Json.MAPPER.readTree(body).forEach(taken::add);
      }
      exchange.sendResponseHeaders(status, -1);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  @AfterEach
  void close() {
    over.countDown();
    api.close();
    clients.close();
    relais.close();
    service.stop(0);
    threads.shutdownNow();
  }

  private void hook(String... settings) {
    api.close();
    clients.close();
    relais.close();
    List<String> all =
        new ArrayList<>(
            List.of(
                "webhooks.0.name=test",
                "webhooks.0.url=http://127.0.0.1:%d/hook?key=secret"
                    .formatted(service.getAddress().getPort()),
                "webhooks.0.retry-wait=1ms",
                "webhooks.0.batch-time=5ms"));
    for (String setting : settings) {
      all.add("webhooks.0." + setting);
    }
    relais = EmbeddedRelais.start(all.toArray(String[]::new));
    clients = new Clients(relais);
    api = Api.ready(relais);
  }

  private JsonNode state() {
    return api.get("/api/v1/webhooks").is(200).get("items").get(0);
  }

  private long count(String field) {
    return state().get(field).longValue();
  }

  private List<String> events() {
    return taken.stream().map(event -> event.get("event").stringValue()).toList();
  }

  @Test
  void a_client_and_what_it_does_not_get_is_told_with_secrets_from_files() throws IOException {
    Path secret = Files.writeString(folder.resolve("token"), "Bearer abc\n");
    hook(
        "events=client.connected, client.disconnected, client.subscribed, client.unsubscribed, message.dropped",
        "headers.0.name=Authorization",
        "headers.0.value-file=" + secret);
    MqttSocket client = clients.open(MQTT_5);
    client.connect("press-7", how -> how.property(Property.MAXIMUM_PACKET_SIZE, 100L));
    client.subscribe("a/#", 0);
    client.publish("a/b", "x".repeat(200), 0);
    client.unsubscribe("a/#");
    client.disconnect();

    await().until(() -> taken.size() == 5);
    assertThat(events())
        .containsExactlyInAnyOrder(
            "client.connected",
            "client.subscribed",
            "message.dropped",
            "client.unsubscribed",
            "client.disconnected");
    assertThat(taken)
        .allSatisfy(event -> assertThat(event.get("clientId").stringValue()).isEqualTo("press-7"));
    assertThat(credentials).containsOnly("Bearer abc");
    assertThat(count("sentEvents")).isEqualTo(5);
    assertThat(state().toString()).doesNotContain("secret").doesNotContain("abc");
    assertThat(api.get("/metrics").body())
        .contains("relais_webhook_events_sent_total{webhook=\"test\"} 5.0");
  }

  @Test
  void messages_are_told_once_each_in_batches_with_payloads_as_text_or_base64() {
    hook("events=message.published", "topics=a/#, +/b", "batch-events=10");
    MqttSocket client = clients.open(MQTT_5);
    client.connect("p");

    for (int i = 0; i < 25; i++) {
      client.publish("a/b", "größer " + i, i % 3);
    }
    client.publish("other", "x", 0);
    api.post(
            "/api/v1/publish",
            Api.json("{'topic': 'a', 'payload': '/w==', 'encoding': 'base64', 'retain': true}"))
        .is(200);

    await().until(() -> taken.size() == 26);
    assertThat(taken.getFirst().get("payload").stringValue()).isEqualTo("größer 0");
    assertThat(taken.getFirst().get("encoding").stringValue()).isEqualTo("text");
    assertThat(taken.getFirst().get("clientId").stringValue()).isEqualTo("p");
    assertThat(taken.getLast().get("payload").stringValue()).isEqualTo("/w==");
    assertThat(taken.getLast().get("encoding").stringValue()).isEqualTo("base64");
    assertThat(requests.get()).isBetween(3, 26);
    await().until(() -> count("queuedEvents") == 0);
  }

  @Test
  void a_request_that_fails_is_sent_again_and_dropped_when_its_attempts_are_used_up() {
    manner = number -> number <= 2 ? 503 : 204;
    hook("events=message.published", "topics=#", "attempts=3");
    MqttSocket client = clients.connected(MQTT_5);

    client.publish("a", "1", 1);
    await().until(() -> taken.size() == 1);
    assertThat(count("retries")).isEqualTo(2);

    manner = number -> 500;
    client.publish("a", "2", 1);
    await().until(() -> count("droppedFailed") == 1);
    assertThat(state().get("lastError").stringValue()).contains("500").contains("3 attempts");

    manner = number -> 204;
    client.publish("a", "3", 1);
    await().until(() -> taken.size() == 2);
    assertThat(taken.getLast().get("payload").stringValue()).isEqualTo("3");
  }

  @Test
  void what_the_service_refuses_is_not_sent_again() {
    manner = number -> 401;
    hook("events=message.published", "topics=#");

    clients.connected(MQTT_5).publish("a", "1", 1);

    await().until(() -> count("droppedRefused") == 1);
    assertThat(requests.get()).isEqualTo(1);
    assertThat(count("retries")).isZero();
  }

  @Test
  void a_service_that_hangs_slows_nobody_and_costs_no_more_than_the_queue() {
    manner =
        number -> {
          over.await();
          return 204;
        };
    hook("events=message.published", "topics=#", "queue-events=100", "timeout=1m");
    MqttSocket subscriber = clients.connected(MQTT_5).subscribe("a", 0);
    MqttSocket client = clients.connected(MQTT_5);

    for (int i = 0; i < 1_000; i++) {
      client.sendPublish("a", "m", 0, 0);
    }

    for (int i = 0; i < 1_000; i++) {
      subscriber.receive();
    }
    await().until(() -> count("droppedQueueFull") == 900);
    assertThat(count("queuedEvents")).isEqualTo(100);
    assertThat(api.get("/metrics").body())
        .contains(
            "relais_webhook_events_dropped_total{reason=\"queue-full\",webhook=\"test\"} 900.0");
  }

  @Test
  void a_service_that_does_not_answer_in_time_is_asked_again() {
    manner =
        number -> {
          if (number == 1) {
            over.await();
          }
          return 204;
        };
    hook("events=message.published", "topics=#", "timeout=100ms");

    clients.connected(MQTT_5).publish("a", "1", 1);

    await().until(() -> count("sentEvents") == 1);
    assertThat(count("retries")).isEqualTo(1);
    assertThat(state().get("lastError").stringValue()).contains("100 ms");
  }
}
