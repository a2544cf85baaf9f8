package io.relais.admin;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpHandler;
import io.relais.api.Json;
import io.relais.api.Role;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// All requests below `/api/v1`: who asks, which operation, may they, the body, the answer. What
/// goes wrong becomes a problem in one place.
///
/// Owner: each request has a virtual thread. Limits: bodies of [#BODY_BYTES_MAX].
final class Front implements HttpHandler {
  static final int BODY_BYTES_MAX = 1 << 20;

  private static final Logger LOG = LoggerFactory.getLogger(Front.class);
  private static final int DRAINED_BYTES_MAX = 32 << 20;
  private static final long DRAIN_SECONDS_MAX = 5;
  private static final int QUERY_CHARS_MAX = 8_192;

  private final List<Operation> operations;
  private final Tokens tokens;
  private final ScheduledExecutorService timer;

  Front(List<Operation> operations, Tokens tokens, ScheduledExecutorService timer) {
    this.operations = List.copyOf(operations);
    this.tokens = tokens;
    this.timer = timer;
  }

  @Override
  public void handle(HttpExchange exchange) throws IOException {
    try (exchange) {
      protect(exchange);
      try {
        answer(exchange);
      } catch (Failure e) {
        fail(exchange, e);
      } catch (IOException e) {
        LOG.debug("A client of the API went away: {}", e.toString());
      } catch (RejectedExecutionException | InterruptedException e) {
        LOG.debug("The node ends before a request is answered: {}", e.toString());
      } catch (Exception e) {
        LOG.error("{} {} failed", exchange.getRequestMethod(), exchange.getRequestURI(), e);
        fail(exchange, Failure.internal());
      }
    }
  }

  private void answer(HttpExchange exchange) throws Exception {
    List<String> segments = segments(exchange.getRequestURI().getRawPath());
    String method = exchange.getRequestMethod();
    Operation operation = null;
    Map<String, String> path = Map.of();
    var others = new TreeSet<String>();
    for (Operation one : operations) {
      Map<String, String> values = one.path().match(segments);
      if (values != null && one.method().equals(method)) {
        operation = one;
        path = values;
      } else if (values != null) {
        others.add(one.method());
      }
    }
    boolean open = operation != null && operation.role() == null;
    Caller caller = open ? null : authenticate(exchange);
    if (operation == null) {
      drain(exchange);
      throw others.isEmpty()
          ? Failure.notFound("There is no " + exchange.getRequestURI().getRawPath())
          : Failure.methodNotAllowed(String.join(", ", others));
    }
    Operation called = operation;
    authorize(called, caller);
    byte[] body = body(exchange);
    Call call =
        new Call(exchange, path, query(exchange), caller, body, () -> stillMay(called, exchange));
    call.knowsQueries(operation.queryNames());
    if (operation.body() == null && body.length > 0) {
      throw Failure.badRequest("This request takes no body");
    }
    Object result = operation.handler().handle(call);
    if (!(operation.result() instanceof Operation.Result.Other)) {
      send(exchange, operation.status(), result, "application/json");
    }
  }

  /// Parts of the path, decoded.
  private static List<String> segments(String rawPath) {
    List<String> segments = new ArrayList<>();
    for (String part : rawPath.substring(1).split("/", -1)) {
      segments.add(decode(part.replace("+", "%2B")));
    }
    return segments;
  }

  private static String decode(String text) {
    try {
      return URLDecoder.decode(text, StandardCharsets.UTF_8);
    } catch (IllegalArgumentException e) {
      throw Failure.badRequest("The address is not well encoded: " + e.getMessage());
    }
  }

  private static Map<String, String> query(HttpExchange exchange) {
    String raw = exchange.getRequestURI().getRawQuery();
    Map<String, String> query = new LinkedHashMap<>();
    if (raw == null || raw.isEmpty()) {
      return query;
    }
    if (raw.length() > QUERY_CHARS_MAX) {
      throw Failure.badRequest("The query has more than " + QUERY_CHARS_MAX + " characters");
    }
    for (String part : raw.split("&", -1)) {
      int equals = part.indexOf('=');
      String name = decode(equals < 0 ? part : part.substring(0, equals));
      String value = equals < 0 ? "" : decode(part.substring(equals + 1));
      if (query.put(name, value) != null) {
        throw Failure.invalid(name, "stands in the query twice");
      }
    }
    return query;
  }

  private Caller authenticate(HttpExchange exchange) throws IOException {
    String token = Tokens.shown(exchange);
    if (token == null) {
      drain(exchange);
      throw Failure.unauthorized(
          "Authorization: Bearer TOKEN is missing; POST /api/v1/session gives a token");
    }
    Caller caller = tokens.caller(token, Instant.now());
    if (caller == null) {
      drain(exchange);
      throw Failure.unauthorized("The token is none, or its time is over; sign in again");
    }
    return caller;
  }

  private static void authorize(Operation operation, @Nullable Caller caller) {
    Role needed = operation.role();
    if (caller == null || needed == null) {
      return;
    }
    if (caller.mustChange() && !isOfTheSession(operation.path().text())) {
      throw Failure.passwordChangeRequired();
    }
    caller.needs(needed, operation.scope());
  }

  /// Which is not that of `/api/v1/sessions`.
  private static boolean isOfTheSession(String path) {
    return path.equals("/api/v1/session") || path.startsWith("/api/v1/session/");
  }

  /// Whether a caller that was let in would be let in now; for answers that go on.
  private boolean stillMay(Operation operation, HttpExchange exchange) {
    if (operation.role() == null) {
      return true;
    }
    String token = Tokens.shown(exchange);
    Caller caller = token == null ? null : tokens.caller(token, Instant.now());
    if (caller == null) {
      return false;
    }
    try {
      authorize(operation, caller);
      return true;
    } catch (Failure _) { // its reason was for a request
      return false;
    }
  }

  static String label(Role role) {
    return Json.MAPPER.convertValue(role, String.class);
  }

  // ---- bodies

  private byte[] body(HttpExchange exchange) throws IOException {
    String announced = exchange.getRequestHeaders().getFirst("Content-Length");
    boolean tooLarge = announced != null && isAbove(announced);
    if (!tooLarge) {
      byte[] body = exchange.getRequestBody().readNBytes(BODY_BYTES_MAX + 1);
      if (body.length <= BODY_BYTES_MAX) {
        return body;
      }
    }
    drain(exchange);
    exchange.getResponseHeaders().set("Connection", "close");
    throw Failure.tooLarge(BODY_BYTES_MAX);
  }

  private static boolean isAbove(String announced) {
    try {
      return Long.parseLong(announced) > BODY_BYTES_MAX;
    } catch (NumberFormatException e) {
      throw Failure.badRequest("Content-Length is no number");
    }
  }

  /// Reads what still comes, so that the client can read the answer; not for long.
  private void drain(HttpExchange exchange) throws IOException {
    ScheduledFuture<?> end = timer.schedule(exchange::close, DRAIN_SECONDS_MAX, TimeUnit.SECONDS);
    try {
      InputStream rest = exchange.getRequestBody();
      byte[] thrownAway = new byte[64 * 1024];
      long drained = 0;
      int read = 0;
      while (drained < DRAINED_BYTES_MAX && read >= 0) {
        read = rest.read(thrownAway);
        drained += Math.max(0, read);
      }
    } finally {
      end.cancel(false);
    }
  }

  // ---- answers

  /// Of all answers, whoever writes them: what they say is for the moment, and is what it is
  /// called.
  static void protect(HttpExchange exchange) {
    exchange.getResponseHeaders().set("Cache-Control", "no-store");
    exchange.getResponseHeaders().set("X-Content-Type-Options", "nosniff");
  }

  static void fail(HttpExchange exchange, Failure failure) throws IOException {
    if (exchange.getResponseCode() >= 0) {
      return; // the answer has begun: its end is all that is left to say
    }
    failure.headers().forEach(exchange.getResponseHeaders()::set);
    try {
      send(exchange, failure.status(), failure.problem(), "application/problem+json");
    } catch (IOException e) {
      LOG.debug("A client of the API went away: {}", e.toString());
    }
  }

  static void send(HttpExchange exchange, int status, @Nullable Object content, String type)
      throws IOException {
    if (content == null) {
      exchange.sendResponseHeaders(status, -1);
      return;
    }
    byte[] bytes = content instanceof byte[] ready ? ready : Json.MAPPER.writeValueAsBytes(content);
    exchange.getResponseHeaders().set("Content-Type", type);
    if (exchange.getRequestMethod().equals("HEAD")) {
      exchange.sendResponseHeaders(status, -1);
      return;
    }
    exchange.sendResponseHeaders(status, bytes.length);
    try (OutputStream out = exchange.getResponseBody()) {
      out.write(bytes);
    }
  }
}
