package io.relais.systemtests.api;

import static io.relais.protocol.ProtocolVersion.MQTT_5;
import static io.relais.systemtests.api.Api.json;
import static io.relais.testkit.MqttSocket.text;
import static org.assertj.core.api.Assertions.assertThat;

import io.relais.api.ApiClient;
import io.relais.api.Json;
import io.relais.broker.Counter;
import io.relais.protocol.Packet;
import io.relais.protocol.Property;
import io.relais.systemtests.EmbeddedRelais;
import io.relais.testkit.Clients;
import io.relais.testkit.Connecting;
import io.relais.testkit.MqttSocket;
import java.io.IOException;
import java.net.URI;
import java.util.Objects;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;

/// Publishing, listening and retained messages through the API.
class MessagesApiTest {
  private static final String PUBLISH = "/api/v1/publish";

  private final EmbeddedRelais relais = EmbeddedRelais.start();
  private final Clients clients = new Clients(relais);
  private final Api api = Api.ready(relais);

  @AfterEach
  void close() {
    api.close();
    clients.close();
    relais.close();
  }

  @Test
  void a_message_reaches_all_kinds_of_subscribers_and_each_is_counted_once() {
    MqttSocket plain = clients.connected(MQTT_5).subscribe("t/#", 1).subscribe("t/1", 2);
    MqttSocket persistent = clients.open(MQTT_5);
    persistent.connect(clients.id(), Connecting::persistent);
    persistent.subscribe("t/+", 1);
    MqttSocket away = clients.open(MQTT_5);
    String awayId = clients.id();
    away.connect(awayId, Connecting::persistent);
    away.subscribe("t/1", 1).disconnect();
    clients.connected(MQTT_5).subscribe("$share/g/t/1", 1);
    clients.connected(MQTT_5).subscribe("$share/g/t/1", 1);

    Api.Answer said = api.post(PUBLISH, json("{'topic': 't/1', 'payload': 'é', 'qos': 1}")).is(200);

    assertThat(said.get("matched").intValue()).isEqualTo(4);
    assertThat(said.text("acknowledged")).isEqualTo("received"); // in memory
    assertThat(text(plain.receive())).isEqualTo("é");
    assertThat(text(persistent.receive())).isEqualTo("é");
    assertThat(api.get("/api/v1/clients/" + awayId).get("queuedMessages").intValue()).isEqualTo(1);
    Awaitility.await().until(() -> relais.count(Counter.PUBLISH_SENT) == 3); // one member too
  }

  @Test
  void what_has_no_subscriber_is_said_so() {
    Api.Answer said = api.post(PUBLISH, json("{'topic': 'nobody', 'payload': 'x'}")).is(200);

    assertThat(said.get("matched").intValue()).isZero();
  }

  @Test
  void payloads_and_properties_arrive_as_they_were_sent() {
    MqttSocket client = clients.connected(MQTT_5).subscribe("p", 2);

    api.post(
            PUBLISH,
            json(
                "{'topic': 'p', 'payload': {'n': [1, null]}, 'encoding': 'json', 'qos': 2,"
                    + " 'properties': {'contentType': 'application/json', 'responseTopic': 'r',"
                    + " 'correlationData': 'AAE=', 'messageExpirySeconds': 60, 'user': [['a',"
                    + " 'b'], ['a', 'c']]}}"))
        .is(200);
    api.post(PUBLISH, json("{'topic': 'p', 'payload': '//4=', 'encoding': 'base64'}")).is(200);

    Packet.Publish first = client.receive();
    assertThat(text(first)).isEqualTo("{\"n\":[1,null]}");
    assertThat(first.qos()).isEqualTo(2);
    assertThat(first.properties().string(Property.CONTENT_TYPE)).isEqualTo("application/json");
    assertThat(first.properties().string(Property.RESPONSE_TOPIC)).isEqualTo("r");
    assertThat(first.properties().longValue(Property.MESSAGE_EXPIRY_INTERVAL, -1))
        .isBetween(58L, 60L);
    assertThat(first.properties().userProperties()).hasSize(2);
    assertThat(client.receive().payload()).isEqualTo(new byte[] {(byte) 0xFF, (byte) 0xFE});
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "{}|topic",
        "{'topic': ''}|topic",
        "{'topic': 'a/+'}|topic",
        "{'topic': 'a', 'qos': 3}|qos",
        "{'topic': 'a', 'qos': 'one'}|qos",
        "{'topic': 'a', 'payload': 5}|payload",
        "{'topic': 'a', 'payload': '%%', 'encoding': 'base64'}|payload",
        "{'topic': 'a', 'encoding': 'xml'}|encoding",
        "{'topic': 'a', 'retained': true}|retained",
        "{'topic': 'a', 'properties': {'user': [['one']]}}|properties.user[0]",
        "{'topic': 'a', 'properties': {'messageExpirySeconds': 0}}|properties.messageExpirySeconds",
        "{'topic': '$delayed/x/a'}|topic",
      })
  void what_is_wrong_is_said_at_its_field(String body, String field) {
    api.post(PUBLISH, json(body)).isWrongAt(field);
  }

  @Test
  void only_the_broker_publishes_to_its_own_topics() {
    api.post(PUBLISH, json("{'topic': '$SYS/broker/version', 'payload': 'x'}")).is(403);
    api.post(PUBLISH, json("{'topic': '$events/x', 'payload': 'x'}")).is(403);
  }

  @Test
  void retained_messages_are_listed_and_removed() {
    api.post(PUBLISH, json("{'topic': 'r/1', 'payload': 'one', 'retain': true}")).is(200);
    api.post(
            PUBLISH,
            json("{'topic': 'r/2', 'payload': '/w==', 'encoding': 'base64', 'retain': true}"))
        .is(200);

    Api.Answer page = api.get("/api/v1/retained?filter=r/%2B&limit=1").is(200);
    assertThat(page.get("items").get(0).get("payload").stringValue()).isEqualTo("one");
    Api.Answer rest =
        api.get("/api/v1/retained?filter=r/%2B&limit=1&cursor=" + page.text("next")).is(200);
    assertThat(rest.get("items").get(0).get("encoding").stringValue()).isEqualTo("base64");
    api.delete("/api/v1/retained?topic=r/1").is(204);
    api.delete("/api/v1/retained?topic=r/1").is(404);
    api.delete("/api/v1/retained").isWrongAt("topic");
    assertThat(api.get("/api/v1/retained").get("items")).hasSize(1);
  }

  @Test
  void all_retained_messages_of_a_filter_are_removed_and_no_others() {
    for (int i = 0; i < 1_100; i++) { // more than are read at once
      api.post(PUBLISH, json("{'topic': 'r/%d', 'payload': 'x', 'retain': true}".formatted(i)))
          .is(200);
    }
    api.post(PUBLISH, json("{'topic': 's/1', 'payload': 'x', 'retain': true}")).is(200);
    MqttSocket subscriber = clients.open(MQTT_5);
    subscriber.connect("subscriber");
    subscriber.subscribe("r/7", 0).receive();

    api.delete("/api/v1/retained?filter=r/%23&topic=s/1").isWrongAt("topic");
    api.delete("/api/v1/retained?filter=r/%23/x").isWrongAt("filter");
    api.delete("/api/v1/retained?filter=r/%23").is(204);

    assertThat(api.get("/api/v1/retained").get("items")).hasSize(1);
    assertThat(subscriber.receive().payload()).isEmpty();
    api.delete("/api/v1/retained?filter=r/%23").is(204);
    JsonNode audited = api.get("/api/v1/audit").get("items").get(1);
    assertThat(audited.toString()).contains("r/#").contains("1100");
  }

  @Test
  void a_stream_gives_what_is_retained_and_then_what_comes() throws Exception {
    api.post(PUBLISH, json("{'topic': 's/old', 'payload': 'kept', 'retain': true}")).is(200);
    BlockingQueue<JsonNode> events = new LinkedBlockingQueue<>();
    var client =
        new ApiClient(URI.create("http://127.0.0.1:" + relais.api().getPort()))
            .withToken(Objects.requireNonNull(api.token()));
    Thread listening =
        Thread.ofVirtual()
            .start(
                () -> {
                  try {
                    client.listen(
                        "/api/v1/subscribe?filter=s/%23&qos=1",
                        (kind, data) -> events.add(Json.MAPPER.readTree(data)));
                  } catch (IOException e) {
                    assertThat(e).as("the end of the stream").isNotNull();
                  }
                });
    JsonNode kept = next(events);
    assertThat(kept.get("topic").stringValue()).isEqualTo("s/old");
    assertThat(kept.get("retain").booleanValue()).isTrue();

    MqttSocket publisher = clients.connected(MQTT_5);
    publisher.publish("other", "no", 1);
    publisher.publish("s/new", "yes", 2);

    JsonNode live = next(events);
    assertThat(live.get("topic").stringValue()).isEqualTo("s/new");
    assertThat(live.get("payload").stringValue()).isEqualTo("yes");
    assertThat(live.get("qos").intValue()).isEqualTo(1);
    assertThat(live.get("retain").booleanValue()).isFalse();
    client.close();
    listening.join(TimeUnit.SECONDS.toMillis(10));
    assertThat(listening.isAlive()).isFalse();
    api.get("/api/v1/subscribe").isWrongAt("filter");
    api.get("/api/v1/subscribe?filter=a/%23/b").isWrongAt("filter");
  }

  private static JsonNode next(BlockingQueue<JsonNode> events) throws InterruptedException {
    JsonNode next = events.poll(20, TimeUnit.SECONDS);
    assertThat(next).as("an event within 20 s").isNotNull();
    return Objects.requireNonNull(next);
  }
}
