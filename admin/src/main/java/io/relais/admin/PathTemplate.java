package io.relais.admin;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// The path of an operation, with `{name}` for parts that are values.
///
/// @param segments the text's, without the leading slash
record PathTemplate(String text, List<String> segments) {
  static PathTemplate of(String text) {
    return new PathTemplate(text, List.of(text.substring(1).split("/", -1)));
  }

  /// @param given the segments of a request's path
  /// @return the values in the path, or null if it is another one
  @Nullable Map<String, String> match(List<String> given) {
    if (segments.size() != given.size()) {
      return null;
    }
    Map<String, String> values = new HashMap<>();
    for (int i = 0; i < given.size(); i++) {
      String part = segments.get(i);
      if (part.startsWith("{")) {
        values.put(part.substring(1, part.length() - 1), given.get(i));
      } else if (!part.equals(given.get(i))) {
        return null;
      }
    }
    return values;
  }
}
