package io.relais.systemtests.api;

import static io.relais.protocol.ProtocolVersion.MQTT_5;
import static io.relais.systemtests.api.Api.json;
import static io.relais.testkit.MqttSocket.text;
import static org.assertj.core.api.Assertions.assertThat;

import io.relais.protocol.Packet;
import io.relais.protocol.ReasonCode;
import io.relais.systemtests.EmbeddedRelais;
import io.relais.systemtests.clients.Tool;
import io.relais.testkit.Clients;
import io.relais.testkit.MqttSocket;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;

/// Groups of users, and users that come out of files.
class UsersApiTest {
  private static final String RULES = "/api/v1/authorization/rules";
  private static final String USERS = "/api/v1/users";

  private EmbeddedRelais relais = EmbeddedRelais.start();
  private Clients clients = new Clients(relais);
  private Api api = Api.ready(relais);

  @TempDir private Path folder;

  @AfterEach
  void close() {
    api.close();
    clients.close();
    relais.close();
  }

  private ReasonCode connect(String username, String password) {
    MqttSocket client = clients.open(MQTT_5).patience(Duration.ofSeconds(20)); // hashes take time
    client.sendConnect(clients.id(), how -> how.username(username).password(password));
    return client.expect(Packet.Connack.class).reason();
  }

  private void makeAnn(String groups) {
    api.post(USERS, json("{'username': 'ann', 'password': 'anns password'" + groups + "}")).is(201);
  }

  private static List<String> groups(JsonNode user) {
    List<String> groups = new ArrayList<>();
    user.get("groups").forEach(group -> groups.add(group.stringValue()));
    return groups;
  }

  @Test
  void users_are_found_by_a_part_of_their_name_and_come_in_pages() {
    for (String name : List.of("press-1", "Press-2", "boiler-1", "press-3")) {
      api.post(USERS, json("{'username': '" + name + "', 'password': 'a password'}")).is(201);
    }

    JsonNode first = api.get(USERS + "?filter=PRESS&limit=2").is(200).content();
    JsonNode second =
        api.get(USERS + "?filter=PRESS&limit=2&cursor=" + first.get("next").stringValue())
            .is(200)
            .content();

    assertThat(names(first)).containsExactly("Press-2", "press-1");
    assertThat(names(second)).containsExactly("press-3");
    assertThat(second.get("next").isNull()).isTrue();
  }

  private static List<String> names(JsonNode page) {
    List<String> names = new ArrayList<>();
    page.get("items").forEach(user -> names.add(user.get("username").stringValue()));
    return names;
  }

  // ---- groups

  @Test
  void a_change_of_groups_holds_at_once_for_clients_that_are_connected() {
    makeAnn(", 'groups': ['night']");
    api.put(
            RULES,
            json(
                "[{'effect': 'allow', 'action': 'subscribe', 'filter': 'shift/#', 'group': 'day'},"
                    + " {'effect': 'allow', 'action': 'publish', 'filter': '#'}]"))
        .is(204);
    MqttSocket ann = clients.open(MQTT_5);
    ann.connect("anns", how -> how.username("ann").password("anns password"));
    MqttSocket publisher = clients.open(MQTT_5);
    publisher.connect("other", how -> how.username("ann").password("anns password"));
    assertThat(reasons(ann, "shift/1")).containsExactly(ReasonCode.NOT_AUTHORIZED);

    api.put(USERS + "/ann", json("{'groups': ['day', 'night', 'day']}")).is(204);

    assertThat(reasons(ann, "shift/1")).containsExactly(ReasonCode.granted(1));
    publisher.publish("shift/1", "seen", 1);
    assertThat(text(ann.receive())).isEqualTo("seen");
    api.put(USERS + "/ann", json("{'groups': []}")).is(204);
    publisher.publish("shift/1", "hidden", 1);
    ann.expectSilence();
    assertThat(connect("ann", "anns password")).isEqualTo(ReasonCode.SUCCESS);
  }

  private static List<ReasonCode> reasons(MqttSocket client, String filter) {
    return client
        .suback(io.relais.protocol.Properties.NONE, MqttSocket.subscription(filter, 1))
        .reasons();
  }

  @Test
  void a_user_that_is_removed_is_in_no_group_any_more() {
    makeAnn(", 'groups': ['day']");
    api.put(RULES, json("[{'effect': 'allow', 'filter': '#', 'group': 'day'}]")).is(204);
    MqttSocket ann = clients.open(MQTT_5);
    ann.connect("anns", how -> how.username("ann").password("anns password"));
    ann.publish("a", "while a member", 1);

    api.delete(USERS + "/ann").is(204);

    ann.sendPublish("a", "x", 1, 7);
    assertThat(ann.expect(Packet.Puback.class).reason()).isEqualTo(ReasonCode.NOT_AUTHORIZED);
  }

  @Test
  void explain_tells_the_groups_of_a_client_that_is_connected_and_of_a_user() {
    makeAnn(", 'groups': ['day', 'crew']");
    api.put(RULES, json("[{'effect': 'allow', 'filter': 'a', 'group': 'crew'}]")).is(204);
    MqttSocket ann = clients.open(MQTT_5);
    ann.connect("anns", how -> how.username("ann").password("anns password"));

    for (String who : List.of("'clientId': 'anns'", "'username': 'ann'")) {
      Api.Answer told =
          api.post("/api/v1/explain/publish", json("{" + who + ", 'topic': 'a'}")).is(200);

      assertThat(told.text("outcome")).isEqualTo("no-subscriber");
      assertThat(told.body()).contains("in crew, day").contains("rule 1 of 1 decides");
    }
    assertThat(
            api.post("/api/v1/explain/publish", json("{'username': 'bob', 'topic': 'a'}"))
                .is(200)
                .text("outcome"))
        .isEqualTo("denied");
  }

  @Test
  void a_change_of_one_thing_leaves_the_other_and_both_outlast_a_restart(@TempDir Path data) {
    close();
    String[] onDisk = {"store=disk", "data=" + data};
    relais = EmbeddedRelais.start(onDisk);
    api = Api.ready(relais);
    String token = String.valueOf(api.token());
    clients = new Clients(relais);
    makeAnn(", 'groups': ['day']");
    api.put(USERS + "/ann", json("{'password': 'another one'}")).is(204);
    close();

    relais = EmbeddedRelais.start(onDisk);
    clients = new Clients(relais);
    api = new Api(relais.api()).as(token);

    assertThat(groups(api.get(USERS).is(200).get("items").get(0))).containsExactly("day");
    api.put(USERS + "/ann", json("{'groups': ['night']}")).is(204);
    assertThat(connect("ann", "another one")).isEqualTo(ReasonCode.SUCCESS);
    assertThat(groups(api.get(USERS).is(200).get("items").get(0))).containsExactly("night");
    Api.Answer log = api.get("/api/v1/audit?limit=1").is(200);
    JsonNode change = log.get("items").get(0);
    assertThat(groups(change.get("before"))).containsExactly("day");
    assertThat(groups(change.get("after"))).containsExactly("night");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "{'groups': ['']}|groups",
        "{'groups': [null]}|groups",
        "{'groups': ['a\\u0007']}|groups",
        "{'group': ['a']}|group",
        "{}|password",
      })
  void what_is_wrong_with_groups_is_said_at_their_field(String body, String field) {
    makeAnn("");

    api.put(USERS + "/ann", json(body)).isWrongAt(field);

    api.put(RULES, json("[{'effect': 'allow', 'filter': '#', 'group': ' '}]"))
        .isWrongAt("[0].group");
  }

  // ---- import

  private Api.Answer imported(String query, String file) {
    return api.post(USERS + "/import?" + query, file);
  }

  private static List<String> refusals(Api.Answer answer) {
    List<String> refusals = new ArrayList<>();
    for (JsonNode one : answer.get("refusals")) {
      refusals.add(
          "%d %s %s"
              .formatted(
                  one.get("line").intValue(),
                  one.get("username").isNull() ? "-" : one.get("username").stringValue(),
                  one.get("reason").stringValue()));
    }
    return refusals;
  }

  private static String counts(Api.Answer answer) {
    return "%d %d %d"
        .formatted(
            answer.get("added").intValue(),
            answer.get("replaced").intValue(),
            answer.get("refused").intValue());
  }

  @Test
  void a_csv_file_makes_users_and_says_of_each_other_line_why_not() {
    makeAnn("");
    String file =
        """
        username,password,groups
        ann,a new password,day

        bob,bobs password,day;night
        "eve, the ""first""
        of two",eves password,
        cat,short,
        bob,again and again,
        ,has no name,
        dan,one value too many,a,b
        """;

    Api.Answer dry = imported("format=csv&dryRun=true", file).is(200);
    assertThat(connect("bob", "bobs password")).isNotEqualTo(ReasonCode.SUCCESS);
    Api.Answer done = imported("format=csv", file).is(200);

    assertThat(counts(dry)).isEqualTo("1 0 6");
    assertThat(dry.get("dryRun").booleanValue()).isTrue();
    assertThat(counts(done)).isEqualTo("1 0 6");
    assertThat(refusals(done))
        .containsExactly(
            "2 ann is there already, and to replace was not asked",
            "5 eve, the \"first\"\nof two username has a control character",
            "7 cat password has fewer than 8 characters",
            "8 bob stands in line 4 already",
            "9  username is missing",
            "10 dan has 4 values, and the header has 3");
    assertThat(refusals(dry)).isEqualTo(refusals(done));
    assertThat(connect("bob", "bobs password")).isEqualTo(ReasonCode.SUCCESS);
    assertThat(connect("ann", "anns password")).isEqualTo(ReasonCode.SUCCESS);
  }

  @Test
  void users_that_are_there_are_replaced_when_asked_and_keep_groups_that_the_file_does_not_name() {
    makeAnn(", 'groups': ['day']");

    Api.Answer done =
        imported("format=csv&replace=true", "username,password\nann,a new password\n").is(200);

    assertThat(counts(done)).isEqualTo("0 1 0");
    assertThat(connect("ann", "a new password")).isEqualTo(ReasonCode.SUCCESS);
    assertThat(groups(api.get(USERS).get("items").get(0))).containsExactly("day");
  }

  @Test
  void a_json_array_makes_users_with_passwords_or_hashes() {
    String hash =
        "$7$101$F3xSHEw7lodzapnk$AkZC9jcab42hhEhLVApMWFBMySKk8vakI47SqOiGDqGCw9hb7OlQh0J9bvFStgJXpylDQnkcwDwaUOragZZD9g==";
    String file =
        json(
            "[{'username': 'bob', 'passwordHash': '"
                + hash
                + "', 'groups': ['day']},"
                + "{'username': 'cat', 'password': 'cats password'},"
                + "{'username': 'dan', 'password': 'x', 'passwordHash': '"
                + hash
                + "'},"
                + "{'username': 'eve', 'hash': 'x'}, 7, null,"
                + "{'username': 'fay', 'passwordHash': '$1$x'}]");

    Api.Answer done = imported("format=json", file).is(200);

    assertThat(counts(done)).isEqualTo("2 0 5");
    assertThat(refusals(done).get(0)).isEqualTo("3 dan password is given, and passwordHash too");
    assertThat(refusals(done).get(1)).startsWith("4 eve has a field that is unknown");
    assertThat(refusals(done).subList(2, 4))
        .containsExactly("5 - is no object", "6 - is no object");
    assertThat(refusals(done).get(4)).startsWith("7 fay hash does not begin with");
    assertThat(done.body()).doesNotContain("AkZC9").doesNotContain("cats password");
    assertThat(connect("bob", "bobspass")).isEqualTo(ReasonCode.SUCCESS);
    assertThat(connect("cat", "cats password")).isEqualTo(ReasonCode.SUCCESS);
    assertThat(api.get("/api/v1/audit").body())
        .contains("\"cat\"")
        .doesNotContain("AkZC9")
        .doesNotContain("cats password");
  }

  @Test
  void what_mosquitto_passwd_wrote_is_checked_as_it_is_and_becomes_argon2id_at_the_first_log_in()
      throws IOException, InterruptedException {
    Path file = folder.resolve("passwords");
    passwd("-c", "-b", "-H", "sha512", file.toString(), "ann", "anns password");
    passwd("-b", "-H", "sha512-pbkdf2", file.toString(), "bob", "bobs: é");
    Files.writeString(file, Files.readString(file) + "# a comment\ncat:plain\n");

    Api.Answer done = imported("format=mosquitto", Files.readString(file)).is(200);

    assertThat(counts(done)).isEqualTo("2 0 1");
    assertThat(refusals(done))
        .containsExactly("4 cat hash does not begin with $argon2id$, $7$ or $6$");
    assertThat(connect("ann", "bobs: é")).isEqualTo(ReasonCode.BAD_USER_NAME_OR_PASSWORD);
    assertThat(hash("ann")).startsWith("$6$");
    assertThat(connect("ann", "anns password")).isEqualTo(ReasonCode.SUCCESS);
    assertThat(connect("bob", "bobs: é")).isEqualTo(ReasonCode.SUCCESS);
    for (String name : List.of("ann", "bob")) {
      org.awaitility.Awaitility.await()
          .atMost(10, TimeUnit.SECONDS)
          .until(() -> hash(name).startsWith("$argon2id$"));
    }
    assertThat(connect("ann", "anns password")).isEqualTo(ReasonCode.SUCCESS);
    assertThat(connect("bob", "bobs: é")).isEqualTo(ReasonCode.SUCCESS);
    assertThat(connect("bob", "anns password")).isEqualTo(ReasonCode.BAD_USER_NAME_OR_PASSWORD);
  }

  private String hash(String username) {
    return String.valueOf(relais.administration().users().passwordHash(username));
  }

  private static void passwd(String... arguments) throws IOException, InterruptedException {
    List<String> command = new ArrayList<>();
    command.add(Tool.require("mosquitto_passwd", "mosquitto").toString());
    command.addAll(List.of(arguments));
    Process process = new ProcessBuilder(command).inheritIO().start();
    assertThat(process.waitFor(20, TimeUnit.SECONDS)).isTrue();
    assertThat(process.exitValue()).isZero();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "format=yaml|x|format",
        "dryRun=true|x|format",
        "format=csv&dryRun=yes|x|dryRun",
        "format=csv|name,password|body",
        "format=csv|''|body",
        "format=csv|username,password,password|body",
        "format=csv|username,password\\n\"ann,x|body",
        "format=json|{'username': 'ann'}|body",
        "format=json|[{'username': |body",
      })
  void a_file_that_is_none_is_refused_as_a_whole(String query, String file, String field) {
    imported(query, json(file).replace("\\n", "\n")).isWrongAt(field);

    assertThat(api.get(USERS).get("items")).isEmpty();
  }

  @Test
  void an_import_is_bounded_and_for_administrators() {
    var file = new StringBuilder("username,password\n");
    for (int i = 0; i < 1_001; i++) {
      file.append("u").append(i).append(",long enough\n");
    }

    imported("format=csv", file.toString()).isWrongAt("body");
    imported("format=mosquitto", "u:x\n".repeat(10_001)).isWrongAt("body");
    assertThat(imported("format=mosquitto", "u".repeat(2 << 20)).status()).isEqualTo(413);
    String key =
        api.post("/api/v1/keys", json("{'name': 'k', 'role': 'operator'}")).is(201).text("key");
    api.as(key).post(USERS + "/import?format=csv", "username,password\n").is(403);
    assertThat(api.get(USERS).get("items")).isEmpty();
  }
}
