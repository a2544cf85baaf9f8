package io.relais.systemtests.clients;

/// What carries MQTT between a client and a listener.
enum Transport {
  TCP("tcp", "tcp"),
  TLS("tls", "ssl"),
  WEBSOCKET("websocket", "ws"),
  SECURE_WEBSOCKET("secure-websocket", "wss");

  private final String label;
  private final String scheme;

  Transport(String label, String scheme) {
    this.label = label;
    this.scheme = scheme;
  }

  /// As the configuration names it.
  String label() {
    return label;
  }

  /// As Paho's addresses name it.
  String scheme() {
    return scheme;
  }

  boolean secure() {
    return this == TLS || this == SECURE_WEBSOCKET;
  }

  boolean webSocket() {
    return this == WEBSOCKET || this == SECURE_WEBSOCKET;
  }
}
