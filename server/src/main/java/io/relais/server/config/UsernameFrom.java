package io.relais.server.config;

/// What of a client certificate becomes the user name.
public enum UsernameFrom {
  NONE,
  /// the common name of its subject
  CN,
  /// of its alternative names the first of the kind, as with the next two
  DNS,
  URI,
  EMAIL
}
