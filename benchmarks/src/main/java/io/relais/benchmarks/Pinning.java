package io.relais.benchmarks;

import java.util.List;

/// What is put before a command to keep broker and generator on different processors.
record Pinning(List<String> broker, List<String> generator) {
  static final Pinning NONE = new Pinning(List.of(), List.of());

  Pinning {
    broker = List.copyOf(broker);
    generator = List.copyOf(generator);
  }

  /// The first half of the processors for the broker, the rest for the generator.
  static Pinning halves(int processors) {
    if (processors < 2) {
      throw new UsageError("--pin needs at least 2 processors, this machine has " + processors);
    }
    int half = processors / 2;
    return new Pinning(
        List.of("taskset", "-c", "0-" + (half - 1)),
        List.of("taskset", "-c", half + "-" + (processors - 1)));
  }
}
