package io.relais.server.config;

/// What is logged.
public record LogConfiguration(
    @Key(value = "The least severe level that is logged.", standard = "info") LogLevel level) {}
