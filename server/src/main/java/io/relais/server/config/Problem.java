package io.relais.server.config;

/// One thing that is wrong with a configuration. `message` is a sentence without its full stop.
public record Problem(Origin origin, String message) {
  @Override
  public String toString() {
    return origin + ": " + message;
  }
}
