package io.relais.api;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/// Who asks, by the token or the key of the request.
///
/// @param username of the account; of a key, its name
/// @param expiresAt of the token or key; null: never
/// @param passwordChangeRequired until `PUT /api/v1/session/password` nothing else is answered
public record SignedIn(
    String username, Role role, @Nullable Instant expiresAt, boolean passwordChangeRequired) {}
