package io.relais.systemtests.api;

import static io.relais.systemtests.api.Api.PASSWORD;
import static io.relais.systemtests.api.Api.json;
import static io.relais.systemtests.api.Api.signIn;
import static org.assertj.core.api.Assertions.assertThat;

import io.relais.systemtests.EmbeddedRelais;
import java.io.IOException;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Who gets in, how, and what a token is worth.
class SignInTest {
  private static final String SESSION = "/api/v1/session";
  private static final String PASSWORD_PATH = "/api/v1/session/password";

  @Test
  void a_fresh_node_lets_admin_in_only_to_set_a_password() {
    try (EmbeddedRelais relais = EmbeddedRelais.start();
        Api api = new Api(relais.api())) {
      Api.Answer first = api.post(SESSION, signIn("admin", "public")).is(200);
      assertThat(first.get("passwordChangeRequired").booleanValue()).isTrue();
      assertThat(first.text("role")).isEqualTo("administrator");
      Api with = api.as(first.text("token"));

      Api.Answer refused = with.get("/api/v1/clients").is(403);
      assertThat(refused.text("type")).endsWith("password-change-required");
      with.put(PASSWORD_PATH, json("{'current': 'public', 'new': 'short'}")).isWrongAt("new");
      with.put(PASSWORD_PATH, json("{'current': 'public', 'new': 'public'}")).isWrongAt("new");
      with.put(PASSWORD_PATH, json("{'current': 'wrong', 'new': 'long enough'}"))
          .isWrongAt("current");
      with.put(PASSWORD_PATH, json("{'current': 'public', 'new': '" + PASSWORD + "'}")).is(204);

      with.get("/api/v1/clients").is(200);
      api.post(SESSION, signIn("admin", "public")).is(401);
      Api.Answer later = api.post(SESSION, signIn("admin", PASSWORD)).is(200);
      assertThat(later.get("passwordChangeRequired").booleanValue()).isFalse();
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "Host: broker.example.com",
        "Host: 127.0.0.1.example.com",
        "Host: 127.0.0.1\r\nX-Forwarded-For: 10.0.0.1",
        "Host: localhost\r\nForwarded: for=10.0.0.1",
        "Host: localhost\r\nVia: 1.1 proxy",
        "Host: localhost\r\nX-Real-IP: 10.0.0.1",
        "Host: localhost\r\nX-Forwarded-Ssl: on",
        "Host: localhost\r\nOrigin: http://evil.example.com",
        "Host: localhost\r\nOrigin: null",
      })
  void nobody_behind_a_proxy_or_a_page_of_others_knows_the_first_password(String headers)
      throws IOException {
    try (EmbeddedRelais relais = EmbeddedRelais.start()) {
      assertThat(raw(relais, headers)).startsWith("HTTP/1.1 401");
      assertThat(raw(relais, "Host: localhost")).startsWith("HTTP/1.1 200");
    }
  }

  private static String raw(EmbeddedRelais relais, String headers) throws IOException {
    String body = signIn("admin", "public");
    String request =
        "POST /api/v1/session HTTP/1.1\r\n%s\r\nContent-Length: %d\r\nConnection: close\r\n\r\n%s"
            .formatted(headers, body.length(), body);
    try (Socket socket = new Socket(relais.api().getAddress(), relais.api().getPort())) {
      socket.setSoTimeout(30_000);
      socket.getOutputStream().write(request.getBytes(StandardCharsets.UTF_8));
      return new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    }
  }

  @Test
  void
      guessing_is_slowed_for_one_account_from_one_address_and_the_right_password_counts_then_too() {
    try (EmbeddedRelais relais = EmbeddedRelais.start();
        Api api = Api.ready(relais)) {
      api.post(
              "/api/v1/accounts",
              json("{'username': 'bob', 'role': 'viewer', 'password': 'bobs password'}"))
          .is(201);
      List<Integer> statuses = new ArrayList<>();
      do { // each failure doubles the wait, so that the test is faster before long
        statuses.add(api.post(SESSION, signIn("admin", "wrong")).status());
      } while (!statuses.contains(429) && statuses.size() < 12);

      assertThat(statuses).startsWith(401, 401, 401, 401, 401).endsWith(429);
      Api.Answer slowed = api.post(SESSION, signIn("admin", PASSWORD)).is(429);
      assertThat(slowed.headers().firstValue("Retry-After")).isPresent();
      api.post(SESSION, signIn("bob", "bobs password")).is(200);
    }
  }

  @Test
  void a_token_ends_with_its_session_and_all_others_with_a_new_password() {
    try (EmbeddedRelais relais = EmbeddedRelais.start();
        Api api = Api.ready(relais)) {
      String second = api.post(SESSION, signIn("admin", PASSWORD)).text("token");
      String third = api.post(SESSION, signIn("admin", PASSWORD)).text("token");
      api.as(second).delete(SESSION).is(204);

      api.as(second).get("/api/v1/nodes").is(401);
      api.put(PASSWORD_PATH, json("{'current': '" + PASSWORD + "', 'new': 'another password'}"))
          .is(204);
      api.as(third).get("/api/v1/nodes").is(401);
      api.get("/api/v1/nodes").is(200);
      api.as("x").get("/api/v1/nodes").is(401);
      api.as(null).get("/api/v1/nodes").is(401);
    }
  }

  @Test
  void a_token_or_a_key_tells_who_it_is() {
    try (EmbeddedRelais relais = EmbeddedRelais.start();
        Api api = new Api(relais.api())) {
      Api.Answer in = api.post(SESSION, signIn("admin", "public")).is(200);
      Api first = api.as(in.text("token"));

      assertThat(first.get(SESSION).is(200).get("passwordChangeRequired").booleanValue()).isTrue();
      assertThat(first.get("/api/v1/sessions").is(403).text("type"))
          .endsWith("password-change-required");
      first.put(PASSWORD_PATH, json("{'current': 'public', 'new': '" + PASSWORD + "'}")).is(204);
      Api.Answer key =
          first
              .post(
                  "/api/v1/keys",
                  json(
                      "{'name': 'gateway', 'role': 'viewer', 'expiresAt': '2999-01-01T00:00:00Z'}"))
              .is(201);
      String forGood =
          first.post("/api/v1/keys", json("{'name': 'k', 'role': 'operator'}")).text("key");

      Api.Answer account = first.get(SESSION).is(200);
      assertThat(account.text("username")).isEqualTo("admin");
      assertThat(account.text("role")).isEqualTo("administrator");
      assertThat(account.get("passwordChangeRequired").booleanValue()).isFalse();
      assertThat(Instant.parse(account.text("expiresAt"))).isAfter(Instant.now());
      assertThat(account.content().has("token")).isFalse();
      Api.Answer program = api.as(key.text("key")).get(SESSION).is(200);
      assertThat(program.text("username")).isEqualTo("gateway");
      assertThat(program.text("role")).isEqualTo("viewer");
      assertThat(program.text("expiresAt")).isEqualTo("2999-01-01T00:00:00Z");
      assertThat(api.as(forGood).get(SESSION).is(200).get("expiresAt").isNull()).isTrue();
      api.get(SESSION).is(401);
      first.delete(SESSION).is(204);
      first.get(SESSION).is(401);
    }
  }

  @Test
  void who_is_unknown_is_told_so_before_what_is_not_there() {
    try (EmbeddedRelais relais = EmbeddedRelais.start();
        Api api = Api.ready(relais)) {
      api.as(null).get("/api/v1/nothing").is(401);
      api.get("/api/v1/nothing").is(404);
      assertThat(api.send("PATCH", "/api/v1/users/ann", "{}").is(405).headers().firstValue("Allow"))
          .contains("DELETE, PUT");
    }
  }

  @Test
  void accounts_and_tokens_outlast_a_restart_and_the_first_password_does_not(@TempDir Path data) {
    String token;
    String[] onDisk = {"store=disk", "data=" + data};
    try (EmbeddedRelais relais = EmbeddedRelais.start(onDisk);
        Api api = Api.ready(relais)) {
      token = String.valueOf(api.token());
    }

    try (EmbeddedRelais relais = EmbeddedRelais.start(onDisk);
        Api api = new Api(relais.api())) {
      api.as(token).get("/api/v1/nodes").is(200);
      api.post(SESSION, signIn("admin", "public")).is(401);
      api.post(SESSION, signIn("admin", PASSWORD)).is(200);
    }
  }

  @Test
  void a_password_that_was_given_is_the_first_one() {
    try (EmbeddedRelais relais = EmbeddedRelais.start("admin.password=given at start");
        Api api = new Api(relais.api())) {
      api.post(SESSION, signIn("admin", "public")).is(401);
      Api.Answer in = api.post(SESSION, signIn("admin", "given at start")).is(200);
      assertThat(in.get("passwordChangeRequired").booleanValue()).isFalse();
    }
  }

  @Test
  void where_others_can_reach_it_a_password_is_made_that_only_the_owner_can_read(@TempDir Path data)
      throws IOException {
    try (EmbeddedRelais relais =
            EmbeddedRelais.start("store=disk", "data=" + data, "admin.bind=0.0.0.0:0");
        Api api = new Api(relais.api())) {
      Path file = data.resolve("admin-password");

      api.post(SESSION, signIn("admin", "public")).is(401);
      assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
          .isEqualTo("rw-------");
      api.post(SESSION, signIn("admin", Files.readString(file).strip())).is(200);
    }
  }
}
