package io.relais.admin;

import io.relais.api.Role;
import java.time.Instant;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// Who asks.
///
/// @param name of the account or the key
/// @param tokenId of the session; empty for a key
/// @param mustChange the password, before anything else
/// @param expiresAt of the token or key; null: never
/// @param scopes that it is bounded to; null: to none, its role alone counts
record Caller(
    String name,
    Role role,
    String tokenId,
    boolean mustChange,
    @Nullable Instant expiresAt,
    @Nullable Set<String> scopes) {
  /// Before the name of a key, so that it is never taken for an account.
  static final String KEY = "key ";

  Caller {
    scopes = scopes == null ? null : Set.copyOf(scopes);
  }

  /// The name without what it is.
  String plainName() {
    return tokenId.isEmpty() ? name.substring(KEY.length()) : name;
  }

  boolean hasScope(String scope) {
    return scopes == null || scopes.contains(scope);
  }

  /// @throws Failure if what is needed is missing
  void needs(Role role, String scope) {
    if (!this.role.includes(role)) {
      throw Failure.forbidden(
          "This needs the role %s, and %s has the role %s"
              .formatted(Front.label(role), name, Front.label(this.role)));
    }
    if (scopes != null && !scopes.contains(scope)) {
      throw Failure.forbidden(
          "This needs the scope %s, and %s has %s"
              .formatted(scope, name, String.join(", ", scopes.stream().sorted().toList())));
    }
  }
}
