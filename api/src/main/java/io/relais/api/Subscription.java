package io.relais.api;

import org.jspecify.annotations.Nullable;

/// A subscription of a client.
///
/// @param filter as the client wrote it
/// @param subscriptionId of MQTT 5.0; null: none
public record Subscription(
    String clientId,
    String filter,
    int qos,
    boolean noLocal,
    boolean retainAsPublished,
    int retainHandling,
    @Nullable Integer subscriptionId) {}
