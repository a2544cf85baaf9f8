package io.relais.admin;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.sun.net.httpserver.Headers;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpHandler;
import com.sun.net.httpserver.HttpsExchange;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The dashboard: files that the build put into the class path, beside them what they are
/// compressed, and for each address that the dashboard itself tells apart its one page.
///
/// What a browser may do with them is as little as they need: files of this origin, the API, and
/// WebSocket to this host, whose MQTT listeners have ports of their own.
///
/// Owner: each request has a virtual thread; what was read is only added to. Limits: files come
/// into memory when they are first asked for, since reading and hashing all of them would take a
/// fifth of a second from each start; together they are a megabyte and a half. A request finds one
/// by its whole name.
final class Dashboard implements HttpHandler {
  private static final Logger LOG = LoggerFactory.getLogger(Dashboard.class);

  /// In the class path; `files.txt` there has the names of all the others.
  private static final String FOLDER = "io/relais/dashboard/web/";

  private static final String LIST = "files.txt";
  private static final String PAGE = "index.html";
  private static final String ZIPPED = ".gz";
  private static final int TAG_BYTES = 16;

  /// What is not the dashboard's, whether or not there is something.
  private static final List<String> OTHERS = List.of("/api", "/metrics", "/health", "/assets");

  private static final Map<String, String> TYPES =
      Map.ofEntries(
          Map.entry("html", "text/html; charset=utf-8"),
          Map.entry("js", "text/javascript; charset=utf-8"),
          Map.entry("css", "text/css; charset=utf-8"),
          Map.entry("json", "application/json"),
          Map.entry("webmanifest", "application/manifest+json"),
          Map.entry("txt", "text/plain; charset=utf-8"),
          Map.entry("svg", "image/svg+xml"),
          Map.entry("png", "image/png"),
          Map.entry("ico", "image/x-icon"),
          Map.entry("woff2", "font/woff2"),
          Map.entry("woff", "font/woff"));

  /// A name, an IPv4 address, or an IPv6 address in brackets, and a port perhaps. It becomes a part
  /// of a header, so nothing else does.
  private static final Pattern HOST =
      Pattern.compile(
          "([A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?(\\.[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?){0,126}"
              + "|\\[[0-9A-Fa-f:.]{2,45}])(:[0-9]{1,5})?");

  private static final int HOST_CHARS_MAX = 260;
  private static final Map<String, String> HEADERS =
      Map.of(
          "Referrer-Policy", "no-referrer",
          "X-Frame-Options", "DENY",
          "Cross-Origin-Opener-Policy", "same-origin",
          "Permissions-Policy",
              "accelerometer=(), autoplay=(), camera=(), display-capture=(), geolocation=(),"
                  + " gyroscope=(), magnetometer=(), microphone=(), midi=(), payment=(),"
                  + " publickey-credentials-get=(), usb=(), xr-spatial-tracking=()");

  /// The quality of a coding that is not taken.
  private static final Pattern NEVER = Pattern.compile("\\s*q\\s*=\\s*0(\\.0*)?\\s*");

  private static final byte[] WITHOUT =
      """
      Relais

      This program was built without its dashboard (-Dweb.skip).

      /api/v1/openapi.json  what the API can do
      /api/v1/session       POST {"username", "password"} gives a token
      /metrics              for Prometheus
      /health/live          /health/ready
      """
          .getBytes(UTF_8);

  /// A file as it is sent.
  ///
  /// @param tag of these bytes, for `ETag`
  private record Form(byte[] bytes, String tag) {}

  /// @param zipped the name of what it is compressed; null: it would not be smaller
  private record WebFile(String name, String type, String cache, @Nullable String zipped) {}

  private final ClassLoader classes;
  private final Map<String, WebFile> files = new HashMap<>();
  private final Map<String, Form> read = new ConcurrentHashMap<>();

  /// @param classes where the files are, or none if the program was built without them
  Dashboard(ClassLoader classes) throws IOException {
    this.classes = classes;
    Set<String> names = new LinkedHashSet<>();
    byte[] list = read(classes, LIST);
    if (list != null) {
      new String(list, UTF_8).lines().forEach(names::add);
    }
    for (String name : names) {
      if (classes.getResource(FOLDER + name) == null) {
        throw new IOException(
            "The dashboard was not built wholly: %s names %s, which is not there"
                .formatted(LIST, name));
      }
      if (!name.endsWith(ZIPPED)) {
        String zipped = name + ZIPPED;
        files.put(
            "/" + name,
            new WebFile(
                name,
                TYPES.getOrDefault(
                    name.substring(name.lastIndexOf('.') + 1), "application/octet-stream"),
                // The build puts a hash of what is in them into the names of assets.
                name.startsWith("assets/") ? "public, max-age=31536000, immutable" : "no-cache",
                names.contains(zipped) ? zipped : null));
      }
    }
    if (!files.isEmpty() && !files.containsKey("/" + PAGE)) {
      throw new IOException("The dashboard was not built wholly: it has no " + PAGE);
    }
  }

  private Form form(String name) throws IOException {
    Form there = read.get(name);
    if (there != null) {
      return there;
    }
    byte[] bytes = read(classes, name);
    if (bytes == null) {
      throw new IllegalStateException(name + " was in the class path at the start");
    }
    try {
      byte[] hash = MessageDigest.getInstance("SHA-256").digest(bytes);
      var form = new Form(bytes, '"' + HexFormat.of().formatHex(hash, 0, TAG_BYTES) + '"');
      read.put(name, form);
      return form;
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("each JDK has SHA-256", e);
    }
  }

  private static byte @Nullable [] read(ClassLoader classes, String name) throws IOException {
    try (InputStream in = classes.getResourceAsStream(FOLDER + name)) {
      return in == null ? null : in.readAllBytes();
    }
  }

  @Override
  public void handle(HttpExchange exchange) {
    try (exchange) {
      protect(exchange);
      try {
        answer(exchange);
      } catch (Failure e) {
        Front.fail(exchange, e);
      }
    } catch (IOException e) {
      LOG.debug("A client of the dashboard went away: {}", e.toString());
    }
  }

  private static void protect(HttpExchange exchange) {
    Front.protect(exchange);
    Headers headers = exchange.getResponseHeaders();
    HEADERS.forEach(headers::set);
    String host = host(exchange);
    headers.set("Content-Security-Policy", policy(host));
    // Browsers remember this for all ports of a host; for localhost that would be other programs'.
    if (exchange instanceof HttpsExchange && host != null && !host.equalsIgnoreCase("localhost")) {
      headers.set("Strict-Transport-Security", "max-age=31536000");
    }
  }

  private static String policy(@Nullable String host) {
    String sockets = host == null ? "" : " ws://%1$s:* wss://%1$s:*".formatted(host);
    return "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:;"
        + " font-src 'self'; connect-src 'self'"
        + sockets
        + "; manifest-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none';"
        + " require-trusted-types-for 'script'";
  }

  /// As the browser calls this host, without the port; null if it is no name of a host.
  private static @Nullable String host(HttpExchange exchange) {
    String host = exchange.getRequestHeaders().getFirst("Host");
    if (host == null || host.length() > HOST_CHARS_MAX) {
      return null;
    }
    Matcher parts = HOST.matcher(host);
    return parts.matches() ? parts.group(1) : null;
  }

  private void answer(HttpExchange exchange) throws IOException {
    String method = exchange.getRequestMethod();
    if (!method.equals("GET") && !method.equals("HEAD")) {
      throw Failure.methodNotAllowed("GET");
    }
    String path = exchange.getRequestURI().getPath();
    if (path.equals("/") && files.isEmpty()) {
      Front.send(exchange, 200, WITHOUT, "text/plain; charset=utf-8");
      return;
    }
    WebFile file = files.get(path.equals("/") ? "/" + PAGE : path);
    if (file == null && isPage(exchange, path)) {
      file = files.get("/" + PAGE);
    }
    if (file == null) {
      throw Failure.notFound("There is no " + exchange.getRequestURI().getRawPath());
    }
    send(exchange, file);
  }

  /// Whether a browser wants to show what is at this address, and the dashboard knows what that is.
  /// A program that goes astray gets a 404, and so do scripts, styles and images.
  private static boolean isPage(HttpExchange exchange, String path) {
    return exchange.getRequestHeaders().getOrDefault("Accept", List.of()).stream()
            .anyMatch(accepted -> accepted.toLowerCase(Locale.ROOT).contains("text/html"))
        && OTHERS.stream().noneMatch(one -> path.equals(one) || path.startsWith(one + "/"))
        && !climbs(exchange.getRequestURI().getRawPath());
  }

  /// There is nothing to climb to; no browser sends this, so who does gets no page for it. What is
  /// encoded between slashes, as ids of clients are, may have any characters.
  private static boolean climbs(String rawPath) {
    for (String part : rawPath.split("/", -1)) {
      String plain = part.replace("%2e", ".").replace("%2E", ".");
      if (plain.equals(".") || plain.equals("..")) {
        return true;
      }
    }
    return false;
  }

  private void send(HttpExchange exchange, WebFile file) throws IOException {
    Headers asked = exchange.getRequestHeaders();
    Headers headers = exchange.getResponseHeaders();
    String zipped =
        takesGzip(asked.getOrDefault("Accept-Encoding", List.of())) ? file.zipped() : null;
    Form form = form(zipped == null ? file.name() : zipped);
    headers.set("ETag", form.tag());
    headers.set("Cache-Control", file.cache());
    if (file.zipped() != null) {
      headers.set("Vary", "Accept-Encoding");
    }
    if (has(asked.getOrDefault("If-None-Match", List.of()), form.tag())) {
      exchange.sendResponseHeaders(304, -1);
      return;
    }
    headers.set("Content-Type", file.type());
    if (zipped != null) {
      headers.set("Content-Encoding", "gzip");
    }
    if (exchange.getRequestMethod().equals("HEAD")) {
      headers.set("Content-Length", Integer.toString(form.bytes().length));
      exchange.sendResponseHeaders(200, -1);
      return;
    }
    exchange.sendResponseHeaders(200, form.bytes().length);
    try (OutputStream out = exchange.getResponseBody()) {
      out.write(form.bytes());
    }
  }

  private static boolean has(List<String> lines, String tag) {
    for (String line : lines) {
      for (String one : line.split(",", -1)) {
        String plain = one.strip();
        if (plain.equals("*") || plain.equals(tag) || plain.equals("W/" + tag)) {
          return true;
        }
      }
    }
    return false;
  }

  /// `gzip` itself decides, and `*` where it is not named.
  private static boolean takesGzip(List<String> lines) {
    boolean any = false;
    for (String line : lines) {
      for (String one : line.toLowerCase(Locale.ROOT).split(",", -1)) {
        String[] parts = one.split(";", 2);
        String coding = parts[0].strip();
        boolean wanted = parts.length < 2 || !NEVER.matcher(parts[1]).matches();
        if (coding.equals("gzip")) {
          return wanted;
        }
        any |= coding.equals("*") && wanted;
      }
    }
    return any;
  }
}
