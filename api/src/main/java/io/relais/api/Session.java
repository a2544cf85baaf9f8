package io.relais.api;

import java.time.Instant;

/// A session of the API.
///
/// @param token for `Authorization: Bearer`
/// @param passwordChangeRequired until `PUT /api/v1/session/password` nothing else is answered
public record Session(String token, Instant expiresAt, Role role, boolean passwordChangeRequired) {
  @Override
  public String toString() {
    return "Session[" + role + "]";
  }
}
