package io.relais.systemtests.api;

import static io.relais.protocol.ProtocolVersion.MQTT_5;
import static io.relais.testkit.MqttSocket.text;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.relais.api.Json;
import io.relais.broker.Counter;
import io.relais.protocol.Packet;
import io.relais.protocol.Properties;
import io.relais.protocol.Property;
import io.relais.protocol.ReasonCode;
import io.relais.systemtests.EmbeddedRelais;
import io.relais.testkit.Clients;
import io.relais.testkit.Connecting;
import io.relais.testkit.MqttSocket;
import java.time.Instant;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/// Messages that somebody did not get, as operators see them.
class DropsApiTest {
  private final EmbeddedRelais relais = EmbeddedRelais.start("limits.queue-messages=2");
  private final Clients clients = new Clients(relais);
  private final Api api = Api.ready(relais);

  @AfterEach
  void close() {
    api.close();
    clients.close();
    relais.close();
  }

  /// A session that is away, whose queue takes two messages.
  private void away(String clientId) {
    MqttSocket client = clients.open(MQTT_5);
    client.connect(clientId, Connecting::persistent);
    client.subscribe("plant/#", 1).disconnect();
  }

  private long count(String reason) {
    for (JsonNode one : api.get("/api/v1/drops/reasons").is(200).get("items")) {
      if (one.get("reason").stringValue().equals(reason)) {
        return one.get("count").longValue();
      }
    }
    throw new AssertionError("no reason " + reason);
  }

  @Test
  void what_a_full_queue_drops_is_recorded_counted_and_in_the_metrics() {
    away("press-7");
    MqttSocket publisher = clients.open(MQTT_5);
    publisher.connect("sensor");

    for (int i = 0; i < 5; i++) {
      publisher.publish("plant/" + i, "12345", 1);
    }

    JsonNode items = api.get("/api/v1/drops?reason=queue-full").is(200).get("items");
    assertThat(items).hasSize(3);
    JsonNode newest = items.get(0);
    assertThat(newest.get("topic").stringValue()).isEqualTo("plant/4");
    assertThat(newest.get("clientId").stringValue()).isEqualTo("press-7");
    assertThat(newest.get("publisher").stringValue()).isEqualTo("sensor");
    assertThat(newest.get("qos").intValue()).isEqualTo(1);
    assertThat(newest.get("payloadBytes").intValue()).isEqualTo(5);
    assertThat(Instant.parse(newest.get("time").stringValue()))
        .isAfter(Instant.now().minusSeconds(60));
    assertThat(count("queue-full")).isEqualTo(3);
    // The applier dropped them, not a loop.
    assertThat(relais.count(Counter.DROPPED_QUEUE_FULL)).isEqualTo(3);
    assertThat(api.get("/metrics").body())
        .contains("relais_messages_dropped_total{reason=\"queue-full\"} 3.0");
  }

  @Test
  void records_are_chosen_by_client_and_topic_and_come_in_pages() {
    away("press-7");
    MqttSocket publisher = clients.open(MQTT_5);
    publisher.connect("sensor");
    for (int i = 0; i < 7; i++) {
      publisher.publish("plant/" + i, "x", 1);
    }

    assertThat(api.get("/api/v1/drops?clientId=press-7").get("items")).hasSize(5);
    assertThat(api.get("/api/v1/drops?clientId=sensor").get("items")).hasSize(5);
    assertThat(api.get("/api/v1/drops?clientId=other").get("items")).isEmpty();
    assertThat(api.get("/api/v1/drops?topic=plant/%2B").get("items")).hasSize(5);
    assertThat(api.get("/api/v1/drops?topic=plant/3").get("items")).hasSize(1);
    Api.Answer first = api.get("/api/v1/drops?limit=3");
    assertThat(first.get("items")).hasSize(3);
    Api.Answer second = api.get("/api/v1/drops?limit=3&cursor=" + first.text("next"));
    assertThat(second.get("items")).hasSize(2);
    assertThat(second.get("items").get(0).get("topic").stringValue()).isEqualTo("plant/3");
    assertThat(second.get("next").isNull()).isTrue();
    api.get("/api/v1/drops?reason=none").isWrongAt("reason");
    api.get("/api/v1/drops?topic=a/%23/b").isWrongAt("topic");
  }

  @Test
  void a_drop_on_a_loop_is_recorded_and_told_as_an_event() {
    MqttSocket watcher = clients.connected(MQTT_5).subscribe("$events/message/dropped", 0);
    MqttSocket small = clients.open(MQTT_5);
    small.connect("small", how -> how.property(Property.MAXIMUM_PACKET_SIZE, 100L));
    small.subscribe("a/\"b\"", 0);

    clients.connected(MQTT_5).publish("a/\"b\"", "x".repeat(200), 0);

    JsonNode event = Json.MAPPER.readTree(text(watcher.receive()));
    assertThat(event.get("reason").stringValue()).isEqualTo("too-large");
    assertThat(event.get("topic").stringValue()).isEqualTo("a/\"b\"");
    assertThat(event.get("clientId").stringValue()).isEqualTo("small");
    assertThat(event.get("payloadBytes").intValue()).isEqualTo(200);
    assertThat(event.get("qos").intValue()).isZero();
    assertThat(Instant.parse(event.get("time").stringValue())).isBefore(Instant.now());
    assertThat(count("too-large")).isEqualTo(1);
  }

  @Test
  void messages_that_expire_while_a_session_is_away_are_in_the_metrics() {
    away("late");
    MqttSocket publisher = clients.connected(MQTT_5);
    Properties expiry = Properties.builder().add(Property.MESSAGE_EXPIRY_INTERVAL, 1L).build();
    publisher.send(new Packet.Publish(false, 1, false, "plant/x", 1, expiry, new byte[] {1, 2, 3}));
    assertThat(publisher.expect(Packet.Puback.class).reason()).isEqualTo(ReasonCode.SUCCESS);

    await()
        .untilAsserted(
            () -> {
              MqttSocket client = clients.open(MQTT_5);
              client.connect("late", Connecting::persistent);
              client.disconnect();
              assertThat(relais.count(Counter.DROPPED_EXPIRED)).isEqualTo(1);
            });
    assertThat(api.get("/metrics").body())
        .contains("relais_messages_dropped_total{reason=\"expired\"} 1.0");
  }
}
