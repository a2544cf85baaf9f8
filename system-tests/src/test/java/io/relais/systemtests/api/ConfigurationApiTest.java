package io.relais.systemtests.api;

import static io.relais.protocol.ProtocolVersion.MQTT_5;
import static io.relais.systemtests.api.Api.json;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.relais.protocol.Packet;
import io.relais.protocol.Property;
import io.relais.protocol.ReasonCode;
import io.relais.server.Relais;
import io.relais.server.config.ConfigurationLoader;
import io.relais.server.config.ConfigurationLoader.Sources;
import io.relais.testkit.BrokerUnderTest;
import io.relais.testkit.Clients;
import io.relais.testkit.MqttSocket;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/// The configuration of a node that runs: shown, changed, refused, kept and taken back.
class ConfigurationApiTest {
  private static final String PATH = "/api/v1/configuration";

  @TempDir private Path folder;

  private final List<AutoCloseable> open = new ArrayList<>();
  private @Nullable Relais node;

  @AfterEach
  void close() throws Exception {
    for (AutoCloseable one : open.reversed()) {
      one.close();
    }
    stop();
  }

  private void stop() {
    if (node != null) {
      node.close();
      node = null;
    }
  }

  private Path file() {
    return folder.resolve("relais.yaml");
  }

  /// A node with this file, and with `store: disk`.
  private Relais start(String yaml) throws IOException {
    Files.writeString(file(), yaml);
    var sources =
        new Sources(
            file(),
            Map.of("RELAIS_ADMIN_PASSWORD", Api.PASSWORD),
            List.of(),
            List.of("admin.bind=127.0.0.1:0", "threads.loops=2", "data=" + folder.resolve("data")));
    Relais started =
        Relais.start(
            ConfigurationLoader.load(sources),
            Relais.Extensions.NONE,
            "test",
            cause -> {
              throw new AssertionError(cause);
            });
    node = started;
    return started;
  }

  private Api api(Relais of) {
    Api anybody = new Api(of.api());
    String token =
        anybody.post("/api/v1/session", Api.signIn("admin", Api.PASSWORD)).is(200).text("token");
    Api api = anybody.as(token);
    open.add(anybody);
    open.add(api);
    return api;
  }

  private Clients clients(int port) {
    var clients =
        new Clients(
            new BrokerUnderTest() {
              @Override
              public InetSocketAddress tcp() {
                return new InetSocketAddress(InetAddress.getLoopbackAddress(), port);
              }

              @Override
              public void close() {}
            });
    open.add(clients);
    return clients;
  }

  private static int port(Relais of, int listener) {
    return ((InetSocketAddress) of.serving().get(listener).address()).getPort();
  }

  private static Api.Answer patch(Api api, String changes) {
    return api.send("PATCH", PATH, json("{'changes': " + changes + "}"));
  }

  private static JsonNode key(Api api, String name) {
    for (JsonNode key : api.get(PATH + "?limit=1000").is(200).get("items")) {
      if (key.get("key").stringValue().equals(name)) {
        return key;
      }
    }
    throw new AssertionError("no key " + name);
  }

  private static String value(Api api, String name) {
    return key(api, name).get("value").asString();
  }

  private static final String ONE_LISTENER = "listeners: [{bind: '127.0.0.1:0'}]\n";

  @Test
  void each_key_says_what_it_is_and_where_that_comes_from() throws IOException {
    Api api = api(start(ONE_LISTENER + "limits:\n  queue-messages: 5000\n"));

    JsonNode password = key(api, "admin.password");
    assertThat(password.get("origin").asString()).isEqualTo("environment");
    assertThat(password.get("where").asString()).isEqualTo("RELAIS_ADMIN_PASSWORD");
    assertThat(password.get("value").asString()).doesNotContain(Api.PASSWORD);
    JsonNode queue = key(api, "limits.queue-messages");

    assertThat(queue.get("value").asString()).isEqualTo("5000");
    assertThat(queue.get("origin").asString()).isEqualTo("file");
    assertThat(queue.get("line").asInt()).isEqualTo(3);
    assertThat(queue.get("effect").asString()).isEqualTo("now");
    assertThat(queue.get("settable").asBoolean()).isFalse();
    assertThat(queue.get("standard").asString()).isEqualTo("100000");
    assertThat(key(api, "limits.queue-bytes").get("unit").asString()).isEqualTo("bytes");
    assertThat(key(api, "limits.queue-bytes").get("settable").asBoolean()).isTrue();
    assertThat(key(api, "admin.password").get("value").asString()).isEqualTo("********");
    assertThat(key(api, "listeners.0.bind").get("list").asString()).isEqualTo("listeners");
    assertThat(key(api, "threads.loops").get("effect").asString()).isEqualTo("restart");
  }

  @Test
  void a_change_is_judged_with_the_words_of_the_file_and_nothing_of_it_is_made()
      throws IOException {
    Api api = api(start(ONE_LISTENER + "limits:\n  queue-messages: 5000\n"));

    Api.Answer wrong =
        patch(api, "{'limits.topic-alias': 70000, 'limits.topic-levels': 1, 'log.level': 'debug'}");
    Api.Answer unknown = patch(api, "{'limits.topic-aliass': 1}");

    assertThat(wrong.is(400).get("errors")).hasSize(2);
    assertThat(wrong.get("errors").toString())
        .contains("\"field\":\"limits.topic-alias\"")
        .contains("is 70000; it must be 0 to 65535");
    assertThat(value(api, "log.level")).isEqualTo("info");
    unknown.isWrongAt("limits.topic-aliass");
    assertThat(unknown.body()).contains("did you mean limits.topic-alias?");
    Api.Answer ofFile = patch(api, "{'limits.queue-messages': 7}").is(409);
    assertThat(ofFile.text("detail"))
        .contains("limits.queue-messages is set in " + file() + ":3:19, which decides");
    patch(api, "{'data': 'elsewhere'}").isWrongAt("data");
    patch(api, "{'admin.password': 'a secret of mine'}").isWrongAt("admin.password");
    patch(api, "{'authorization.rules': []}").isWrongAt("authorization.rules");
    patch(api, "{'log.level': null}").isWrongAt("log.level");
    assertThat(api.get(PATH + "/revisions").is(200).get("items")).isEmpty();
  }

  @Test
  void limits_change_while_the_node_runs_and_connected_clients_keep_theirs() throws IOException {
    Relais relais = start(ONE_LISTENER);
    Api api = api(relais);
    Clients clients = clients(port(relais, 0));
    MqttSocket before = clients.open(MQTT_5);
    before.connect("before");
    String changes = "{'limits.receive-maximum': 7, 'limits.payload-bytes': '1KiB'}";

    Api.Answer dry =
        api.send("PATCH", PATH + "?dryRun=true", json("{'changes': " + changes + "}")).is(200);
    int unchanged = connect(clients).properties().intValue(Property.RECEIVE_MAXIMUM, 0);
    Api.Answer done = patch(api, changes).is(200);

    assertThat(dry.get("revision").isNull()).isTrue();
    assertThat(dry.get("changes")).isEqualTo(done.get("changes")).hasSize(2);
    assertThat(unchanged).isEqualTo(1024);
    assertThat(done.get("revision").asInt()).isEqualTo(1);
    Packet.Connack connack = connect(clients);
    assertThat(connack.properties().intValue(Property.RECEIVE_MAXIMUM, 0)).isEqualTo(7);
    assertThat(connack.properties().longValue(Property.MAXIMUM_PACKET_SIZE, 0))
        .isEqualTo(1024 + 192 * 1024);
    assertThat(before.publish("a", "still there", 1)).isNotNull();
  }

  private static Packet.Connack connect(Clients clients) {
    return clients.open(MQTT_5).connect(clients.id());
  }

  @Test
  void what_needs_a_restart_is_kept_and_said_by_name() throws IOException {
    Api api = api(start(ONE_LISTENER));

    Api.Answer done = patch(api, "{'mqtt.shared-subscription-policy': 'random'}").is(200);

    assertThat(done.get("restart").toString()).isEqualTo("[\"mqtt.shared-subscription-policy\"]");
    JsonNode policy = key(api, "mqtt.shared-subscription-policy");
    assertThat(policy.get("value").asString()).isEqualTo("round-robin");
    assertThat(policy.get("pending").asString()).isEqualTo("random");
  }

  @Test
  void listeners_come_go_and_change_and_clients_of_others_notice_nothing() throws IOException {
    Relais relais = start("");
    Api api = api(relais);
    int stays = free();
    int changes = free();
    String one = "{'bind': '127.0.0.1:%d'}".formatted(stays);
    String other = "{'bind': '127.0.0.1:%d'%s}";
    patch(api, "{'listeners': [%s, %s]}".formatted(one, other.formatted(changes, ""))).is(200);
    MqttSocket untouched = clients(stays).open(MQTT_5);
    untouched.connect("untouched");
    Clients others = clients(changes);
    MqttSocket touched = others.open(MQTT_5);
    touched.connect("touched");

    patch(
            api,
            "{'listeners': [%s, %s]}"
                .formatted(one, other.formatted(changes, ", 'allow-anonymous': false")))
        .is(200);

    assertThat(touched.expect(Packet.Disconnect.class).reason())
        .isEqualTo(ReasonCode.ADMINISTRATIVE_ACTION);
    others.open(MQTT_5).sendConnect("again", how -> how).expectRefused(ReasonCode.NOT_AUTHORIZED);
    patch(api, "{'listeners': [%s]}".formatted(one)).is(200);
    assertThat(relais.serving()).hasSize(1);
    untouched.publish("a", "still there", 1);
  }

  @Test
  void a_listener_that_cannot_open_changes_nothing() throws IOException {
    Relais relais = start("");
    Api api = api(relais);
    int port = free();
    patch(api, "{'listeners': [{'bind': '127.0.0.1:%d'}]}".formatted(port)).is(200);
    MqttSocket client = clients(port).open(MQTT_5);
    client.connect("client");

    try (ServerSocket taken = new ServerSocket(0, 1, java.net.InetAddress.getLoopbackAddress())) {
      String there = "{'bind': '127.0.0.1:%d'}".formatted(taken.getLocalPort());
      Api.Answer refused =
          patch(
                  api,
                  "{'log.level': 'warn', 'listeners': [%s, {'bind': '127.0.0.1:%d', 'path': ''}]}"
                      .formatted(there, port))
              .is(409);
      assertThat(refused.text("detail")).contains("another process listens there already");
    }

    assertThat(value(api, "log.level")).isEqualTo("info");
    assertThat(relais.serving()).hasSize(1);
    client.publish("a", "still there", 1);
    assertThat(api.get(PATH + "/revisions").get("items")).hasSize(1);
  }

  private static int free() throws IOException {
    try (ServerSocket socket = new ServerSocket(0, 1, java.net.InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    }
  }

  @Test
  void changes_outlast_a_restart_below_the_file_and_are_taken_back() throws IOException {
    Api api = api(start(ONE_LISTENER));
    patch(api, "{'limits.queue-messages': 7, 'threads.loops': 1}").is(409);
    patch(api, "{'limits.queue-messages': 7, 'mqtt.max-qos': 1}").is(200);
    patch(api, "{'limits.queue-messages': 8}").is(200);
    stop();

    Relais again = start(ONE_LISTENER + "limits: {queue-messages: 9}\n");
    Api then = api(again);

    assertThat(value(then, "limits.queue-messages")).isEqualTo("9");
    assertThat(value(then, "mqtt.max-qos")).isEqualTo("1");
    assertThat(key(then, "mqtt.max-qos").get("where").asString()).isEqualTo("API, revision 2");
    assertThat(connect(clients(port(again, 0))).properties().intValue(Property.MAXIMUM_QOS, 2))
        .isEqualTo(1);
    JsonNode newest = then.get(PATH + "/revisions").is(200).get("items").get(0);
    assertThat(newest.get("number").asInt()).isEqualTo(2);
    assertThat(newest.get("by").asString()).isEqualTo("admin");
    assertThat(newest.at("/changes/0/before").asString()).isEqualTo("7");
    assertThat(newest.at("/changes/0/after").asString()).isEqualTo("8");
    JsonNode first = then.get(PATH + "/revisions/1").is(200).content();
    assertThat(first.at("/values/mqtt.max-qos").asInt()).isEqualTo(1);
    then.post(PATH + "/revisions/0/revert", "").is(200);
    assertThat(value(then, "mqtt.max-qos")).isEqualTo("2");
    then.post(PATH + "/revisions/1/revert", "").is(200);
    assertThat(value(then, "mqtt.max-qos")).isEqualTo("1");
    then.post(PATH + "/revisions/99/revert", "").is(404);
    assertThat(then.get(PATH + "/revisions").get("items")).hasSize(4);
    assertThat(then.get("/api/v1/audit").body()).contains("PATCH /api/v1/configuration");
  }

  @Test
  void the_file_is_read_again_and_one_that_is_wrong_changes_nothing() throws IOException {
    Api api = api(start(ONE_LISTENER));
    Files.writeString(file(), ONE_LISTENER + "limits:\n  topic-alias: 3\nlog: {level: nothing}\n");
    Api.Answer wrong = api.post(PATH + "/reload", "").is(400);
    Files.writeString(file(), ONE_LISTENER + "limits:\n  topic-alias: 3\n");
    Api.Answer dry = api.post(PATH + "/reload?dryRun=true", "").is(200);

    String unchanged = value(api, "limits.topic-alias");
    Api.Answer done = api.post(PATH + "/reload", "").is(200);

    assertThat(wrong.body()).contains("relais.yaml:4:").contains("log.level is 'nothing'");
    assertThat(unchanged).isEqualTo("64");
    assertThat(dry.get("changes")).isEqualTo(done.get("changes")).hasSize(1);
    assertThat(value(api, "limits.topic-alias")).isEqualTo("3");
    assertThat(api.get(PATH + "/revisions").get("items")).isEmpty();
  }

  @Test
  void sources_and_rules_follow_the_file() throws IOException {
    Relais relais = start(ONE_LISTENER);
    Api api = api(relais);
    Clients clients = clients(port(relais, 0));
    MqttSocket client = clients.open(MQTT_5);
    client.connect("client");
    Path users = Files.writeString(folder.resolve("users"), "# nobody\n");
    String denies =
        "authorization: {rules: [{effect: deny, filter: 'secret'}, {effect: allow, filter: '#'}]}\n";
    Files.writeString(
        file(), ONE_LISTENER + denies + "authentication: {password-file: " + users + "}\n");

    api.post(PATH + "/reload", "").is(200);

    clients
        .open(MQTT_5)
        .sendConnect("ann", how -> how.username("ann").password("x"))
        .expectRefused(ReasonCode.BAD_USER_NAME_OR_PASSWORD);
    await()
        .atMost(Duration.ofSeconds(5))
        .untilAsserted(
            () -> {
              client.sendPublish("secret", "x", 1, 9);
              assertThat(client.expect(Packet.Puback.class).reason())
                  .isEqualTo(ReasonCode.NOT_AUTHORIZED);
            });
    api.put("/api/v1/authorization/rules", "[]").is(409);
    Files.writeString(file(), ONE_LISTENER);
    api.post(PATH + "/reload", "").is(200);
    api.put("/api/v1/authorization/rules", "[]").is(204);
    clients.open(MQTT_5).connect("bob", how -> how.username("bob").password("x"));
  }

  @Test
  void a_change_that_the_next_file_contradicts_stops_the_start_with_its_name() throws IOException {
    Api api = api(start(ONE_LISTENER));
    patch(api, "{'limits.queue-bytes': '2MiB'}").is(200);
    stop();

    String more = ONE_LISTENER + "limits: {payload-bytes: 4MiB}\n";

    assertThatThrownBy(() -> start(more))
        .hasMessageContaining("API, revision 1: limits.queue-bytes is 2MiB, less than one payload");
    assertThat(
            value(
                api(start(more.replace("4MiB", "4MiB, queue-bytes: 8MiB"))), "limits.queue-bytes"))
        .isEqualTo("8MiB");
  }

  @Test
  void only_administrators_change_and_viewers_do_not_see() throws IOException {
    Api api = api(start(ONE_LISTENER));
    Api viewer =
        api.as(api.post("/api/v1/keys", json("{'name': 'v', 'role': 'viewer'}")).text("key"));
    Api operator =
        api.as(api.post("/api/v1/keys", json("{'name': 'o', 'role': 'operator'}")).text("key"));
    open.add(viewer);
    open.add(operator);

    viewer.get(PATH).is(403);
    operator.get(PATH).is(200);
    patch(operator, "{'log.level': 'warn'}").is(403);
    operator.post(PATH + "/reload", "").is(403);
    operator.post(PATH + "/revisions/0/revert", "").is(403);
  }
}
