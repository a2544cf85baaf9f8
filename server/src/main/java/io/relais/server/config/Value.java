package io.relais.server.config;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// What was written, before anybody knows what it means.
///
/// Owner: the loading that made it; tables and lists are changed while sources are laid over one
/// another.
sealed interface Value {
  Origin origin();

  /// A scalar of any type, as text.
  record Text(String text, Origin origin) implements Value {}

  /// A key without a value.
  record Nothing(Origin origin) implements Value {}

  record Items(List<Value> values, Origin origin) implements Value {}

  /// `origin` is where the table stands; each key has its own.
  record Table(Map<String, Named> entries, Origin origin) implements Value {
    static Table empty(Origin origin) {
      return new Table(new LinkedHashMap<>(), origin);
    }
  }

  record Named(Origin keyOrigin, Value value) {}
}
