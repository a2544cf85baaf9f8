package io.relais.server.config;

/// Where in CONNECT a token stands.
public enum TokenFrom {
  PASSWORD,
  USERNAME
}
