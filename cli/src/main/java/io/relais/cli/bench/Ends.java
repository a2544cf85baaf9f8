package io.relais.cli.bench;

import org.jspecify.annotations.Nullable;

/// How the end of a connection is counted, whoever had it.
final class Ends {
  private Ends() {}

  static void count(Tally tally, boolean wasUp, @Nullable String cause) {
    tally.closed.increment();
    if (cause == null) {
      return;
    }
    (wasUp ? tally.connectionsLost : tally.connectionsFailed).increment();
    tally.error(cause);
  }
}
