package io.relais.api;

import org.jspecify.annotations.Nullable;

/// One rule of who may publish and subscribe what; of a list the first that matches decides.
///
/// @param effect `allow` or `deny`
/// @param action `publish`, `subscribe` or `all`, which is the default
/// @param filter with `%u` for the user name and `%c` for the client id
/// @param address one, or a range like `10.0.0.0/8`
/// @param certificate common name of the client's certificate
/// @param group that the client is in
/// @param maxQos null: 2
/// @param retain publishing with this flag only; null: either
public record Rule(
    @Nullable String effect,
    @Nullable String action,
    @Nullable String filter,
    @Nullable String username,
    @Nullable String clientId,
    @Nullable String address,
    @Nullable String certificate,
    @Nullable String group,
    @Nullable Integer maxQos,
    @Nullable Boolean retain) {}
