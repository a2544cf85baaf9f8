package io.relais.api;

import org.jspecify.annotations.Nullable;

/// A name with a password: what signs in, and what makes a user of MQTT. Never an answer.
///
/// @param username of a user that is changed it stands in the path and may be left out
public record Credentials(@Nullable String username, @Nullable String password) {
  @Override
  public String toString() {
    return "Credentials[" + username + "]";
  }
}
