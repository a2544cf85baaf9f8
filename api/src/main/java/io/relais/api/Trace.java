package io.relais.api;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/// A recording of what a client, a user, an address did, or of what became of messages.
///
/// @param state `running` or `finished`
/// @param endedBy `time`, `size`, `stopped` (by somebody), `node` (it ended meanwhile), `disk` (it
///   is nearly full, or failed); null: it runs
/// @param entries so far
/// @param bytes of the recording so far
/// @param dropped entries that came faster than they could be written
/// @param by the account or key that began it
public record Trace(
    String name,
    @Nullable String clientId,
    @Nullable String username,
    @Nullable String address,
    @Nullable String topic,
    int seconds,
    long maxBytes,
    int payloadBytes,
    String state,
    Instant startedAt,
    @Nullable Instant endedAt,
    @Nullable String endedBy,
    long entries,
    long bytes,
    long dropped,
    String by) {}
