package io.relais.server.config;

import java.util.List;
import java.util.stream.Collectors;

/// Thrown by the constructor of a configuration record: everything that is wrong with its
/// components.
public final class InvalidSettings extends IllegalArgumentException {
  private static final long serialVersionUID = 1L;

  /// Keys are relative to the record that was made. `others` are the keys that the judgement rests
  /// on beside `key`: where one of them could not be read, the violation means nothing.
  record Violation(String key, String message, List<String> others) {
    Violation {
      others = List.copyOf(others);
    }
  }

  private final transient List<Violation> violations;

  InvalidSettings(List<Violation> violations) {
    super(
        violations.stream()
            .map(v -> v.key() + " " + v.message())
            .collect(Collectors.joining("; ")));
    this.violations = List.copyOf(violations);
  }

  List<Violation> violations() {
    return violations;
  }
}
