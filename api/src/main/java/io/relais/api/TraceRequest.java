package io.relais.api;

import org.jspecify.annotations.Nullable;

/// What is to be recorded. One of the client, the user, the address and the topic says of whom.
///
/// @param name letters, digits, `.`, `_` and `-`, up to 64
/// @param address one, or a range like `10.0.0.0/8`
/// @param topic a filter: what becomes of the messages that it takes in
/// @param seconds 1 to 86400; null: 300
/// @param maxBytes of the recording; null: 16 MiB
/// @param payloadBytes of each message, up to 65536; null: no payloads
public record TraceRequest(
    @Nullable String name,
    @Nullable String clientId,
    @Nullable String username,
    @Nullable String address,
    @Nullable String topic,
    @Nullable Integer seconds,
    @Nullable Long maxBytes,
    @Nullable Integer payloadBytes) {}
