package io.relais.systemtests.api;

import static org.assertj.core.api.Assertions.assertThat;

import io.relais.api.Json;
import io.relais.systemtests.EmbeddedRelais;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpHeaders;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/// Asks the API, and keeps what it answered as it came.
public final class Api implements AutoCloseable {
  public static final String PASSWORD = "a password of tests";

  /// @param json null: no body, or none of JSON
  public record Answer(int status, HttpHeaders headers, String body, @Nullable JsonNode json) {
    public JsonNode content() {
      return Objects.requireNonNull(json, () -> "no JSON: " + body);
    }

    public JsonNode get(String field) {
      return Objects.requireNonNull(content().get(field), () -> field + " is not in " + body);
    }

    public String text(String field) {
      return get(field).stringValue();
    }

    public Answer is(int wanted) {
      assertThat(status).as("status of: %s", body).isEqualTo(wanted);
      return this;
    }

    /// A problem whose only error stands at this field.
    void isWrongAt(String field) {
      is(400);
      assertThat(get("errors").get(0).get("field").stringValue()).isEqualTo(field);
    }
  }

  private final HttpClient http =
      HttpClient.newBuilder()
          .version(HttpClient.Version.HTTP_1_1)
          .connectTimeout(Duration.ofSeconds(10))
          .build();
  private final URI base;
  private @Nullable String token;

  Api(InetSocketAddress at) {
    this.base = URI.create("http://127.0.0.1:" + at.getPort());
  }

  /// Signed in as the first administrator, whose password was changed.
  public static Api ready(EmbeddedRelais relais) {
    Api api = new Api(relais.api());
    api.token = api.post("/api/v1/session", signIn("admin", "public")).is(200).text("token");
    api.put("/api/v1/session/password", json("{'current': 'public', 'new': '" + PASSWORD + "'}"))
        .is(204);
    return api;
  }

  static String signIn(String username, String password) {
    return json("{'username': '%s', 'password': '%s'}".formatted(username, password));
  }

  /// With the usual quotation marks.
  public static String json(String text) {
    return text.replace('\'', '"');
  }

  public Api as(@Nullable String otherToken) {
    var other = new Api(new InetSocketAddress(base.getHost(), base.getPort()));
    other.token = otherToken;
    return other;
  }

  public @Nullable String token() {
    return token;
  }

  public Answer get(String path) {
    return send("GET", path, null);
  }

  public Answer post(String path, String body) {
    return send("POST", path, body);
  }

  public Answer put(String path, String body) {
    return send("PUT", path, body);
  }

  public Answer delete(String path) {
    return send("DELETE", path, null);
  }

  Answer send(String method, String path, @Nullable String body, String... headers) {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(base.resolve(path))
            .timeout(Duration.ofSeconds(30))
            .method(method, body == null ? BodyPublishers.noBody() : BodyPublishers.ofString(body));
    if (token != null) {
      request.header("Authorization", "Bearer " + token);
    }
    if (headers.length > 0) {
      request.headers(headers);
    }
    try {
      HttpResponse<String> response = http.send(request.build(), BodyHandlers.ofString());
      String type = response.headers().firstValue("Content-Type").orElse("");
      return new Answer(
          response.statusCode(),
          response.headers(),
          response.body(),
          type.endsWith("/json") || type.endsWith("+json")
              ? Json.MAPPER.readTree(response.body())
              : null);
    } catch (IOException e) {
      throw new AssertionError(method + " " + path + " was not answered", e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AssertionError(e);
    }
  }

  @Override
  public void close() {
    http.shutdownNow();
  }
}
