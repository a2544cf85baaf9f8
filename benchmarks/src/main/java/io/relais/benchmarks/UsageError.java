package io.relais.benchmarks;

/// The command line asks for something that cannot be; the message says what would be right.
final class UsageError extends RuntimeException {
  UsageError(String message) {
    super(message);
  }
}
