package io.relais.api;

/// A listener for MQTT.
///
/// @param transport `tcp`, `tls`, `websocket`, `secure-websocket` or `unix`
/// @param bind as configured
/// @param address with the port that it has
/// @param connections that came by it and are open, also those whose client is not known yet
public record Listener(
    String name,
    String transport,
    String bind,
    String address,
    boolean allowAnonymous,
    int connections) {}
