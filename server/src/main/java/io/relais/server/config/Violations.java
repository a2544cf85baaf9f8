package io.relais.server.config;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/// Collects what is wrong with the components of one record, so that its constructor reports all of
/// it at once.
///
/// Owner: the constructor that made it.
final class Violations {
  private final List<InvalidSettings.Violation> found = new ArrayList<>();

  /// `key` is relative to the record; `message` continues the sentence that begins with the key;
  /// `others` are further keys that this is about.
  void add(String key, String message, String... others) {
    found.add(new InvalidSettings.Violation(key, message, List.of(others)));
  }

  void require(boolean holds, String key, String message, String... others) {
    if (!holds) {
      add(key, message, others);
    }
  }

  void range(String key, long value, long least, long most) {
    require(
        value >= least && value <= most,
        key,
        "is %d; it must be %d to %d".formatted(value, least, most));
  }

  void size(String key, long bytes, long least, long most) {
    require(
        bytes >= least && bytes <= most,
        key,
        "is %s; it must be %s to %s"
            .formatted(Units.size(bytes), Units.size(least), Units.size(most)));
  }

  void range(String key, Duration value, Duration least, Duration most) {
    require(
        value.compareTo(least) >= 0 && value.compareTo(most) <= 0,
        key,
        "is %s; it must be %s to %s"
            .formatted(Units.duration(value), Units.duration(least), Units.duration(most)));
  }

  void throwIfAny() {
    if (!found.isEmpty()) {
      throw new InvalidSettings(found);
    }
  }
}
