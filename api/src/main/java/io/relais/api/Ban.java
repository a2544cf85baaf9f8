package io.relais.api;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/// Clients that may not connect.
///
/// @param id made by the server, like createdAt and by
/// @param reason for operators; clients are not told
/// @param until null: for ever
/// @param by the account, the name of a key, or `flapping`
public record Ban(
    @Nullable String id,
    @Nullable BanKind kind,
    @Nullable String value,
    @Nullable String reason,
    @Nullable Instant createdAt,
    @Nullable Instant until,
    @Nullable String by) {}
