package io.relais.api;

import com.fasterxml.jackson.annotation.JsonProperty;

/// What a ban is about. Patterns have `*` for any run of characters and `?` for one.
public enum BanKind {
  /// A client id.
  @JsonProperty("client")
  CLIENT,
  /// A user name.
  @JsonProperty("user")
  USER,
  /// One address, or a range like `10.0.0.0/8`.
  @JsonProperty("address")
  ADDRESS,
  /// Client ids.
  @JsonProperty("client-pattern")
  CLIENT_PATTERN,
  /// User names.
  @JsonProperty("user-pattern")
  USER_PATTERN
}
