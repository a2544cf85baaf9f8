package io.relais.server.config;

/// What of a client certificate becomes the user name.
public enum UsernameFrom {
  NONE,
  CN
}
