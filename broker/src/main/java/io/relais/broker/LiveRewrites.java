package io.relais.broker;

/// Rewriting that can be exchanged while clients are connected.
///
/// Owner: any thread.
final class LiveRewrites {
  private volatile Rewrites now = Rewrites.NONE;

  Rewrites now() {
    return now;
  }

  void set(Rewrites rules) {
    now = rules;
  }
}
