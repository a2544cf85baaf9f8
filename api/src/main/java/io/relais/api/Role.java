package io.relais.api;

import com.fasterxml.jackson.annotation.JsonProperty;

/// What an account may do. Each may do what those below it may.
public enum Role {
  /// Everything, accounts, users and rules included.
  @JsonProperty("administrator")
  ADMINISTRATOR,
  /// Runs the broker: disconnects, publishes, explains.
  @JsonProperty("operator")
  OPERATOR,
  /// Looks.
  @JsonProperty("viewer")
  VIEWER;

  public boolean includes(Role other) {
    return compareTo(other) <= 0;
  }
}
