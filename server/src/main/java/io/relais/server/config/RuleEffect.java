package io.relais.server.config;

/// What a rule of `authorization` comes to.
public enum RuleEffect {
  ALLOW,
  DENY
}
