package io.relais.api;

import org.jspecify.annotations.Nullable;

/// A subscription that somebody might make.
public record ExplainSubscribe(
    @Nullable String clientId,
    @Nullable String username,
    @Nullable String address,
    @Nullable String filter,
    @Nullable Integer qos) {}
