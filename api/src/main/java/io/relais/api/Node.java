package io.relais.api;

import org.jspecify.annotations.Nullable;

/// A node.
///
/// @param state `ready`, `starting`, `no-quorum`, `draining` or `gone`
/// @param role `single`, `leader`, `follower` or `listener`
/// @param address where it is reached by other nodes; of a single node where its API is
public record Node(
    String id,
    String version,
    String state,
    String role,
    @Nullable String address,
    int connections,
    long uptimeSeconds) {}
