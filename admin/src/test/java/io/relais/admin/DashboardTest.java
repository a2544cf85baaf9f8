package io.relais.admin;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpServer;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.zip.GZIPInputStream;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// How files of a small dashboard are served. Requests are bytes, since a client library would mend
/// those that are wrong.
class DashboardTest {
  private static final String PAGE = "<!doctype html><title>Relais</title>" + " ".repeat(500);
  private static final String SCRIPT = "const text = 'é';\n".repeat(100);
  private static final String BROWSER = "Accept: text/html,application/xhtml+xml,*/*;q=0.8";

  @TempDir private Path folder;
  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
  private final List<HttpServer> servers = new ArrayList<>();
  private final List<URLClassLoader> loaders = new ArrayList<>();

  @BeforeEach
  void build() throws IOException {
    file("index.html", PAGE.getBytes(UTF_8));
    file("index.html.gz", zipped(PAGE));
    file("assets/index-D5dB.js", SCRIPT.getBytes(UTF_8));
    file("assets/index-D5dB.js.gz", zipped(SCRIPT));
    file("assets/inter-4f.woff2", new byte[] {1, 2, 3});
    file("icon.svg", "<svg/>".getBytes(UTF_8));
    file(
        "files.txt",
        """
        assets/index-D5dB.js
        assets/index-D5dB.js.gz
        assets/inter-4f.woff2
        icon.svg
        index.html
        index.html.gz
        """
            .getBytes(UTF_8));
  }

  @AfterEach
  void close() throws IOException {
    servers.forEach(server -> server.stop(0));
    threads.shutdownNow();
    for (URLClassLoader loader : loaders) {
      loader.close();
    }
  }

  private void file(String name, byte[] bytes) throws IOException {
    Path file = folder.resolve("io/relais/dashboard/web").resolve(name);
    Files.createDirectories(file.getParent());
    Files.write(file, bytes);
  }

  private static byte[] zipped(String text) throws IOException {
    var bytes = new ByteArrayOutputStream();
    try (var zip = new GZIPOutputStream(bytes)) {
      zip.write(text.getBytes(UTF_8));
    }
    return bytes.toByteArray();
  }

  /// @param headers in lower case
  private record Answer(int status, Map<String, String> headers, byte[] body) {
    String text() {
      return new String(body, UTF_8);
    }

    String policy() {
      return headers.getOrDefault("content-security-policy", "");
    }
  }

  private InetSocketAddress serve(Path classes) throws IOException {
    var loader = new URLClassLoader(new URL[] {classes.toUri().toURL()}, null);
    loaders.add(loader);
    HttpServer server =
        HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    servers.add(server);
    server.createContext("/", new Dashboard(loader));
    server.setExecutor(threads);
    server.start();
    return server.getAddress();
  }

  private Answer get(String path, String... headers) throws IOException {
    return send("GET", path, "relais.test:18083", headers);
  }

  private Answer send(String method, String path, String host, String... headers)
      throws IOException {
    return send(serve(folder), method, path, host, headers);
  }

  private static Answer send(
      InetSocketAddress to, String method, String path, String host, String... headers)
      throws IOException {
    var request = new StringBuilder();
    request.append("%s %s HTTP/1.1\r\nConnection: close\r\n".formatted(method, path));
    request.append("Host: ").append(host).append("\r\n");
    for (String header : headers) {
      request.append(header).append("\r\n");
    }
    try (var socket = new Socket(to.getAddress(), to.getPort())) {
      socket.setSoTimeout(20_000);
      socket.getOutputStream().write(request.append("\r\n").toString().getBytes(UTF_8));
      byte[] answer = socket.getInputStream().readAllBytes();
      String text = new String(answer, ISO_8859_1);
      int end = text.indexOf("\r\n\r\n");
      List<String> head = text.substring(0, end).lines().toList();
      Map<String, String> named = new TreeMap<>();
      for (String line : head.subList(1, head.size())) {
        int colon = line.indexOf(':');
        named.put(
            line.substring(0, colon).toLowerCase(Locale.ROOT), line.substring(colon + 1).strip());
      }
      return new Answer(
          Integer.parseInt(head.getFirst().split(" ", -1)[1]),
          named,
          text.substring(end + 4).getBytes(ISO_8859_1));
    }
  }

  @Test
  void the_page_is_there_for_whoever_asks_and_is_looked_after_again_each_time() throws IOException {
    Answer answer = get("/", "Accept: */*");

    assertThat(answer.status()).isEqualTo(200);
    assertThat(answer.text()).isEqualTo(PAGE);
    assertThat(answer.headers())
        .containsEntry("content-type", "text/html; charset=utf-8")
        .containsEntry("cache-control", "no-cache")
        .containsEntry("vary", "Accept-Encoding")
        .containsKey("etag")
        .doesNotContainKey("content-encoding");
    assertThat(get("/index.html").text()).isEqualTo(PAGE);
  }

  @Test
  void files_whose_names_have_a_hash_are_kept_for_good() throws IOException {
    Answer script = get("/assets/index-D5dB.js");
    Answer font = get("/assets/inter-4f.woff2", "Accept-Encoding: gzip");

    assertThat(script.text()).isEqualTo(SCRIPT);
    assertThat(script.headers())
        .containsEntry("content-type", "text/javascript; charset=utf-8")
        .containsEntry("cache-control", "public, max-age=31536000, immutable");
    assertThat(font.body()).containsExactly(1, 2, 3);
    assertThat(font.headers())
        .containsEntry("content-type", "font/woff2")
        .doesNotContainKeys("content-encoding", "vary");
    assertThat(get("/icon.svg").headers())
        .containsEntry("content-type", "image/svg+xml")
        .containsEntry("cache-control", "no-cache");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "gzip | true",
        "gzip, deflate, br, zstd | true",
        "br;q=1.0, GZIP;q=0.5 | true",
        "* | true",
        "gzip;q=0 | false",
        "*;q=1, gzip; q=0.00 | false",
        "br | false",
        "identity | false",
      })
  void compressed_goes_to_those_who_take_it(String accepted, boolean taken) throws IOException {
    Answer answer = get("/assets/index-D5dB.js", "Accept-Encoding: " + accepted);

    assertThat(answer.headers().get("content-encoding")).isEqualTo(taken ? "gzip" : null);
    byte[] plain =
        taken
            ? new GZIPInputStream(new ByteArrayInputStream(answer.body())).readAllBytes()
            : answer.body();
    assertThat(plain).isEqualTo(SCRIPT.getBytes(UTF_8));
  }

  @Test
  void what_a_browser_has_is_not_sent_again() throws IOException {
    String plain = get("/").headers().get("etag");
    String zipped = get("/", "Accept-Encoding: gzip").headers().get("etag");

    Answer same = get("/", "If-None-Match: \"x\", W/" + plain);
    Answer other = get("/", "If-None-Match: " + zipped);

    assertThat(zipped).isNotEqualTo(plain);
    assertThat(same.status()).isEqualTo(304);
    assertThat(same.body()).isEmpty();
    assertThat(same.headers()).containsEntry("etag", plain).containsKey("content-security-policy");
    assertThat(other.status()).isEqualTo(200);
    assertThat(get("/", "Accept-Encoding: gzip", "If-None-Match: " + zipped).status())
        .isEqualTo(304);
    assertThat(get("/", "If-None-Match: *").status()).isEqualTo(304);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "/clients",
        "/clients/plant%2Fline%201",
        "/clients/..%2F..%2Fetc%2Fpasswd",
        "/clients/%3Cscript%3E",
        "/topics?filter=a/b",
        "/apiary",
      })
  void other_addresses_are_the_page_where_a_browser_asks(String path) throws IOException {
    Answer page = get(path, BROWSER);
    Answer image = get(path, "Accept: image/avif,*/*;q=0.8");

    assertThat(page.status()).isEqualTo(200);
    assertThat(page.text()).isEqualTo(PAGE);
    assertThat(page.headers()).containsEntry("cache-control", "no-cache");
    assertThat(image.status()).isEqualTo(404);
    assertThat(image.headers())
        .containsEntry("content-type", "application/problem+json")
        .containsEntry("cache-control", "no-store")
        .containsKey("content-security-policy");
    assertThat(get(path).status()).isEqualTo(404);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "/assets",
        "/assets/",
        "/assets/other.js",
        "/assets/index-D5dB.js.gz",
        "/assets/../index.html",
        "/api",
        "/api/v2/clients",
        "/%61pi/v2",
        "/api%2Fv1",
        "/metrics/more",
        "/health",
        "/../files.txt",
        "/%2e%2e/%2E%2e/etc/passwd",
        "/./",
      })
  void what_is_not_the_dashboards_is_not_found(String path) throws IOException {
    Answer answer = get(path, BROWSER);

    assertThat(answer.status()).isEqualTo(404);
    assertThat(answer.headers()).containsEntry("content-type", "application/problem+json");
  }

  @Test
  void head_gives_the_same_without_the_file_and_other_methods_are_refused() throws IOException {
    Answer head = send("HEAD", "/assets/index-D5dB.js", "localhost");
    Answer post = send("POST", "/", "localhost", "Content-Length: 0");

    assertThat(head.status()).isEqualTo(200);
    assertThat(head.body()).isEmpty();
    assertThat(head.headers())
        .containsEntry("content-length", Integer.toString(SCRIPT.getBytes(UTF_8).length))
        .containsEntry("cache-control", "public, max-age=31536000, immutable")
        .containsKey("etag");
    assertThat(post.status()).isEqualTo(405);
    assertThat(post.headers()).containsEntry("allow", "GET").containsKey("x-frame-options");
  }

  @Test
  void the_browser_is_told_to_allow_next_to_nothing() throws IOException {
    Answer answer = get("/");

    assertThat(answer.policy())
        .isEqualTo(
            "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src"
                + " 'self'; connect-src 'self' ws://relais.test:* wss://relais.test:*; manifest-src"
                + " 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none';"
                + " require-trusted-types-for 'script'");
    assertThat(answer.headers())
        .containsEntry("x-content-type-options", "nosniff")
        .containsEntry("referrer-policy", "no-referrer")
        .containsEntry("x-frame-options", "DENY")
        .containsEntry("cross-origin-opener-policy", "same-origin")
        .doesNotContainKey("strict-transport-security");
    assertThat(answer.headers().get("permissions-policy")).contains("camera=()", "usb=()");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"localhost", "127.0.0.1:18083", "broker-1.plant.example:80", "[::1]:18083", "a"})
  void sockets_are_allowed_to_the_host_as_the_browser_calls_it(String host) throws IOException {
    String name = host.replaceAll(":\\d+$", "");

    Answer answer = send("GET", "/", host);

    assertThat(answer.policy())
        .contains("connect-src 'self' ws://%1$s:* wss://%1$s:*;".formatted(name));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "*",
        "evil.example; script-src *",
        "evil.example script-src",
        "a,b",
        "-a.example",
        "a..example",
        "user@a.example",
        "a.example:80:80",
        "a.example:*",
        "[::1",
        "[::1]; script-src *",
        "%2a",
        "'none'",
        "é",
      })
  void a_host_that_is_no_name_gets_into_no_header(String host) throws IOException {
    Answer answer = send("GET", "/", host);

    assertThat(answer.status()).isEqualTo(200);
    assertThat(answer.policy()).contains("connect-src 'self'; manifest-src");
  }

  @Test
  void a_program_without_a_dashboard_says_so() throws IOException {
    InetSocketAddress to = serve(Files.createDirectories(folder.resolve("nothing")));

    Answer root = send(to, "GET", "/", "localhost", BROWSER);
    Answer other = send(to, "GET", "/clients", "localhost", BROWSER);

    assertThat(root.status()).isEqualTo(200);
    assertThat(root.text()).contains("built without its dashboard", "/api/v1/openapi.json");
    assertThat(root.headers()).containsEntry("content-type", "text/plain; charset=utf-8");
    assertThat(other.status()).isEqualTo(404);
  }

  @Test
  void half_a_dashboard_is_refused_with_what_is_missing() throws IOException {
    file("files.txt", "index.html\nassets/gone.js\n".getBytes(UTF_8));

    assertThatThrownBy(() -> serve(folder))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("assets/gone.js");
  }
}
