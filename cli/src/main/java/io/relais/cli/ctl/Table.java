package io.relais.cli.ctl;

import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/// Answers of the API for people: columns as wide as what stands in them.
final class Table {
  private static final int WIDTH_MAX = 60;
  private static final String GAP = "  ";

  private Table() {}

  static void print(PrintWriter out, JsonNode list, List<String> columns) {
    List<List<String>> rows = new ArrayList<>();
    rows.add(columns.stream().map(Table::title).toList());
    for (JsonNode item : list) {
      List<String> row = new ArrayList<>();
      for (String column : columns) {
        row.add(cell(item.get(column), row.size() == columns.size() - 1));
      }
      rows.add(row);
    }
    int[] widths = new int[columns.size()];
    for (List<String> row : rows) {
      for (int i = 0; i < widths.length; i++) {
        widths[i] = Math.max(widths[i], row.get(i).length());
      }
    }
    for (List<String> row : rows) {
      var line = new StringBuilder();
      for (int i = 0; i < widths.length; i++) {
        line.append(row.get(i)).repeat(" ", widths[i] - row.get(i).length()).append(GAP);
      }
      out.println(line.toString().stripTrailing());
    }
  }

  static void print(PrintWriter out, JsonNode one) {
    int width = one.propertyNames().stream().mapToInt(name -> title(name).length()).max().orElse(0);
    one.properties()
        .forEach(
            field -> {
              String name = title(field.getKey());
              out.println(name + " ".repeat(width - name.length()) + GAP + text(field.getValue()));
            });
  }

  /// `queuedMessages` is `queued messages`.
  private static String title(String field) {
    return field.replaceAll("([A-Z])", " $1").toLowerCase(Locale.ROOT);
  }

  /// @param last of its row, which may be as long as it is
  private static String cell(@Nullable JsonNode value, boolean last) {
    String text = value == null ? "" : text(value);
    return last || text.length() <= WIDTH_MAX ? text : text.substring(0, WIDTH_MAX - 1) + "…";
  }

  private static String text(JsonNode value) {
    String text = value.isString() ? value.stringValue() : value.isNull() ? "-" : value.toString();
    // What comes from clients must not write to the terminal.
    return text.replaceAll("\\p{Cntrl}", "�");
  }
}
