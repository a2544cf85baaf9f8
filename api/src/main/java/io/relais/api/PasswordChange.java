package io.relais.api;

import com.fasterxml.jackson.annotation.JsonProperty;
import org.jspecify.annotations.Nullable;

/// A new password for the account that asks.
public record PasswordChange(
    @Nullable String current, @JsonProperty("new") @Nullable String wanted) {
  @Override
  public String toString() {
    return "PasswordChange[]";
  }
}
