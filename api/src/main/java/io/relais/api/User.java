package io.relais.api;

import java.util.List;

/// A user of MQTT.
///
/// @param source `store`: made by the API; `file`: of the password file, not to be changed here
/// @param groups that rules may name
public record User(String username, String source, List<String> groups) {}
