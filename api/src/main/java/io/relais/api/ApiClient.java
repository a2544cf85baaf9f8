package io.relais.api;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.net.ConnectException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.BiConsumer;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;

/// Calls the API of a node.
///
/// Owner: any thread, once it has a token.
public final class ApiClient implements AutoCloseable {
  private static final Duration PATIENCE = Duration.ofSeconds(60);
  private static final Duration LONG_PATIENCE = Duration.ofMinutes(5);
  private static final String DATA = "data:";
  private static final String EVENT = "event:";

  private final URI base;
  private final HttpClient http;
  private @Nullable String token;

  /// @param base like `http://127.0.0.1:18083`
  public ApiClient(URI base) {
    this(base, null);
  }

  /// @param base like `https://node1.example.com:18083`
  /// @param trust whom to believe to be the node; null: what Java trusts
  public ApiClient(URI base, @Nullable SSLContext trust) {
    this.base = base;
    HttpClient.Builder builder =
        HttpClient.newBuilder()
            .connectTimeout(Duration.ofSeconds(10))
            .version(HttpClient.Version.HTTP_1_1);
    this.http = (trust == null ? builder : builder.sslContext(trust)).build();
  }

  /// @param said a session's token, or a key
  public ApiClient withToken(String said) {
    token = said;
    return this;
  }

  /// Signs in; calls have the session's token from now on.
  public Session signIn(String username, String password) throws IOException {
    Session session =
        call("POST", "/api/v1/session", new Credentials(username, password), Session.class);
    token = session.token();
    return session;
  }

  /// @param path with its query, encoded: see [#path]
  public <T> T call(String method, String path, @Nullable Object body, Class<T> result)
      throws IOException {
    JsonNode answer = call(method, path, body);
    if (answer == null) {
      throw new ApiFailure("The node gave no answer to " + method + " " + path, null);
    }
    return Json.MAPPER.treeToValue(answer, result);
  }

  /// @return null: the call gives nothing
  /// @throws ApiFailure if the node refuses
  /// @throws IOException with a sentence, if it cannot be reached
  public @Nullable JsonNode call(String method, String path, @Nullable Object body)
      throws IOException {
    HttpResponse<byte[]> response =
        send(request(method, path, body).timeout(PATIENCE).build(), BodyHandlers.ofByteArray());
    if (response.statusCode() >= 300) {
      throw failure(response.statusCode(), response.body());
    }
    return response.body().length == 0 ? null : Json.MAPPER.readTree(response.body());
  }

  /// Sends a file as it is.
  ///
  /// @throws ApiFailure if the node refuses, or gives no answer
  public JsonNode send(String method, String path, byte[] file) throws IOException {
    HttpResponse<byte[]> response =
        send(
            request(method, path, null)
                .method(method, BodyPublishers.ofByteArray(file))
                .timeout(LONG_PATIENCE)
                .build(),
            BodyHandlers.ofByteArray());
    if (response.statusCode() >= 300) {
      throw failure(response.statusCode(), response.body());
    }
    return Json.MAPPER.readTree(response.body());
  }

  private HttpRequest.Builder request(String method, String path, @Nullable Object body) {
    HttpRequest.Builder request = HttpRequest.newBuilder(base.resolve(path));
    if (token != null) {
      request.header("Authorization", "Bearer " + token);
    }
    if (body == null) {
      return request.method(method, BodyPublishers.noBody());
    }
    return request
        .header("Content-Type", "application/json")
        .method(method, BodyPublishers.ofByteArray(Json.MAPPER.writeValueAsBytes(body)));
  }

  private <T> HttpResponse<T> send(HttpRequest request, HttpResponse.BodyHandler<T> handler)
      throws IOException {
    try {
      return http.send(request, handler);
    } catch (ConnectException e) {
      throw new IOException("Nothing answers at " + base + "; is the node running?", e);
    } catch (SSLException e) {
      throw new IOException(
          "The node at %s could not be believed (TLS): %s".formatted(base, e.getMessage()), e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("Interrupted while waiting for " + base, e);
    }
  }

  private static ApiFailure failure(int status, byte[] body) {
    try {
      return ApiFailure.of(Json.MAPPER.readValue(body, Problem.class));
    } catch (JacksonException e) {
      return new ApiFailure("The node answered with status " + status, null);
    }
  }

  /// Writes what a call gives into a file, which is there only if all of it came.
  public void download(String path, Path file) throws IOException {
    Path target = file.toAbsolutePath();
    Path unfinished = target.resolveSibling(target.getFileName() + ".part");
    HttpResponse<InputStream> response =
        send(request("GET", path, null).build(), BodyHandlers.ofInputStream());
    try (InputStream body = response.body()) {
      if (response.statusCode() >= 300) {
        throw failure(response.statusCode(), body.readAllBytes());
      }
      Files.copy(body, unfinished, StandardCopyOption.REPLACE_EXISTING);
      Files.move(unfinished, target, StandardCopyOption.REPLACE_EXISTING);
    } finally {
      Files.deleteIfExists(unfinished);
    }
  }

  /// Reads server-sent events until the node ends them, or the thread is interrupted.
  ///
  /// @param event gets the kind and the JSON of each
  public void listen(String path, BiConsumer<String, String> event) throws IOException {
    HttpResponse<InputStream> response =
        send(request("GET", path, null).build(), BodyHandlers.ofInputStream());
    try (InputStream body = response.body()) {
      if (response.statusCode() >= 300) {
        throw failure(response.statusCode(), body.readAllBytes());
      }
      var lines = new BufferedReader(new InputStreamReader(body, StandardCharsets.UTF_8));
      String kind = "message";
      for (String line; (line = lines.readLine()) != null; ) {
        if (line.startsWith(EVENT)) {
          kind = line.substring(EVENT.length()).strip();
        } else if (line.startsWith(DATA)) {
          event.accept(kind, line.substring(DATA.length()).strip());
          kind = "message";
        }
      }
    }
  }

  /// A path with values in it, encoded, and a query of those that are there.
  ///
  /// @param template like `/api/v1/clients/{}`
  public static String path(
      String template, Map<String, ? extends @Nullable Object> query, String... values) {
    String path = template;
    for (String value : values) {
      path = path.replaceFirst("\\{}", java.util.regex.Matcher.quoteReplacement(encode(value)));
    }
    var all = new StringBuilder(path);
    new LinkedHashMap<>(query)
        .forEach(
            (name, value) -> {
              if (value != null) {
                all.append(all.indexOf("?") < 0 ? '?' : '&')
                    .append(encode(name))
                    .append('=')
                    .append(encode(value.toString()));
              }
            });
    return all.toString();
  }

  private static String encode(String text) {
    return URLEncoder.encode(text, StandardCharsets.UTF_8).replace("+", "%20");
  }

  @Override
  public void close() {
    http.shutdownNow();
  }
}
