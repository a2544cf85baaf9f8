package io.relais.cli.client;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Optional;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.json.JsonFactory;

/// Writes JSON: on one line, or with tabs as mosquitto's `--pretty` lays it out.
///
/// Owner: the thread that prints.
final class JsonText {
  private final StringBuilder out = new StringBuilder(256);
  private final boolean pretty;
  private int depth;
  private boolean first = true;

  JsonText(boolean pretty) {
    this.pretty = pretty;
  }

  /// A message as `%j` and `%J` print it. Text that is not UTF-8 cannot stand in JSON: it goes into
  /// `payload-base64` then. Empty if `payloadIsJson` and the payload is not JSON.
  static Optional<String> message(
      Message message, String timestamp, boolean payloadIsJson, boolean pretty) {
    var json = new JsonText(pretty).open('{');
    json.name("tst").string(timestamp);
    json.name("topic").string(message.topic());
    json.name("qos").raw(Integer.toString(message.qos()));
    json.name("retain").raw(message.retain() ? "1" : "0");
    json.name("payloadlen").raw(Integer.toString(message.payload().length));
    if (!message.properties().isEmpty()) {
      json.name("properties");
      json.properties(message.properties());
    }
    if (message.payload().length == 0) {
      json.name("payload").raw("null");
    } else if (payloadIsJson) {
      json.name("payload");
      if (!json.copy(message.payload())) {
        return Optional.empty();
      }
    } else {
      json.bytes("payload", message.payload());
    }
    return Optional.of(json.close('}').toString());
  }

  private void properties(Message.Properties properties) {
    open('{');
    if (properties.contentType() != null) {
      name("content-type").string(properties.contentType());
    }
    if (properties.correlation() != null) {
      bytes("correlation-data", properties.correlation());
    }
    if (properties.payloadFormat() != null) {
      name("payload-format-indicator").raw(properties.payloadFormat().toString());
    }
    if (properties.responseTopic() != null) {
      name("response-topic").string(properties.responseTopic());
    }
    if (!properties.user().isEmpty()) {
      name("user-properties").open('{');
      properties.user().forEach(p -> name(p.getKey()).string(p.getValue()));
      close('}');
    }
    if (properties.expirySeconds() != null) {
      name("message-expiry-interval").raw(properties.expirySeconds().toString());
    }
    close('}');
  }

  private void bytes(String name, byte[] bytes) {
    try {
      var text = StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
      name(name).string(text);
    } catch (CharacterCodingException e) {
      name(name + "-base64").string(Base64.getEncoder().encodeToString(bytes));
    }
  }

  /// Copies a whole JSON text, number for number; false if it is not one.
  private boolean copy(byte[] text) {
    try (JsonParser parser = Parsers.FACTORY.createParser(ObjectReadContext.empty(), text)) {
      var token = parser.nextToken();
      if (token == null) {
        return false;
      }
      var inArray = new java.util.ArrayDeque<Boolean>();
      do {
        if (token != JsonToken.END_ARRAY
            && token != JsonToken.END_OBJECT
            && Boolean.TRUE.equals(inArray.peek())) {
          element();
        }
        switch (token) {
          case START_OBJECT -> {
            inArray.push(false);
            open('{');
          }
          case START_ARRAY -> {
            inArray.push(true);
            open('[');
          }
          case END_OBJECT -> {
            inArray.pop();
            close('}');
          }
          case END_ARRAY -> {
            inArray.pop();
            close(']');
          }
          case PROPERTY_NAME -> name(parser.currentName());
          case VALUE_STRING -> string(parser.getString());
          default -> raw(parser.getString());
        }
        token = parser.nextToken();
        if (token != null && inArray.isEmpty()) {
          return false; // a second value after the first
        }
      } while (token != null);
      return true;
    } catch (JacksonException e) {
      return false;
    }
  }

  private JsonText open(char bracket) {
    out.append(bracket);
    if (pretty && bracket == '{') {
      out.append('\n');
    }
    depth++;
    first = true;
    return this;
  }

  private JsonText close(char bracket) {
    depth--;
    if (pretty && bracket == '}') {
      if (!first) {
        out.append('\n');
      }
      out.append("\t".repeat(depth));
    }
    out.append(bracket);
    first = false;
    return this;
  }

  private JsonText name(String name) {
    if (!first) {
      out.append(pretty ? ",\n" : ",");
    }
    first = false;
    if (pretty) {
      out.append("\t".repeat(depth));
    }
    string(name);
    out.append(pretty ? ":\t" : ":");
    return this;
  }

  private void element() {
    if (!first) {
      out.append(pretty ? ", " : ",");
    }
    first = false;
  }

  private void raw(String text) {
    out.append(text);
    first = false;
  }

  private void string(String text) {
    out.append('"');
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      switch (c) {
        case '"' -> out.append("\\\"");
        case '\\' -> out.append("\\\\");
        case '\b' -> out.append("\\b");
        case '\f' -> out.append("\\f");
        case '\n' -> out.append("\\n");
        case '\r' -> out.append("\\r");
        case '\t' -> out.append("\\t");
        default -> {
          if (c < 0x20) {
            out.append("\\u00")
                .append(c < 0x10 ? "0" : "1")
                .append("0123456789abcdef".charAt(c & 15));
          } else {
            out.append(c);
          }
        }
      }
    }
    out.append('"');
    first = false;
  }

  @Override
  public String toString() {
    return out.toString();
  }

  /// Apart, so that Jackson is loaded only when a payload must be read as JSON.
  private static final class Parsers {
    static final JsonFactory FACTORY = new JsonFactory();
  }
}
