package io.relais.broker.listener;

/// Why a connection came to nothing before MQTT began. Names as in metrics.
public enum Refusal {
  /// maximum-connections of the listener are open.
  LIMIT,
  /// More arrive per second than connection-rate.
  RATE,
  /// No PROXY header, a malformed one, or one from an address that is not trusted.
  PROXY,
  /// The TLS handshake failed.
  TLS,
  /// A WebSocket from a page that is not allowed.
  ORIGIN,
  /// HTTP that is no WebSocket of MQTT.
  HTTP,
  /// The handshakes took longer than connect-timeout.
  TIMEOUT,
  /// The peer left amid the handshakes.
  ABANDONED,
  /// The system could not accept, for one because file descriptors ran out.
  ACCEPT
}
