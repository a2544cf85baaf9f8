package io.relais.api;

import org.jspecify.annotations.Nullable;

/// A client that might connect. Passwords are not asked for.
///
/// @param listener by its name, as in `GET /api/v1/listeners`; null: the first
public record ExplainConnect(
    @Nullable String clientId, @Nullable String username, @Nullable String listener) {}
