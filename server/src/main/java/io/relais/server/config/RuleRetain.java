package io.relais.server.config;

/// Which messages a rule of `authorization` is about, by their retain flag.
public enum RuleRetain {
  ANY,
  ONLY,
  NEVER
}
