package io.relais.api;

import org.jspecify.annotations.Nullable;

/// A message that somebody might publish.
public record ExplainPublish(
    @Nullable String clientId,
    @Nullable String username,
    @Nullable String address,
    @Nullable String topic,
    @Nullable Integer qos,
    @Nullable Boolean retain) {}
