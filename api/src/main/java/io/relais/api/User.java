package io.relais.api;

/// A user of MQTT.
///
/// @param source `store`: made by the API; `file`: of the password file, not to be changed here
public record User(String username, String source) {}
