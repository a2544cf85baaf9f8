package io.relais.cli.mosquitto;

import io.relais.api.Json;
import java.util.List;
import java.util.Map;

/// Writes sections, lists and values as YAML in blocks; texts that are more than a plain word stand
/// in quotation marks.
final class Yaml {
  private Yaml() {}

  static String of(Map<String, ?> section) {
    var out = new StringBuilder();
    section(section, 0, out);
    return out.toString();
  }

  private static void section(Map<?, ?> section, int depth, StringBuilder out) {
    section.forEach(
        (key, value) -> {
          out.repeat(" ", depth).append(key).append(':');
          value(value, depth + 2, out);
        });
  }

  private static void value(Object value, int depth, StringBuilder out) {
    switch (value) {
      case Map<?, ?> inner -> {
        out.append('\n');
        section(inner, depth, out);
      }
      case List<?> items -> {
        out.append(items.isEmpty() ? " []\n" : "\n");
        for (Object item : items) {
          if (item instanceof Map<?, ?> inner) {
            var entry = new StringBuilder();
            section(inner, depth + 2, entry);
            out.repeat(" ", depth).append("- ").append(entry.substring(depth + 2));
          } else {
            out.repeat(" ", depth).append("- ").append(text(item)).append('\n');
          }
        }
      }
      default -> out.append(' ').append(text(value)).append('\n');
    }
  }

  private static String text(Object value) {
    String text = value.toString();
    boolean plain = text.matches("[A-Za-z0-9][A-Za-z0-9_./-]*");
    return plain ? text : Json.MAPPER.writeValueAsString(text);
  }
}
