package io.relais.admin;

import io.relais.api.ImportedUser;
import io.relais.api.Json;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;

/// Reads users out of what other programs wrote. Sentences quote neither passwords nor hashes.
///
/// Limits: [#USERS_MAX] users.
final class UserFile {
  static final int USERS_MAX = 10_000;

  /// How a file is written.
  enum Format {
    /// with a header of `username`, `password`, and `groups` separated by `;`
    CSV,
    /// an array of [ImportedUser]
    JSON,
    /// lines of `user:hash`, as `mosquitto_passwd` and `relais passwd` write them
    MOSQUITTO;

    String label() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  /// @param line from 1
  /// @param user of one that cannot be read no more than its name
  /// @param problem null: none was seen yet
  record Line(int line, ImportedUser user, @Nullable String problem) {
    static Line wrong(int line, @Nullable String username, String problem) {
      return new Line(line, new ImportedUser(username, null, null, null), problem);
    }
  }

  private final List<Line> lines = new ArrayList<>();

  private UserFile() {}

  /// @throws Failure if it is not of this format at all, or too long
  static List<Line> read(String text, Format format) {
    var file = new UserFile();
    switch (format) {
      case CSV -> file.csv(text);
      case JSON -> file.json(text);
      case MOSQUITTO -> file.mosquitto(text);
    }
    return file.lines;
  }

  private void add(Line line) {
    if (lines.size() == USERS_MAX) {
      throw Failure.invalid(
          "body", "has more than %d users; import it in parts".formatted(USERS_MAX));
    }
    lines.add(line);
  }

  // ---- user:hash

  private void mosquitto(String text) {
    int number = 0;
    for (String line : text.split("\n", -1)) {
      number++;
      String bare = line.strip();
      if (bare.isEmpty() || bare.startsWith("#")) {
        continue;
      }
      int colon = bare.indexOf(':');
      add(
          colon < 1
              ? Line.wrong(number, null, "is not USER:HASH")
              : new Line(
                  number,
                  new ImportedUser(bare.substring(0, colon), null, bare.substring(colon + 1), null),
                  null));
    }
  }

  // ---- JSON

  private void json(String text) {
    JsonNode all;
    try {
      all = Json.MAPPER.readTree(text);
    } catch (JacksonException e) { // its message quotes the text
      throw Failure.invalid("body", "is no JSON; line %d".formatted(e.getLocation().getLineNr()));
    }
    if (!all.isArray()) {
      throw Failure.invalid(
          "body", "is no array; expected is [{\"username\": ..., \"password\": ...}, ...]");
    }
    int number = 0;
    for (JsonNode one : all) {
      number++;
      try {
        ImportedUser user =
            one.isObject() ? Json.MAPPER.treeToValue(one, ImportedUser.class) : null;
        add(user == null ? Line.wrong(number, null, "is no object") : new Line(number, user, null));
      } catch (JacksonException e) { // its message quotes the text
        JsonNode name = one.get("username");
        add(
            Line.wrong(
                number,
                name != null && name.isString() ? name.stringValue() : null,
                "has a field that is unknown or of a wrong kind; there are username, password,"
                    + " passwordHash, groups"));
      }
    }
  }

  // ---- CSV (RFC 4180)

  private static final List<String> COLUMNS = List.of("username", "password", "groups");

  private void csv(String text) {
    var reader = new CsvReader(text);
    List<String> header = reader.next();
    List<String> columns =
        header == null
            ? List.of()
            : header.stream().map(name -> name.strip().toLowerCase(Locale.ROOT)).toList();
    boolean good =
        COLUMNS.containsAll(columns)
            && columns.stream().distinct().count() == columns.size()
            && columns.containsAll(COLUMNS.subList(0, 2));
    if (!good) {
      throw Failure.invalid(
          "body", "does not begin with the header username,password or username,password,groups");
    }
    for (List<String> cells = reader.next(); cells != null; cells = reader.next()) {
      int line = reader.line();
      if (cells.size() == 1 && cells.getFirst().isBlank()) {
        continue;
      }
      String username = cell(cells, columns, "username");
      if (cells.size() != columns.size()) {
        add(
            Line.wrong(
                line,
                username,
                "has %d values, and the header has %d".formatted(cells.size(), columns.size())));
        continue;
      }
      String groups = cell(cells, columns, "groups");
      add(
          new Line(
              line,
              new ImportedUser(username, cell(cells, columns, "password"), null, split(groups)),
              null));
    }
    if (reader.isOpen()) {
      throw Failure.invalid(
          "body", "has a quotation mark in line %d that is not closed".formatted(reader.line()));
    }
  }

  private static @Nullable String cell(List<String> cells, List<String> columns, String name) {
    int at = columns.indexOf(name);
    return at < 0 || at >= cells.size() ? null : cells.get(at);
  }

  private static @Nullable List<String> split(@Nullable String groups) {
    return groups == null
        ? null
        : Arrays.stream(groups.split(";", -1))
            .map(String::strip)
            .filter(group -> !group.isEmpty())
            .toList();
  }

  /// Takes a text apart into rows; a row may go over several lines between quotation marks.
  private static final class CsvReader {
    private final String text;
    private int at;
    private int line;
    private int reached = 1;
    private boolean open;

    CsvReader(String text) {
      this.text = text.startsWith("\uFEFF") ? text.substring(1) : text;
    }

    /// Where the last row began.
    int line() {
      return line;
    }

    /// Whether the end came between quotation marks.
    boolean isOpen() {
      return open;
    }

    /// @return null: that was all
    @Nullable List<String> next() {
      if (at >= text.length()) {
        return null;
      }
      line = reached;
      List<String> cells = new ArrayList<>();
      var cell = new StringBuilder();
      while (at < text.length()) {
        char next = text.charAt(at++);
        if (next == '\n') {
          reached++;
        }
        if (open) {
          if (next != '"') {
            cell.append(next);
          } else if (at < text.length() && text.charAt(at) == '"') {
            cell.append('"');
            at++;
          } else {
            open = false;
          }
        } else if (next == '"' && cell.isEmpty()) {
          open = true;
        } else if (next == ',') {
          cells.add(cell.toString());
          cell.setLength(0);
        } else if (next == '\n') {
          break;
        } else if (next != '\r' || at < text.length() && text.charAt(at) != '\n') {
          cell.append(next);
        }
      }
      cells.add(cell.toString());
      return cells;
    }
  }
}
