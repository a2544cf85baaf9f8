package io.relais.api;

import org.jspecify.annotations.Nullable;

/// A message that a client was sent and has not acknowledged to the end.
///
/// @param state `sent`: PUBACK or PUBREC is missing; `released`: PUBCOMP is
/// @param topic null: it is not kept, since the session ends with its connection, or it is done
///   with
public record InFlightMessage(
    long sequence, int packetId, int qos, String state, @Nullable String topic) {}
