package io.relais.api;

import org.jspecify.annotations.Nullable;

/// A name with a password: what signs in. Never an answer.
public record Credentials(@Nullable String username, @Nullable String password) {
  @Override
  public String toString() {
    return "Credentials[" + username + "]";
  }
}
