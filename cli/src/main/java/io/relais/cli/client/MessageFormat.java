package io.relais.cli.client;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.time.ZonedDateTime;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.Collectors;

/// How a received message is printed: mosquitto's `-F` language, parsed once.
///
/// `%m` (packet identifier) is refused, since the client library does not tell it. A field width is
/// the least number of characters, for payloads as well, as the manual of mosquitto_sub says.
final class MessageFormat {
  private static final String SIZED = "ACEFIlpRStxX";
  private static final String PLAIN = "%DPqrjJU";

  /// A part of the output.
  private sealed interface Piece {
    record Literal(byte[] bytes) implements Piece {}

    record Time(char conversion) implements Piece {}

    record Field(char kind, boolean left, boolean zero, int width, int precision)
        implements Piece {}
  }

  private final List<Piece> pieces;
  private final boolean pretty;

  private MessageFormat(List<Piece> pieces, boolean pretty) {
    this.pieces = pieces;
    this.pretty = pretty;
  }

  /// @throws IllegalArgumentException naming the wrong sequence
  static MessageFormat parse(String format, boolean pretty) {
    var pieces = new ArrayList<Piece>();
    var literal = new StringBuilder();
    int at = 0;
    while (at < format.length()) {
      char c = format.charAt(at++);
      if (c != '%' && c != '@' && c != '\\') {
        literal.append(c);
        continue;
      }
      if (at == format.length()) {
        throw incomplete(format);
      }
      if (c == '\\') {
        literal.append(escape(format.charAt(at++)));
      } else if (c == format.charAt(at)) {
        literal.append(format.charAt(at++));
      } else {
        flush(literal, pieces);
        if (c == '@') {
          pieces.add(time(format.charAt(at++)));
        } else {
          at = field(format, at, pieces);
        }
      }
    }
    flush(literal, pieces);
    return new MessageFormat(List.copyOf(pieces), pretty);
  }

  private static IllegalArgumentException incomplete(String format) {
    return new IllegalArgumentException("The format '" + format + "' ends inside of a sequence.");
  }

  private static char escape(char c) {
    return switch (c) {
      case '\\' -> '\\';
      case '0' -> '\0';
      case 'a' -> '\u0007';
      case 'e' -> '\u001b';
      case 'n' -> '\n';
      case 'r' -> '\r';
      case 't' -> '\t';
      case 'v' -> '\u000b';
      default ->
          throw new IllegalArgumentException(
              "There is no escape '\\"
                  + c
                  + "' in a format: use one of \\\\ \\0 \\a \\e \\n \\r \\t \\v.");
    };
  }

  private static Piece time(char c) {
    if (Strftime.CONVERSIONS.indexOf(c) < 0) {
      throw new IllegalArgumentException(
          "There is no time conversion '@"
              + c
              + "': the letters are "
              + Strftime.CONVERSIONS
              + ".");
    }
    return new Piece.Time(c);
  }

  private static int field(String format, int from, List<Piece> pieces) {
    int at = from;
    boolean left = false;
    boolean zero = false;
    while (at < format.length() && "-0".indexOf(format.charAt(at)) >= 0) {
      left |= format.charAt(at) == '-';
      zero |= format.charAt(at) == '0';
      at++;
    }
    int digits = digits(format, at);
    int width = number(format, at, digits);
    at = digits;
    int precision = -1;
    if (at < format.length() && format.charAt(at) == '.') {
      digits = digits(format, at + 1);
      precision = number(format, at + 1, digits);
      at = digits;
    }
    if (at == format.length()) {
      throw incomplete(format);
    }
    char kind = format.charAt(at++);
    if (kind == 'm') {
      throw new IllegalArgumentException(
          "%m (the packet identifier) is not known to this client; leave it out of the format.");
    }
    if (SIZED.indexOf(kind) < 0 && PLAIN.indexOf(kind) < 0) {
      throw new IllegalArgumentException(
          "There is no parameter '%"
              + kind
              + "': use one of A C D E F I j J l P p q R r S t U x X.");
    }
    pieces.add(new Piece.Field(kind, left, zero && !left, width, precision));
    return at;
  }

  private static int digits(String format, int from) {
    int at = from;
    while (at < format.length() && Character.isDigit(format.charAt(at))) {
      at++;
    }
    return at;
  }

  private static int number(String format, int from, int to) {
    if (to - from > 4) {
      throw new IllegalArgumentException(
          "A field width has at most four digits, not '" + format.substring(from, to) + "'.");
    }
    return from == to ? 0 : Integer.parseInt(format.substring(from, to));
  }

  private static void flush(StringBuilder literal, List<Piece> pieces) {
    if (!literal.isEmpty()) {
      pieces.add(new Piece.Literal(literal.toString().getBytes(StandardCharsets.UTF_8)));
      literal.setLength(0);
    }
  }

  /// Prints one message into `out`, without an end of line. What cannot be printed is told to
  /// `complaint`.
  void print(
      Message message, ZonedDateTime now, ByteArrayOutputStream out, Consumer<String> complaint) {
    for (var piece : pieces) {
      switch (piece) {
        case Piece.Literal literal -> out.writeBytes(literal.bytes());
        case Piece.Time time -> text(Strftime.format(time.conversion(), now), out);
        case Piece.Field field -> field(field, message, now, out, complaint);
      }
    }
  }

  private void field(
      Piece.Field field,
      Message message,
      ZonedDateTime now,
      ByteArrayOutputStream out,
      Consumer<String> complaint) {
    var properties = message.properties();
    switch (field.kind()) {
      case 'A', 'S' -> number("", field, out); // never asked for, hence never sent by a server
      case 'C' -> string(orEmpty(properties.contentType()), field, out);
      case 'D' -> {
        if (properties.correlation() != null) {
          out.writeBytes(properties.correlation());
        }
      }
      case 'E' -> number(orEmpty(properties.expirySeconds()), field, out);
      case 'F' -> number(orEmpty(properties.payloadFormat()), field, out);
      case 'I' ->
          string(
              Strftime.format('F', now)
                  + "T"
                  + Strftime.format('T', now)
                  + Strftime.format('z', now),
              field,
              out);
      case 'j', 'J' -> json(field.kind() == 'J', message, now, out, complaint);
      case 'l' -> number(Integer.toString(message.payload().length), field, out);
      case 'P' ->
          text(
              properties.user().stream()
                  .map(p -> p.getKey() + ":" + p.getValue())
                  .collect(Collectors.joining(" ")),
              out);
      case 'p' -> padded(message.payload(), message.payload().length, field, ' ', out);
      case 'q' -> text(Integer.toString(message.qos()), out);
      case 'R' -> string(orEmpty(properties.responseTopic()), field, out);
      case 'r' -> text(message.retain() ? "1" : "0", out);
      case 't' -> string(message.topic(), field, out);
      case 'U' -> text(Strftime.format('s', now) + "." + Strftime.format('N', now), out);
      case 'x' -> number(HexFormat.of().formatHex(message.payload()), field, out);
      case 'X' -> number(HexFormat.of().withUpperCase().formatHex(message.payload()), field, out);
      default -> throw new IllegalStateException("parsed but not printable: %" + field.kind());
    }
  }

  private void json(
      boolean payloadIsJson,
      Message message,
      ZonedDateTime now,
      ByteArrayOutputStream out,
      Consumer<String> complaint) {
    var micros = Strftime.format('N', now).substring(0, 6);
    var timestamp =
        Strftime.format('F', now)
            + "T"
            + Strftime.format('T', now)
            + "."
            + micros
            + Strftime.format('z', now);
    JsonText.message(message, timestamp, payloadIsJson, pretty)
        .ifPresentOrElse(
            json -> text(json, out),
            () ->
                complaint.accept(
                    "Message payload is not valid JSON on topic " + message.topic() + "."));
  }

  private static String orEmpty(@org.jspecify.annotations.Nullable Object value) {
    return value == null ? "" : value.toString();
  }

  private static void text(String text, ByteArrayOutputStream out) {
    out.writeBytes(text.getBytes(StandardCharsets.UTF_8));
  }

  private static void number(String digits, Piece.Field field, ByteArrayOutputStream out) {
    padded(
        digits.getBytes(StandardCharsets.US_ASCII),
        digits.length(),
        field,
        field.zero() ? '0' : ' ',
        out);
  }

  private static void string(String text, Piece.Field field, ByteArrayOutputStream out) {
    var shown =
        field.precision() >= 0 && text.codePointCount(0, text.length()) > field.precision()
            ? text.substring(0, text.offsetByCodePoints(0, field.precision()))
            : text;
    padded(
        shown.getBytes(StandardCharsets.UTF_8),
        shown.codePointCount(0, shown.length()),
        field,
        ' ',
        out);
  }

  private static void padded(
      byte[] bytes, int characters, Piece.Field field, char pad, ByteArrayOutputStream out) {
    var padding = String.valueOf(pad).repeat(Math.max(0, field.width() - characters));
    if (field.left()) {
      out.writeBytes(bytes);
      text(padding, out);
    } else {
      text(padding, out);
      out.writeBytes(bytes);
    }
  }
}
