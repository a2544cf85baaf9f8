package io.relais.api;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/// A session that outlives its connection.
///
/// @param expirySeconds after the connection ends; null: never
/// @param endsAt null: not as long as the client is connected, or never
/// @param queuedMessages with those in flight
/// @param will whether a will waits
public record KeptSession(
    String clientId,
    boolean connected,
    @Nullable Long expirySeconds,
    @Nullable Instant endsAt,
    int subscriptions,
    int queuedMessages,
    long queuedBytes,
    boolean will) {}
