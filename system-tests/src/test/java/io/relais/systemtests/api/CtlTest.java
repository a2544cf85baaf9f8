package io.relais.systemtests.api;

import static io.relais.protocol.ProtocolVersion.MQTT_5;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.relais.api.Json;
import io.relais.systemtests.EmbeddedRelais;
import io.relais.systemtests.clients.Certificates;
import io.relais.testkit.Clients;
import io.relais.testkit.Connecting;
import io.relais.testkit.MqttSocket;
import io.relais.testkit.RelaisProcess;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// `relais ctl` as an administrator types it, each command a process.
class CtlTest {
  private final EmbeddedRelais relais = EmbeddedRelais.start();
  private final Clients clients = new Clients(relais);

  @TempDir private Path folder;

  @AfterEach
  void close() {
    clients.close();
    relais.close();
  }

  private record Ran(int code, String out, String err) {
    Ran done() {
      assertThat(code).as(out + err).isZero();
      return this;
    }
  }

  private Ran ctl(Map<String, String> environment, String... arguments)
      throws IOException, InterruptedException {
    return ctl(environment, out -> {}, arguments);
  }

  /// @param whileItRuns gets the file that it writes to
  private Ran ctl(Map<String, String> environment, Consumer<Path> whileItRuns, String... arguments)
      throws IOException, InterruptedException {
    List<String> all = new ArrayList<>(List.of("ctl"));
    all.addAll(List.of(arguments));
    Path out = folder.resolve("out");
    Path err = folder.resolve("err");
    ProcessBuilder builder =
        new ProcessBuilder(RelaisProcess.command(List.of(), all.toArray(String[]::new)))
            .redirectOutput(out.toFile())
            .redirectError(err.toFile());
    builder.environment().put("RELAIS_URL", "http://127.0.0.1:" + relais.api().getPort());
    builder.environment().putAll(environment);
    Process process = builder.start();
    process.getOutputStream().close();
    whileItRuns.accept(out);
    assertThat(process.waitFor(60, TimeUnit.SECONDS)).as("ends within a minute").isTrue();
    return new Ran(process.exitValue(), Files.readString(out, UTF_8), Files.readString(err, UTF_8));
  }

  @Test
  void an_administrator_goes_from_the_first_password_to_rules_and_explanations() throws Exception {
    var first = Map.of("RELAIS_PASSWORD", "public", "RELAIS_NEW_PASSWORD", "another password");
    var admin =
        Map.of("RELAIS_PASSWORD", "another password", "RELAIS_NEW_PASSWORD", "anns password");
    MqttSocket client = clients.open(MQTT_5);
    client.connect("press/7", Connecting::persistent);
    client.subscribe("plant/#", 1);

    Ran early = ctl(first, "clients");
    assertThat(early.code()).isEqualTo(1);
    assertThat(early.err()).contains("Password change required");
    ctl(first, "password").done();
    Ran wrong = ctl(first, "clients");
    assertThat(wrong.code()).isEqualTo(1);
    assertThat(wrong.err()).contains("Unknown account or wrong password");

    assertThat(ctl(admin, "clients").done().out()).contains("client id").contains("press/7");
    assertThat(Json.MAPPER.readTree(ctl(admin, "clients", "--json").done().out())).hasSize(1);
    ctl(admin, "users", "add", "ann").done();
    Path rules = Files.writeString(folder.resolve("rules.json"), "[{\"effect\": \"allow\"}]");
    Ran invalid = ctl(admin, "rules", "set", rules.toString());
    assertThat(invalid.code()).isEqualTo(1);
    assertThat(invalid.err()).contains("[0].filter").contains("is missing");
    Files.writeString(rules, "[{\"effect\": \"deny\", \"filter\": \"plant/secret\"}]");
    ctl(admin, "rules", "set", rules.toString()).done();
    assertThat(ctl(admin, "explain", "publish", "-t", "plant/secret").done().out())
        .contains("rule 1 of 1 decides")
        .contains("=> denied");
    ctl(admin, "clients", "disconnect", "press/7", "--session").done();
    assertThat(ctl(admin, "clients", "show", "press/7").code()).isEqualTo(1);
    assertThat(ctl(admin, "audit").done().out())
        .contains("DELETE /api/v1/clients/press%2F7")
        .doesNotContain("anns password");
    String key = ctl(admin, "keys", "add", "--role", "viewer", "script").done().out().strip();
    assertThat(ctl(Map.of("RELAIS_KEY", key), "nodes").done().out()).contains("single");
    assertThat(ctl(Map.of("RELAIS_KEY", key), "publish", "-t", "a").err()).contains("operator");
  }

  @Test
  void following_a_client_ends_with_the_key_and_says_so() throws Exception {
    Api api = Api.ready(relais);
    Api.Answer key =
        api.post("/api/v1/keys", Api.json("{'name': 'k', 'role': 'operator'}")).is(201);
    MqttSocket client = clients.open(MQTT_5);
    client.connect("press-7");

    Ran ran =
        ctl(
            Map.of("RELAIS_KEY", key.text("key")),
            out -> {
              Awaitility.await()
                  .atMost(Duration.ofSeconds(60))
                  .until(
                      () -> {
                        client.sendPing();
                        return Files.size(out) > 0;
                      });
              api.delete("/api/v1/keys/" + key.text("id")).is(204);
            },
            "clients",
            "timeline",
            "press-7",
            "--follow");

    assertThat(ran.code()).isEqualTo(1);
    assertThat(ran.out()).contains("PINGREQ");
    assertThat(ran.err()).contains("The node ended the stream: the token or key is over");
    api.close();
  }

  @Test
  void an_operator_bans_a_client_and_lets_it_in_again() throws Exception {
    Api api = Api.ready(relais);
    var admin = Map.of("RELAIS_PASSWORD", Api.PASSWORD);

    String[] add = {"bans", "add", "--kind", "client", "press/7", "--for", "10m"};
    String id = ctl(admin, add).done().out().strip().replace("banned: ", "");
    assertThat(ctl(admin, add).err()).contains("is banned already");
    assertThat(ctl(admin, "bans").done().out()).contains(id).contains("press/7");
    ctl(admin, "bans", "remove", id).done();
    assertThat(api.get("/api/v1/bans").get("items")).isEmpty();
    assertThat(ctl(admin, "bans", "add", "--kind", "all", "x").code()).isEqualTo(2);
    assertThat(ctl(admin, "bans", "add", "--kind", "user", "x", "--for", "soon").code())
        .isEqualTo(2);
    api.close();
  }

  @Test
  void an_operator_sees_what_is_subscribed_counted_and_waiting() throws Exception {
    Api api = Api.ready(relais);
    var admin = Map.of("RELAIS_PASSWORD", Api.PASSWORD);
    MqttSocket client = clients.open(MQTT_5);
    client.connect("press/7", Connecting::persistent);
    client.subscribe("plant/#", 1);
    client.publish("$delayed/600/plant/late", "later", 1);

    ctl(admin, "topic-metrics", "add", "plant/+").done();
    assertThat(ctl(admin, "topic-metrics").done().out()).contains("plant/+");
    assertThat(ctl(admin, "topics", "-t", "plant/x").done().out()).contains("plant/#");
    assertThat(ctl(admin, "sessions", "--connected", "true").done().out()).contains("press/7");
    assertThat(ctl(admin, "delayed").done().out()).contains("plant/late").contains("later");
    String id = api.get("/api/v1/delayed").get("items").get(0).get("id").stringValue();
    ctl(admin, "delayed", "remove", id).done();
    assertThat(ctl(admin, "metrics").done().out()).contains("messagesReceived");
    assertThat(ctl(admin, "alarms", "history").done().out()).contains("cleared at");
    assertThat(ctl(admin, "slow-subscribers", "--by", "growth").done().out())
        .contains("queue growth");
    api.close();
  }

  @Test
  void the_configuration_is_changed_shown_and_taken_back() throws Exception {
    Api.ready(relais).close();
    var admin = Map.of("RELAIS_PASSWORD", Api.PASSWORD);

    Ran dry = ctl(admin, "config", "set", "limits.topic-alias=7", "--dry-run").done();
    Ran set = ctl(admin, "config", "set", "limits.topic-alias=7", "mqtt.max-qos=1").done();

    assertThat(dry.out()).contains("limits.topic-alias").contains("Nothing was changed.");
    assertThat(set.out()).contains("This is revision 1.");
    assertThat(ctl(admin, "config", "show", "limits.topic-alias").done().out())
        .contains("API, revision 1");
    assertThat(ctl(admin, "config", "history").done().out())
        .contains("limits.topic-alias: 64 -> 7");
    assertThat(ctl(admin, "config", "revert", "0").done().out()).contains("limits.topic-alias");
    Ran wrong = ctl(admin, "config", "set", "limits.topic-alias=many");
    assertThat(wrong.code()).isEqualTo(1);
    assertThat(wrong.err()).contains("limits.topic-alias: is 'many'; write a whole number");
  }

  @Test
  void a_node_behind_tls_is_believed_by_its_authority() throws Exception {
    Certificates right = Certificates.make(Files.createDirectory(folder.resolve("right")));
    Certificates other = Certificates.make(Files.createDirectory(folder.resolve("other")));
    try (EmbeddedRelais secure =
        EmbeddedRelais.start(
            "admin.password=" + Api.PASSWORD,
            "admin.tls.certificate=" + right.certificate(),
            "admin.tls.key=" + right.key())) {
      var admin =
          Map.of(
              "RELAIS_PASSWORD",
              Api.PASSWORD,
              "RELAIS_URL",
              "https://127.0.0.1:" + secure.api().getPort());

      Ran nodes = ctl(admin, "nodes", "--cafile", right.authority().toString()).done();
      Ran unknown = ctl(admin, "nodes");
      Ran wrong = ctl(admin, "nodes", "--insecure", "--cafile", other.authority().toString());

      assertThat(nodes.out()).contains("single");
      assertThat(unknown.code()).isEqualTo(1);
      assertThat(unknown.err()).contains("could not be believed (TLS)");
      assertThat(wrong.code()).isEqualTo(1);
      assertThat(ctl(admin, "nodes", "--cafile", "/no/such/file").err())
          .contains("--cafile /no/such/file: no such file");
    }
  }

  @Test
  void a_node_that_is_not_there_is_said_so() throws Exception {
    Ran none = ctl(Map.of("RELAIS_PASSWORD", "x", "RELAIS_URL", "http://127.0.0.1:1"), "nodes");

    assertThat(none.code()).isEqualTo(1);
    assertThat(none.err()).contains("Nothing answers at http://127.0.0.1:1");
    assertThat(ctl(Map.of(), "nodes", "--url", "here").code()).isEqualTo(2);
    assertThat(ctl(Map.of()).code()).isEqualTo(2);
  }
}
