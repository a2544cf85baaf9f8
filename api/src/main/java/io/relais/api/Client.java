package io.relais.api;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/// A client, connected or away.
///
/// @param username null: anonymous, or away
/// @param address null, like protocol, node, listener and connectedAt: away
/// @param protocol `3.1`, `3.1.1` or `5.0`
/// @param sessionExpirySeconds null: never
/// @param queuedMessages that wait, without those in flight
public record Client(
    String clientId,
    @Nullable String username,
    @Nullable String address,
    @Nullable String protocol,
    boolean connected,
    @Nullable String node,
    int keepAliveSeconds,
    @Nullable Long sessionExpirySeconds,
    int subscriptions,
    long queuedMessages,
    int inFlightMessages,
    @Nullable String listener,
    @Nullable Instant connectedAt,
    boolean persistent) {}
