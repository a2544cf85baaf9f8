package io.relais.api;

import java.util.List;
import org.jspecify.annotations.Nullable;

/// One of the users that an import brings, as JSON. Never an answer.
///
/// @param password the password itself; either this or the next
/// @param passwordHash as `relais passwd` or `mosquitto_passwd` writes it
/// @param groups null: none, or of a user that is replaced: they stay
public record ImportedUser(
    @Nullable String username,
    @Nullable String password,
    @Nullable String passwordHash,
    @Nullable List<String> groups) {
  @Override
  public String toString() {
    return "ImportedUser[" + username + "]";
  }
}
