package io.relais.benchmarks;

import java.util.Optional;

/// What became of one run of one scenario against one broker.
sealed interface Outcome {
  record Measured(LoadReport report) implements Outcome {}

  /// It does not count; the report is there if the generator got as far as that.
  record Failed(String reason, Optional<LoadReport> report) implements Outcome {}

  static Outcome of(LoadReport report) {
    return report
        .failure()
        .<Outcome>map(reason -> new Failed(reason, Optional.of(report)))
        .orElseGet(() -> new Measured(report));
  }
}
