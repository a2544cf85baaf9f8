package io.relais.server.config;

/// The severities of log lines, most severe first.
public enum LogLevel {
  ERROR,
  WARN,
  INFO,
  DEBUG,
  TRACE
}
