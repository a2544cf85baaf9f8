package io.relais.server.config;

/// The effective value of one key, as text (secrets masked), and where it came from.
public record Setting(String key, String value, Origin origin) {}
