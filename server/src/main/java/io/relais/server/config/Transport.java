package io.relais.server.config;

/// What a listener's connections speak below MQTT.
public enum Transport {
  TCP,
  TLS,
  WEBSOCKET,
  SECURE_WEBSOCKET,
  UNIX;

  public boolean isWebSocket() {
    return switch (this) {
      case WEBSOCKET, SECURE_WEBSOCKET -> true;
      case TCP, TLS, UNIX -> false;
    };
  }

  public boolean isSecure() {
    return switch (this) {
      case TLS, SECURE_WEBSOCKET -> true;
      case TCP, WEBSOCKET, UNIX -> false;
    };
  }
}
