package io.relais.broker;

import org.jspecify.annotations.Nullable;

/// A message that somebody did not get.
///
/// @param number counts the records of a node, from 1
/// @param timeMillis since 1970
/// @param reason one of those that [Counter#isDrop] knows
/// @param clientId who did not get it, or the filter of a shared group; null: nobody in particular
/// @param publisher its client id; null: the broker itself
/// @param qos as it was to be delivered, or published
public record Drop(
    long number,
    long timeMillis,
    Counter reason,
    String topic,
    @Nullable String clientId,
    @Nullable String publisher,
    int qos,
    int payloadBytes) {}
