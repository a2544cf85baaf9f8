package io.relais.broker.listener;

/// What carries MQTT on a listener.
public enum Transport {
  TCP(false, false),
  TLS(true, false),
  WEBSOCKET(false, true),
  SECURE_WEBSOCKET(true, true),
  UNIX(false, false);

  private final boolean secure;
  private final boolean web;

  Transport(boolean secure, boolean web) {
    this.secure = secure;
    this.web = web;
  }

  public boolean isSecure() {
    return secure;
  }

  public boolean isWebSocket() {
    return web;
  }
}
