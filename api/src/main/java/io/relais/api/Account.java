package io.relais.api;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/// Who signs in to the API and the dashboard.
///
/// @param createdAt null in requests
/// @param password in requests only, never an answer
public record Account(
    @Nullable String username,
    @Nullable Role role,
    @Nullable String password,
    @Nullable Instant createdAt) {
  @Override
  public String toString() {
    return "Account[%s, %s]".formatted(username, role);
  }
}
