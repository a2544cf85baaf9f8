package io.relais.storage;

import java.util.List;
import org.jspecify.annotations.Nullable;

/// What the state has of one client at a moment.
///
/// @param owner the node that it is connected to; null: it is away
/// @param expirySeconds after the connection ends; [Command#NEVER]: none
/// @param endsAtMillis log time at which it ends if the client stays away; 0: not due
/// @param queuedMessages with those in flight
public record KeptSession(
    String clientId,
    boolean persistent,
    @Nullable String owner,
    long expirySeconds,
    long endsAtMillis,
    List<StoredSubscription> subscriptions,
    int queuedMessages,
    long queuedBytes,
    boolean hasWill) {}
