package io.relais.api;

import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// A key for programs, which takes the place of a session's token.
///
/// @param id made by the server
/// @param key in the answer to its making only: nobody can read it again
/// @param expiresAt null: never
/// @param scopes that it is bounded to, like `clients:read`; null: its role alone counts
public record Key(
    @Nullable String id,
    @Nullable String name,
    @Nullable Role role,
    @Nullable String key,
    @Nullable Instant createdAt,
    @Nullable Instant expiresAt,
    @Nullable List<String> scopes) {
  @Override
  public String toString() {
    return "Key[%s, %s]".formatted(id, role);
  }
}
