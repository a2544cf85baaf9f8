package io.relais.server.config;

/// What a rule of `authorization` is about.
public enum RuleAction {
  PUBLISH,
  SUBSCRIBE,
  ALL
}
