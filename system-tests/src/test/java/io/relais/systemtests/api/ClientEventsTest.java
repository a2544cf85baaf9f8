package io.relais.systemtests.api;

import static io.relais.protocol.ProtocolVersion.MQTT_5;
import static io.relais.testkit.MqttSocket.text;
import static org.assertj.core.api.Assertions.assertThat;

import io.relais.api.Json;
import io.relais.protocol.Packet;
import io.relais.protocol.ProtocolVersion;
import io.relais.protocol.ReasonCode;
import io.relais.systemtests.EmbeddedRelais;
import io.relais.testkit.Clients;
import io.relais.testkit.Connecting;
import io.relais.testkit.EachVersion;
import io.relais.testkit.MqttSocket;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/// What happens to clients, as those see it who subscribed to `$events/client/...`.
class ClientEventsTest {
  private static final String ALL = "$events/client/+";

  private EmbeddedRelais relais = EmbeddedRelais.start();
  private Clients clients = new Clients(relais);

  @AfterEach
  void close() {
    clients.close();
    relais.close();
  }

  /// @param event the last level of its topic
  private record Event(String event, JsonNode content) {
    String text(String field) {
      return content.get(field).stringValue();
    }
  }

  /// The next event of this client.
  private static Event next(MqttSocket watcher, String clientId) {
    while (true) {
      Packet.Publish message = watcher.receive();
      JsonNode content = Json.MAPPER.readTree(text(message));
      if (content.get("clientId").stringValue().equals(clientId)) {
        assertThat(message.qos()).isZero();
        assertThat(message.retain()).isFalse();
        return new Event(message.topic().substring("$events/client/".length()), content);
      }
    }
  }

  @EachVersion
  void a_client_is_told_of_from_its_coming_to_its_going(ProtocolVersion version) {
    MqttSocket watcher = clients.connected(version).subscribe(ALL, 1);
    Instant before = Instant.now().minusSeconds(5);
    MqttSocket client = clients.open(version);
    client.connect("press-7");
    client.subscribe("$share/g/plant/#", 1);
    client.unsubscribe("$share/g/plant/#", "never/made");
    client.disconnect();

    Event connected = next(watcher, "press-7");
    assertThat(connected.event()).isEqualTo("connected");
    assertThat(connected.content().get("username").isNull()).isTrue();
    assertThat(connected.text("address")).startsWith("127.0.0.1:");
    assertThat(connected.text("listener")).startsWith("tcp://");
    assertThat(connected.text("protocol")).isEqualTo(version.label());
    assertThat(Instant.parse(connected.text("time"))).isAfter(before);
    Event subscribed = next(watcher, "press-7");
    assertThat(subscribed.event()).isEqualTo("subscribed");
    assertThat(subscribed.text("filter")).isEqualTo("$share/g/plant/#");
    assertThat(subscribed.content().get("qos").intValue()).isEqualTo(1);
    Event unsubscribed = next(watcher, "press-7");
    assertThat(unsubscribed.event()).isEqualTo("unsubscribed");
    assertThat(unsubscribed.text("filter")).isEqualTo("$share/g/plant/#");
    Event disconnected = next(watcher, "press-7");
    assertThat(disconnected.event()).isEqualTo("disconnected");
    assertThat(disconnected.text("reason")).isEqualTo("client-disconnected");
  }

  @EachVersion
  void going_comes_before_coming_again_on_whatever_loop(ProtocolVersion version) {
    MqttSocket watcher = clients.connected(MQTT_5).subscribe(ALL, 0);

    for (int i = 0; i < 12; i++) {
      clients.open(version).connect("moves", Connecting::persistent);
    }

    assertThat(next(watcher, "moves").event()).isEqualTo("connected");
    for (int i = 1; i < 12; i++) {
      Event gone = next(watcher, "moves");
      assertThat(gone.event()).isEqualTo("disconnected");
      assertThat(gone.text("reason")).isEqualTo("session-taken-over");
      assertThat(next(watcher, "moves").event()).isEqualTo("connected");
    }
  }

  @EachVersion
  void it_is_said_why_a_client_goes(ProtocolVersion version) {
    MqttSocket watcher = clients.connected(MQTT_5).subscribe("$events/client/disconnected", 0);
    try (Api api = Api.ready(relais)) {
      connected(version, "cut").cut();
      assertThat(next(watcher, "cut").text("reason")).isEqualTo("connection-lost");

      connected(version, "wrong").sendConnect("wrong", how -> how);
      assertThat(next(watcher, "wrong").text("reason")).isEqualTo("protocol-error");

      connected(version, "kicked");
      api.delete("/api/v1/clients/kicked").is(204);
      assertThat(next(watcher, "kicked").text("reason")).isEqualTo("administrative-action");

      connected(version, "banned");
      api.post("/api/v1/bans", Api.json("{'kind': 'client', 'value': 'banned'}")).is(201);
      assertThat(next(watcher, "banned").text("reason")).isEqualTo("banned");

      clients.open(version).connect("quiet", how -> how.keepAlive(1));
      assertThat(next(watcher, "quiet").text("reason")).isEqualTo("keep-alive-timeout");
    }
  }

  private MqttSocket connected(ProtocolVersion version, String id) {
    MqttSocket client = clients.open(version);
    client.connect(id);
    return client;
  }

  @EachVersion
  void names_are_whole_whatever_is_in_them(ProtocolVersion version) {
    String id = "\"\\}😀ü/+#";
    MqttSocket watcher = clients.connected(MQTT_5).subscribe(ALL, 0);

    clients.open(version).connect(id);

    assertThat(next(watcher, id).event()).isEqualTo("connected");
  }

  @EachVersion
  void who_subscribed_to_everything_gets_no_events(ProtocolVersion version) {
    MqttSocket watcher = clients.connected(version).subscribe("#", 1);
    watcher.subscribe("+/client/+", 1);
    MqttSocket client = connected(version, "unseen");
    client.subscribe("x", 0);

    client.publish("y", "the first", 1);

    assertThat(text(watcher.receive())).isEqualTo("the first");
  }

  @EachVersion
  void what_is_not_subscribed_to_is_not_sent(ProtocolVersion version) {
    MqttSocket watcher = clients.connected(version).subscribe("$events/client/disconnected", 0);
    MqttSocket client = connected(version, "half");
    client.subscribe("x", 0);

    client.disconnect();

    assertThat(next(watcher, "half").event()).isEqualTo("disconnected");
  }

  @EachVersion
  void a_persistent_session_gets_events_while_it_is_connected_and_none_for_later(
      ProtocolVersion version) {
    MqttSocket watcher = clients.open(version);
    watcher.connect("watcher", Connecting::persistent);
    watcher.subscribe("$events/client/connected", 1);
    connected(version, "first");
    assertThat(next(watcher, "first").event()).isEqualTo("connected");
    watcher.disconnect();
    connected(version, "missed");

    MqttSocket back = clients.open(version);
    back.connect("watcher", Connecting::persistent);
    connected(version, "second");

    assertThat(next(back, "watcher").event()).isEqualTo("connected");
    assertThat(next(back, "second").event()).isEqualTo("connected");
  }

  @Test
  void a_group_shares_events() {
    MqttSocket one = clients.connected(MQTT_5).subscribe("$share/g/$events/client/connected", 1);

    connected(MQTT_5, "shared");

    assertThat(next(one, "shared").event()).isEqualTo("connected");
  }

  @Test
  void clients_cannot_make_events_up() {
    MqttSocket watcher = clients.connected(MQTT_5).subscribe("$events/#", 0);
    MqttSocket client = connected(MQTT_5, "liar");
    client.sendPublish("$events/client/disconnected", "{\"clientId\":\"liar\"}", 1, 7);

    assertThat(client.expect(Packet.Puback.class).reason()).isEqualTo(ReasonCode.NOT_AUTHORIZED);
    client.disconnect();
    assertThat(next(watcher, "liar").event()).isEqualTo("connected");
    assertThat(next(watcher, "liar").content().has("reason")).isTrue();
  }

  @Test
  void with_events_false_there_are_none() {
    close();
    relais = EmbeddedRelais.start("mqtt.events=false");
    clients = new Clients(relais);
    MqttSocket watcher = clients.connected(MQTT_5).subscribe("$events/#", 0);

    connected(MQTT_5, "unseen").disconnect();

    watcher.expectNothingFor(Duration.ofMillis(500));
  }
}
