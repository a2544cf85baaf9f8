package io.relais.admin;

import com.sun.net.httpserver.HttpExchange;
import io.relais.api.Json;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.function.BooleanSupplier;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.DatabindException;

/// A request to an operation, checked as far as the operation says.
///
/// Owner: the virtual thread of the request.
final class Call {
  static final int LIMIT = 100;
  static final int LIMIT_MAX = 1_000;

  private final HttpExchange exchange;
  private final Map<String, String> path;
  private final Map<String, String> query;
  private final @Nullable Caller caller;
  private final byte[] body;
  private final BooleanSupplier holds;

  /// @param holds whether the caller might still make it
  Call(
      HttpExchange exchange,
      Map<String, String> path,
      Map<String, String> query,
      @Nullable Caller caller,
      byte[] body,
      BooleanSupplier holds) {
    this.exchange = exchange;
    this.path = path;
    this.query = query;
    this.caller = caller;
    this.body = body;
    this.holds = holds;
  }

  /// Whether the caller's token or key still is good for this; asked by answers that go on, every
  /// second or so.
  boolean holds() {
    return holds.getAsBoolean();
  }

  /// The body as text.
  String text() {
    try {
      return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(body)).toString();
    } catch (CharacterCodingException e) {
      throw Failure.badRequest("The body is no text in UTF-8");
    }
  }

  HttpExchange exchange() {
    return exchange;
  }

  Caller caller() {
    if (caller == null) {
      throw new IllegalStateException("An operation that is open to all asks for its caller");
    }
    return caller;
  }

  /// A part of the path.
  String path(String name) {
    String value = path.get(name);
    if (value == null) {
      throw new IllegalStateException("The path has no {" + name + "}");
    }
    return value;
  }

  @Nullable String query(String name) {
    return query.get(name);
  }

  void knowsQueries(Set<String> names) {
    for (String name : query.keySet()) {
      if (!names.contains(name)) {
        throw Failure.invalid(
            name,
            "there is no such parameter"
                + (names.isEmpty() ? "" : "; it knows " + String.join(", ", names)));
      }
    }
  }

  int number(String name, int standard, int least, int most) {
    String text = query.get(name);
    if (text == null) {
      return standard;
    }
    try {
      int value = Integer.parseInt(text);
      if (value >= least && value <= most) {
        return value;
      }
    } catch (NumberFormatException _) {
      // said below
    }
    throw Failure.invalid(
        name, "is '%s' and must be a number from %d to %d".formatted(text, least, most));
  }

  boolean flag(String name) {
    String text = query.get(name);
    if (text == null || text.equals("false")) {
      return false;
    }
    if (text.equals("true")) {
      return true;
    }
    throw Failure.invalid(name, "is '" + text + "' and must be true or false");
  }

  int limit() {
    return number("limit", LIMIT, 1, LIMIT_MAX);
  }

  /// What the cursor stands for.
  @Nullable String cursor() {
    String text = query.get("cursor");
    if (text == null) {
      return null;
    }
    try {
      return new String(Base64.getUrlDecoder().decode(text), StandardCharsets.UTF_8);
    } catch (IllegalArgumentException e) {
      throw Failure.invalid("cursor", "is none that this API gave; leave it out to begin");
    }
  }

  /// What a cursor stands for that is a number.
  ///
  /// @param standard where the first page begins
  long cursor(long standard) {
    String text = cursor();
    try {
      return text == null ? standard : Long.parseLong(text);
    } catch (NumberFormatException e) {
      throw Failure.invalid("cursor", "is none that this call gave");
    }
  }

  /// What holds the text of a parameter, in any letter case; everything if there is none.
  Predicate<String> holding(String parameter) {
    String text = query(parameter);
    if (text == null || text.isEmpty()) {
      return name -> true;
    }
    String wanted = text.toLowerCase(Locale.ROOT);
    return name -> name.toLowerCase(Locale.ROOT).contains(wanted);
  }

  static @Nullable String cursor(@Nullable String of) {
    return of == null
        ? null
        : Base64.getUrlEncoder()
            .withoutPadding()
            .encodeToString(of.getBytes(StandardCharsets.UTF_8));
  }

  /// The body as a record.
  <T> T body(Class<T> type) {
    if (body.length == 0) {
      throw Failure.badRequest("The request wants a body of JSON");
    }
    try {
      T value = Json.MAPPER.readValue(body, type);
      if (value == null) {
        throw Failure.badRequest("The body is null");
      }
      return value;
    } catch (DatabindException e) {
      throw Failure.invalid(field(e), firstLine(e.getOriginalMessage()));
    } catch (JacksonException e) {
      throw Failure.badRequest("The body is no JSON: " + firstLine(e.getOriginalMessage()));
    }
  }

  /// Like `properties.user[2]`.
  private static String field(DatabindException e) {
    var field = new StringBuilder();
    for (JacksonException.Reference part : e.getPath()) {
      if (part.getPropertyName() != null) {
        field.append(field.isEmpty() ? "" : ".").append(part.getPropertyName());
      } else {
        field.append('[').append(part.getIndex()).append(']');
      }
    }
    return field.isEmpty() ? "body" : field.toString();
  }

  private static String firstLine(String message) {
    int end = message.indexOf('\n');
    String line = end < 0 ? message : message.substring(0, end);
    // Without names of our own classes.
    return line.replaceAll("`?io\\.relais\\.api\\.(?:\\w+[.$])*(\\w+)`?", "$1")
        .replaceAll("`java\\.(?:\\w+\\.)*(\\w+)`", "$1");
  }

  /// The other end of the connection.
  String address() {
    return exchange.getRemoteAddress().getAddress().getHostAddress();
  }
}
