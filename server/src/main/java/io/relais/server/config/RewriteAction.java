package io.relais.server.config;

/// What a rule of rewriting is about.
public enum RewriteAction {
  PUBLISH,
  SUBSCRIBE,
  ALL
}
