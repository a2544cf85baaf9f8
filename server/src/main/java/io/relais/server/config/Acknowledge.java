package io.relais.server.config;

/// What an acknowledgement stands for.
public enum Acknowledge {
  RECEIVED,
  PERSISTED,
  REPLICATED
}
