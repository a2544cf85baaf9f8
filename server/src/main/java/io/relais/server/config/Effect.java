package io.relais.server.config;

import java.util.Map;

/// When a changed key takes effect.
public enum Effect {
  /// At once, for clients that are connected too.
  NOW,
  /// For clients that connect from now on.
  CONNECT,
  /// At once, and the listener that it belongs to begins anew.
  LISTENER,
  /// When the node starts the next time.
  RESTART;

  /// The longest key or section that a key is or is below decides; what is not here: [#RESTART].
  private static final Map<String, Effect> BY_KEY =
      Map.ofEntries(
          Map.entry("listeners", LISTENER),
          Map.entry("listeners.max-connections", CONNECT),
          Map.entry("listeners.connection-rate", CONNECT),
          Map.entry("listeners.payload-bytes", CONNECT),
          Map.entry("listeners.connect-timeout", CONNECT),
          Map.entry("listeners.acknowledge", CONNECT),
          Map.entry("limits.payload-bytes", CONNECT),
          Map.entry("limits.queue-messages", NOW),
          Map.entry("limits.queue-bytes", NOW),
          Map.entry("limits.queue-full", NOW),
          Map.entry("limits.subscriptions", CONNECT),
          Map.entry("limits.client-id-bytes", CONNECT),
          Map.entry("limits.topic-levels", CONNECT),
          Map.entry("limits.topic-alias", CONNECT),
          Map.entry("limits.receive-maximum", CONNECT),
          Map.entry("limits.max-inflight", CONNECT),
          Map.entry("limits.session-expiry", CONNECT),
          Map.entry("limits.keep-alive", CONNECT),
          Map.entry("limits.delayed-messages", NOW),
          Map.entry("limits.retained-messages", NOW),
          Map.entry("limits.store-bytes", NOW),
          Map.entry("limits.connections", CONNECT),
          Map.entry("limits.flapping", NOW),
          Map.entry("authentication", CONNECT),
          Map.entry("authorization.rules", NOW),
          Map.entry("mqtt.sys-interval", NOW),
          Map.entry("mqtt.events", NOW),
          Map.entry("mqtt.max-qos", CONNECT),
          Map.entry("mqtt.redirect", CONNECT),
          Map.entry("mqtt.response-information", CONNECT),
          Map.entry("mqtt.acknowledge", CONNECT),
          Map.entry("rewrite", NOW),
          Map.entry("metrics.slow-subscribers", NOW),
          Map.entry("log.level", NOW));

  /// @param key without the indexes of lists
  static Effect of(String key) {
    for (String at = key; ; at = at.substring(0, at.lastIndexOf('.'))) {
      Effect found = BY_KEY.get(at);
      if (found != null) {
        return found;
      }
      if (at.indexOf('.') < 0) {
        return RESTART;
      }
    }
  }

  /// As documents and the API say it.
  public String word() {
    return Spelling.kebab(this);
  }
}
