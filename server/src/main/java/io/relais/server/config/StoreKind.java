package io.relais.server.config;

/// Where state is kept.
public enum StoreKind {
  DISK,
  MEMORY
}
