package io.relais.systemtests.api;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.relais.systemtests.EmbeddedRelais;
import java.io.IOException;
import java.io.OutputStream;
import java.net.Socket;
import java.net.SocketException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Requests that are wrong, large, slow or many.
class HostileApiTest {
  private final EmbeddedRelais relais = EmbeddedRelais.start();
  private final Api api = Api.ready(relais);

  @AfterEach
  void close() {
    api.close();
    relais.close();
  }

  private Socket open() throws IOException {
    var socket = new Socket(relais.api().getAddress(), relais.api().getPort());
    socket.setSoTimeout(30_000);
    return socket;
  }

  private String head(String method, String path, String more) {
    return "%s %s HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer %s\r\n%s\r\n"
        .formatted(method, path, api.token(), more);
  }

  @Test
  void a_body_above_the_limit_is_refused_and_the_client_can_read_why() throws IOException {
    for (int mebibytes : new int[] {2, 8}) {
      try (Socket socket = open()) {
        byte[] body = new byte[mebibytes << 20];
        OutputStream out = socket.getOutputStream();
        out.write(
            head("POST", "/api/v1/publish", "Content-Length: " + body.length + "\r\n")
                .getBytes(UTF_8));
        out.write(body);
        out.flush();

        assertThat(new String(socket.getInputStream().readAllBytes(), UTF_8))
            .startsWith("HTTP/1.1 413")
            .contains("1048576");
      }
    }
    api.get("/api/v1/nodes").is(200);
  }

  @Test
  void a_body_that_is_only_announced_costs_no_memory_and_ends() throws IOException {
    try (Socket socket = open()) {
      socket
          .getOutputStream()
          .write(head("POST", "/api/v1/publish", "Content-Length: 2000000000\r\n").getBytes(UTF_8));

      String answer = read(socket);

      assertThat(answer).matches(said -> said.isEmpty() || said.startsWith("HTTP/1.1 413"));
    }
    api.get("/api/v1/nodes").is(200);
  }

  private static String read(Socket socket) throws IOException {
    try {
      return new String(socket.getInputStream().readAllBytes(), UTF_8);
    } catch (SocketException e) {
      return ""; // it was reset
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "null",
        "[]",
        "\"text\"",
        "{",
        "{\"topic\": \"a\"} {}",
        "{\"topic\": \"a\", \"topic\": \"b\"",
        "{\"topic\": }",
        "{'topic': 'a'}",
        "\u0000",
      })
  void what_is_no_json_object_is_a_bad_request(String body) {
    Api.Answer answer = api.post("/api/v1/publish", body).is(400);

    assertThat(answer.headers().firstValue("Content-Type")).contains("application/problem+json");
    assertThat(answer.text("detail")).isNotBlank().doesNotContain("io.relais");
  }

  @Test
  void a_json_bomb_is_a_bad_request() {
    String deep = "[".repeat(100_000) + "]".repeat(100_000);

    api.post("/api/v1/publish", "{\"topic\": \"a\", \"payload\": " + deep + "}").is(400);
    api.put("/api/v1/authorization/rules", deep).is(400);
    api.post("/api/v1/publish", "{\"topic\": \"a\", \"qos\": 1" + "0".repeat(100_000) + "}")
        .is(400);
    api.get("/api/v1/nodes").is(200);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "/api/v1/clients/%zz",
        "/api/v1/clients?filter=%zz",
        "/api/v1/clients?limit=1&limit=2",
        "/api/v1/clients?limit=x",
      })
  void addresses_that_are_wrong_are_bad_requests(String path) throws IOException {
    try (Socket socket = open()) {
      socket.getOutputStream().write(head("GET", path, "Connection: close\r\n").getBytes(UTF_8));

      assertThat(read(socket)).startsWith("HTTP/1.1 400");
    }
  }

  @Test
  void a_thousand_idle_connections_harm_nobody() throws IOException {
    List<Socket> idle = new ArrayList<>();
    try {
      for (int i = 0; i < 1_000; i++) {
        Socket socket = open();
        idle.add(socket);
        if (i % 2 == 0) {
          socket.getOutputStream().write("GET /api/v1/nodes HTTP/1.1\r\nHost: ".getBytes(UTF_8));
        }
      }

      api.get("/api/v1/nodes").is(200);
    } finally {
      for (Socket socket : idle) {
        socket.close();
      }
    }
  }

  @Test
  void metrics_and_health_need_no_token_here_and_metrics_do_behind_a_proxy() {
    Api nobody = api.as(null);

    assertThat(nobody.get("/metrics").is(200).body()).contains("relais_publish_received_total");
    assertThat(nobody.get("/metrics").body().lines().filter(line -> !line.startsWith("#")))
        .allMatch(line -> line.startsWith("relais_"));
    nobody.send("GET", "/metrics", null, "X-Forwarded-For", "10.0.0.1").is(401);
    api.send("GET", "/metrics", null, "X-Forwarded-For", "10.0.0.1").is(200);
    nobody.get("/health/live").is(200);
    nobody.get("/health/ready").is(200);
    nobody.get("/").is(200);
    nobody.get("/nothing").is(404);
    nobody.post("/health/live", "{}").is(405);
  }
}
