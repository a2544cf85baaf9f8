package io.relais.api;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/// A key for programs, which takes the place of a session's token.
///
/// @param id made by the server
/// @param key in the answer to its making only: nobody can read it again
/// @param expiresAt null: never
public record Key(
    @Nullable String id,
    @Nullable String name,
    @Nullable Role role,
    @Nullable String key,
    @Nullable Instant createdAt,
    @Nullable Instant expiresAt) {
  @Override
  public String toString() {
    return "Key[%s, %s]".formatted(id, role);
  }
}
