package io.relais.protocol;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// The table of packets as bytes in `vectors.txt`, which says in its head how it is written. One
/// table for all who decode, encode or serve.
public final class PacketVectors {
  /// What the decoder makes of the bytes.
  public sealed interface Outcome {
    /// @param text in [PacketNotation]
    /// @param canonical the encoder writes the same bytes
    record Accepted(String text, boolean canonical) implements Outcome {}

    record Refused(ReasonCode reason) implements Outcome {}
  }

  /// One row, for one of its versions.
  public record Vector(
      int line, ProtocolVersion version, Sender sender, byte[] bytes, Outcome outcome) {
    @Override
    public String toString() {
      return "line %d, %s, %s, %s"
          .formatted(line, version.label(), sender, HexFormat.of().formatHex(bytes));
    }
  }

  private static final Pattern ROW =
      Pattern.compile(
          "(?<versions>\\S+) (?<sender>client|server) (?<bytes>.*?) (?<kind>[=~!]) (?<rest>.+)");
  private static final Pattern BYTES = Pattern.compile("'([^']*)'|([0-9A-F]{2}) ?| ");

  private PacketVectors() {}

  public static List<Vector> all() {
    List<Vector> vectors = new ArrayList<>();
    int line = 0;
    for (String text : text().split("\n", -1)) {
      line++;
      if (!text.isEmpty() && !text.startsWith("#")) {
        addRow(text, line, vectors);
      }
    }
    return vectors;
  }

  private static String text() {
    try (InputStream in =
        Objects.requireNonNull(PacketVectors.class.getResourceAsStream("vectors.txt"))) {
      return new String(in.readAllBytes(), UTF_8);
    } catch (IOException unreadable) {
      throw new UncheckedIOException(unreadable);
    }
  }

  private static void addRow(String text, int line, List<Vector> into) {
    Matcher row = ROW.matcher(text);
    if (!row.matches()) {
      throw new IllegalStateException("vectors.txt:" + line + " is no row: " + text);
    }
    Sender sender = Sender.valueOf(row.group("sender").toUpperCase(Locale.ROOT));
    byte[] bytes = bytes(row.group("bytes"), line);
    String rest = row.group("rest");
    Outcome outcome =
        switch (row.group("kind")) {
          case "=" -> new Outcome.Accepted(rest, true);
          case "~" -> new Outcome.Accepted(rest, false);
          default -> new Outcome.Refused(ReasonCode.valueOf(rest));
        };
    for (String label : row.group("versions").split(",", -1)) {
      into.add(new Vector(line, version(label), sender, bytes, outcome));
    }
  }

  private static byte[] bytes(String text, int line) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    Matcher part = BYTES.matcher(text);
    int at = 0;
    while (at < text.length()) {
      if (!part.find(at) || part.start() != at) {
        throw new IllegalStateException("vectors.txt:" + line + " has no bytes at column " + at);
      }
      if (part.group(1) != null) {
        bytes.writeBytes(part.group(1).getBytes(US_ASCII));
      } else if (part.group(2) != null) {
        bytes.writeBytes(HexFormat.of().parseHex(part.group(2)));
      }
      at = part.end();
    }
    return bytes.toByteArray();
  }

  private static ProtocolVersion version(String label) {
    for (ProtocolVersion version : ProtocolVersion.values()) {
      if (version.label().equals(label)) {
        return version;
      }
    }
    throw new IllegalStateException("No version " + label);
  }
}
