package io.relais.api;

import java.util.List;
import org.jspecify.annotations.Nullable;

/// What makes a user of MQTT, or changes one. Never an answer.
///
/// @param username of a user that is changed it stands in the path and may be left out
/// @param password of a user that is changed null: stays
/// @param groups that rules may name; null: none, or of a user that is changed: they stay
public record UserChange(
    @Nullable String username, @Nullable String password, @Nullable List<String> groups) {
  @Override
  public String toString() {
    return "UserChange[" + username + "]";
  }
}
