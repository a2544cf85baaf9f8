package io.relais.server.config;

import org.jspecify.annotations.Nullable;

/// What is measured, and where it goes besides `/metrics`.
public record MetricsConfiguration(
    @Key("Subscribers that are slow.") SlowSubscribersConfiguration slowSubscribers,
    @Key("Sends metrics to a collector by OpenTelemetry's protocol. Left out: nowhere.")
        @Nullable OtlpConfiguration otlp) {}
