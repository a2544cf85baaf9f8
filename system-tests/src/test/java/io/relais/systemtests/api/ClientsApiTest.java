package io.relais.systemtests.api;

import static io.relais.protocol.ProtocolVersion.MQTT_3_1_1;
import static io.relais.protocol.ProtocolVersion.MQTT_5;
import static io.relais.testkit.MqttSocket.text;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.relais.protocol.Packet;
import io.relais.protocol.ReasonCode;
import io.relais.systemtests.EmbeddedRelais;
import io.relais.testkit.Clients;
import io.relais.testkit.Connecting;
import io.relais.testkit.MqttSocket;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

/// Clients, their subscriptions and queues, as the API shows them.
class ClientsApiTest {
  private final EmbeddedRelais relais = EmbeddedRelais.start();
  private final Clients clients = new Clients(relais);
  private final Api api = Api.ready(relais);

  @AfterEach
  void close() {
    api.close();
    clients.close();
    relais.close();
  }

  private MqttSocket persistent(String id) {
    MqttSocket client = clients.open(MQTT_5);
    client.connect(id, Connecting::persistent);
    return client;
  }

  @Test
  void a_client_is_shown_connected_and_away() {
    MqttSocket client = persistent("meter-1");
    client.subscribe("a/#", 1);

    Api.Answer connected = api.get("/api/v1/clients/meter-1").is(200);
    assertThat(connected.get("connected").booleanValue()).isTrue();
    assertThat(connected.text("protocol")).isEqualTo("5.0");
    assertThat(connected.text("address")).startsWith("127.0.0.1:");
    assertThat(connected.get("subscriptions").intValue()).isEqualTo(1);
    client.disconnect();
    clients.connected(MQTT_3_1_1).publish("a/b", "waits", 1);
    Api.Answer away = api.get("/api/v1/clients/meter-1").is(200);
    assertThat(away.get("connected").booleanValue()).isFalse();
    assertThat(away.get("protocol").isNull()).isTrue();
    assertThat(away.get("queuedMessages").intValue()).isEqualTo(1);
    assertThat(
            away.get("sessionExpirySeconds").isNull()
                || away.get("sessionExpirySeconds").longValue() > 0)
        .isTrue();
    JsonNode waiting = api.get("/api/v1/clients/meter-1/queue").get("items").get(0);
    assertThat(waiting.get("topic").stringValue()).isEqualTo("a/b");
    assertThat(waiting.get("payload").stringValue()).isEqualTo("waits");
    api.get("/api/v1/clients/nobody").is(404);
  }

  @Test
  void pages_give_each_client_once_in_order() {
    for (int i = 0; i < 7; i++) {
      MqttSocket client = persistent("page-" + i);
      if (i % 2 == 0) {
        client.disconnect();
      }
    }
    persistent("other");

    List<String> seen = new ArrayList<>();
    String cursor = "";
    for (int pages = 0; pages < 10; pages++) {
      Api.Answer page = api.get("/api/v1/clients?filter=PAGE-&limit=3" + cursor).is(200);
      page.get("items").forEach(one -> seen.add(one.get("clientId").stringValue()));
      if (page.get("next").isNull()) {
        break;
      }
      cursor = "&cursor=" + page.text("next");
    }

    assertThat(seen)
        .containsExactly("page-0", "page-1", "page-2", "page-3", "page-4", "page-5", "page-6");
    api.get("/api/v1/clients?limit=0").isWrongAt("limit");
    api.get("/api/v1/clients?limit=1001").isWrongAt("limit");
    api.get("/api/v1/clients?cursor=%25").isWrongAt("cursor");
    api.get("/api/v1/clients?nonsense=1").isWrongAt("nonsense");
  }

  private List<String> clients(String query) {
    List<String> seen = new ArrayList<>();
    String cursor = "";
    for (int pages = 0; pages < 10; pages++) {
      Api.Answer page = api.get("/api/v1/clients?limit=2" + query + cursor).is(200);
      page.get("items").forEach(one -> seen.add(one.get("clientId").stringValue()));
      if (page.get("next").isNull()) {
        return seen;
      }
      assertThat(page.get("items")).as("a page that others follow").hasSize(2);
      cursor = "&cursor=" + page.text("next");
    }
    throw new AssertionError("no last page: " + seen);
  }

  @Test
  void clients_are_found_by_being_connected_by_user_and_by_address_on_full_pages() {
    for (String user : List.of("ann", "bob")) {
      api.post("/api/v1/users", Api.signIn(user, "a password")).is(201);
    }
    for (int i = 0; i < 9; i++) {
      MqttSocket client = clients.open(MQTT_5);
      String user = i % 3 == 0 ? "ann" : "bob";
      client.connect("c" + i, how -> how.persistent().username(user).password("a password"));
      if (i % 2 == 1) {
        client.disconnect();
      }
    }
    clients.open(MQTT_5).connect("nameless");

    assertThat(clients("&connected=true"))
        .containsExactly("c0", "c2", "c4", "c6", "c8", "nameless");
    assertThat(clients("&connected=false")).containsExactly("c1", "c3", "c5", "c7");
    assertThat(clients("&username=bob")).containsExactly("c2", "c4", "c8");
    assertThat(clients("&username=ann&filter=C6&connected=true")).containsExactly("c6");
    assertThat(clients("&username=ann&connected=false")).isEmpty();
    assertThat(clients("&username=an")).isEmpty();
    assertThat(clients("&address=127.0.0.0/8&filter=c"))
        .containsExactly("c0", "c2", "c4", "c6", "c8");
    assertThat(clients("&address=127.0.0.1&username=ann")).containsExactly("c0", "c6");
    assertThat(clients("&address=10.0.0.0/8")).isEmpty();
    assertThat(clients("&address=127.0.0.1&connected=false")).isEmpty();
    api.get("/api/v1/clients?address=127.0").isWrongAt("address");
    api.get("/api/v1/clients?connected=maybe").isWrongAt("connected");
  }

  @Test
  void a_listener_says_how_many_connections_it_has() {
    MqttSocket one = clients.open(MQTT_5);
    one.connect("one");
    clients.open(MQTT_5).connect("two");

    assertThat(connections()).containsExactly(2, 0);

    one.disconnect();
    await().untilAsserted(() -> assertThat(connections()).containsExactly(1, 0));
  }

  /// By TCP and by WebSocket.
  private List<Integer> connections() {
    List<Integer> found = new ArrayList<>();
    api.get("/api/v1/listeners")
        .is(200)
        .get("items")
        .forEach(one -> found.add(one.get("connections").intValue()));
    return found;
  }

  @Test
  void a_client_is_disconnected_and_its_session_stays_unless_it_is_to_go() {
    MqttSocket client = persistent("away with/it");
    String path = "/api/v1/clients/away%20with%2Fit";

    api.delete(path).is(204);
    Packet.Disconnect said = client.expect(Packet.Disconnect.class);
    assertThat(said.reason()).isEqualTo(ReasonCode.ADMINISTRATIVE_ACTION);
    assertThat(api.get(path).is(200).get("connected").booleanValue()).isFalse();
    api.delete(path).is(409);
    api.delete(path + "?session=true").is(204);
    api.get(path).is(404);
    api.delete(path).is(404);
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void an_operator_ends_a_subscription_of_a_connected_client(boolean persistent) {
    MqttSocket client = clients.open(MQTT_5);
    client.connect("c", how -> persistent ? how.persistent() : how);
    client.subscribe("x/#", 1).subscribe("y", 1);
    String path = "/api/v1/clients/c/subscriptions?filter=";

    api.delete(path + "x/%23").is(204);

    MqttSocket publisher = clients.connected(MQTT_5);
    publisher.publish("x/1", "no", 1).publish("y", "yes", 1);
    assertThat(client.receive().topic()).isEqualTo("y");
    assertThat(api.get("/api/v1/subscriptions?clientId=c").get("items")).hasSize(1);
    api.delete(path + "x/%23").is(404);
    api.delete(path + "x%23").isWrongAt("filter");
    api.delete("/api/v1/clients/c/subscriptions").isWrongAt("filter");
    api.delete("/api/v1/clients/nobody/subscriptions?filter=y").is(404);
    assertThat(api.get("/api/v1/audit").get("items").get(0).toString()).contains("x/#");
    client.subscribe("x/#", 1);
    publisher.publish("x/1", "again", 1);
    assertThat(client.receive().topic()).isEqualTo("x/1");
  }

  @Test
  void an_operator_ends_a_subscription_of_a_client_that_is_away() {
    persistent("away").subscribe("x", 1).subscribe("$share/g/y", 1).subscribe("z", 1).disconnect();
    MqttSocket publisher = clients.connected(MQTT_5);
    publisher.publish("x", "waits", 1);
    String path = "/api/v1/clients/away/subscriptions?filter=";

    api.delete(path + "x").is(204);
    api.delete(path + "$share/g/y").is(204);

    publisher.publish("x", "no", 1).publish("y", "no", 1).publish("z", "yes", 1);
    MqttSocket back = clients.open(MQTT_5);
    back.connect("away", Connecting::persistent);
    assertThat(text(back.receive())).isEqualTo("waits");
    assertThat(text(back.receive())).isEqualTo("yes");
    assertThat(api.get("/api/v1/subscriptions?clientId=away").get("items")).hasSize(1);
    api.delete(path + "x").is(404);
  }

  @Test
  void subscriptions_are_listed_by_client_and_filter_page_by_page() {
    MqttSocket here = persistent("a");
    here.subscribe("x/1", 0);
    here.subscribe("x/2", 1);
    here.subscribe("$share/g/x", 2);
    MqttSocket gone = persistent("b");
    gone.subscribe("y/+", 2).disconnect();

    List<String> seen = new ArrayList<>();
    String cursor = "";
    for (int pages = 0; pages < 10; pages++) {
      Api.Answer page = api.get("/api/v1/subscriptions?limit=2" + cursor).is(200);
      page.get("items")
          .forEach(
              one ->
                  seen.add(
                      one.get("clientId").stringValue()
                          + " "
                          + one.get("filter").stringValue()
                          + " "
                          + one.get("qos").intValue()));
      if (page.get("next").isNull()) {
        break;
      }
      cursor = "&cursor=" + page.text("next");
    }

    assertThat(seen).containsExactly("a $share/g/x 2", "a x/1 0", "a x/2 1", "b y/+ 2");
    assertThat(api.get("/api/v1/subscriptions?clientId=b").get("items")).hasSize(1);
  }
}
