package io.relais.systemtests.api;

import static io.relais.protocol.ProtocolVersion.MQTT_5;
import static io.relais.systemtests.api.Api.json;
import static org.assertj.core.api.Assertions.assertThat;

import io.relais.api.ApiClient;
import io.relais.systemtests.EmbeddedRelais;
import io.relais.testkit.Clients;
import io.relais.testkit.MqttSocket;
import java.io.IOException;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Queue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// Keys that are bounded to areas of the API, and streams that end with the key or token behind
/// them.
class KeyScopesTest {
  private static final String KEYS = "/api/v1/keys";

  private final EmbeddedRelais relais = EmbeddedRelais.start();
  private final Api api = Api.ready(relais);
  private final Clients clients = new Clients(relais);

  @AfterEach
  void close() {
    api.close();
    clients.close();
    relais.close();
  }

  private Api.Answer key(String role, String scopes) {
    return api.post(
        KEYS, json("{'name': 'k', 'role': '%s', 'scopes': %s}".formatted(role, scopes)));
  }

  @Test
  void a_bounded_key_may_do_what_its_scopes_and_its_role_name() {
    Api.Answer made = key("operator", "['publish:write', 'clients:read']").is(201);
    Api with = api.as(made.text("key"));

    with.get("/api/v1/clients").is(200);
    with.get("/api/v1/clients/nobody").is(404);
    with.post("/api/v1/publish", json("{'topic': 'a'}")).is(200);
    Api.Answer refused = with.get("/api/v1/retained").is(403);
    assertThat(refused.text("detail"))
        .contains("needs the scope retained:read")
        .contains("key k has clients:read, publish:write");
    assertThat(with.delete("/api/v1/clients/nobody").is(403).text("detail"))
        .contains("clients:write");
    assertThat(with.post("/api/v1/explain/connect", "{}").is(403).text("detail"))
        .contains("explain:read");
    with.get("/api/v1/audit").is(403);
    with.get("/api/v1/nowhere").is(404);
    assertThat(api.get(KEYS).get("items").get(0).get("scopes")).hasSize(2);
  }

  @Test
  void a_key_without_scopes_goes_by_its_role_alone() {
    Api.Answer made = api.post(KEYS, json("{'name': 'k', 'role': 'viewer'}")).is(201);

    assertThat(made.get("scopes").isNull()).isTrue();
    api.as(made.text("key")).get("/api/v1/retained").is(200);
  }

  @Test
  void a_bounded_key_makes_no_key_that_may_more() {
    Api with = api.as(key("administrator", "['keys:write', 'users:read']").is(201).text("key"));

    with.post(KEYS, json("{'name': 'x', 'role': 'viewer'}")).isWrongAt("scopes");
    with.post(KEYS, json("{'name': 'x', 'role': 'administrator', 'scopes': ['users:write']}"))
        .isWrongAt("scopes[0]");
    with.post(KEYS, json("{'name': 'x', 'role': 'operator', 'scopes': ['users:read']}")).is(201);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "viewer|[]|scopes",
        "viewer|['clients:look']|scopes[0]",
        "viewer|['clients:read', null]|scopes[1]",
        "viewer|['publish:write']|scopes[0]",
        "operator|['keys:read']|scopes[0]",
      })
  void what_is_wrong_with_scopes_is_said_at_its_place(String role, String scopes, String field) {
    key(role, scopes).isWrongAt(field);
  }

  @Test
  void the_document_has_the_scope_of_each_call() {
    Api.Answer document = api.get("/api/v1/openapi.json");

    assertThat(
            document
                .content()
                .at("/paths/~1api~1v1~1clients~1{clientId}/delete/security/0/bearer/0")
                .stringValue())
        .isEqualTo("clients:write");
    assertThat(document.content().at("/paths/~1api~1v1~1users~1import/post").toString())
        .contains("text/csv")
        .contains("users:write");
  }

  // ---- streams

  private BlockingQueue<String> listen(String token) {
    return listen(token, "/api/v1/subscribe?filter=a");
  }

  private BlockingQueue<String> listen(String token, String path) {
    BlockingQueue<String> events = new LinkedBlockingQueue<>();
    Thread.ofVirtual()
        .start(
            () -> {
              try (var client =
                  new ApiClient(URI.create("http://127.0.0.1:" + relais.api().getPort()))) {
                client.withToken(token).listen(path, (kind, data) -> events.add(kind));
                events.add("closed");
              } catch (IOException e) {
                events.add(e.toString());
              }
            });
    return events;
  }

  private static List<String> untilClosed(BlockingQueue<String> events)
      throws InterruptedException {
    List<String> seen = new ArrayList<>();
    do {
      seen.add(next(events));
    } while (!seen.getLast().equals("closed") && seen.size() < 100);
    return seen;
  }

  private static String next(BlockingQueue<String> events) throws InterruptedException {
    return Objects.requireNonNull(events.poll(20, TimeUnit.SECONDS), "nothing within 20 s");
  }

  @Test
  void a_stream_ends_when_its_key_is_removed() throws InterruptedException {
    Api.Answer made = key("operator", "['subscribe:read']").is(201);
    api.post("/api/v1/publish", json("{'topic': 'a', 'retain': true, 'payload': 'x'}")).is(200);
    BlockingQueue<String> events = listen(made.text("key"));
    assertThat(next(events)).isEqualTo("message");

    api.delete(KEYS + "/" + made.text("id")).is(204);

    assertThat(List.of(next(events), next(events))).containsExactly("end", "closed");
  }

  @ParameterizedTest
  @ValueSource(strings = {"/api/v1/clients/c/timeline/live", "/api/v1/metrics/live"})
  void other_streams_end_with_a_removed_key_an_ended_session_and_an_expired_key(String path)
      throws Exception {
    Api.Answer removed = key("operator", "['clients:read', 'metrics:read']").is(201);
    String session =
        api.post("/api/v1/session", Api.signIn("admin", Api.PASSWORD)).is(200).text("token");
    Instant soon = Instant.now().plusSeconds(3);
    String expiring =
        api.post(KEYS, json("{'name': 'e', 'role': 'operator', 'expiresAt': '" + soon + "'}"))
            .is(201)
            .text("key");
    BlockingQueue<String> ofRemoved = listen(removed.text("key"), path);
    BlockingQueue<String> ofSession = listen(session, path);
    BlockingQueue<String> ofExpiring = listen(expiring, path);
    MqttSocket client = clients.open(MQTT_5);
    client.connect("c");
    Awaitility.await()
        .pollInterval(Duration.ofMillis(50))
        .until(
            () -> {
              client.sendPing();
              return Stream.of(ofRemoved, ofSession, ofExpiring).noneMatch(Queue::isEmpty);
            });

    api.delete(KEYS + "/" + removed.text("id")).is(204);
    api.as(session).delete("/api/v1/session").is(204);

    for (BlockingQueue<String> events : List.of(ofRemoved, ofSession, ofExpiring)) {
      assertThat(untilClosed(events)).endsWith("end", "closed");
    }
  }

  @Test
  void a_stream_ends_when_its_session_does_or_its_account_may_not_listen_any_more()
      throws InterruptedException {
    api.post(
            "/api/v1/accounts",
            json("{'username': 'op', 'role': 'operator', 'password': 'a password'}"))
        .is(201);
    String first =
        api.post("/api/v1/session", Api.signIn("op", "a password")).is(200).text("token");
    String second =
        api.post("/api/v1/session", Api.signIn("op", "a password")).is(200).text("token");
    api.post("/api/v1/publish", json("{'topic': 'a', 'retain': true, 'payload': 'x'}")).is(200);
    BlockingQueue<String> ofFirst = listen(first);
    BlockingQueue<String> ofSecond = listen(second);
    assertThat(List.of(next(ofFirst), next(ofSecond))).containsExactly("message", "message");

    api.as(first).delete("/api/v1/session").is(204);
    assertThat(next(ofFirst)).isEqualTo("end");
    assertThat(ofSecond).isEmpty();
    api.put("/api/v1/accounts/op", json("{'role': 'viewer'}")).is(204);

    assertThat(next(ofSecond)).isEqualTo("end");
  }
}
