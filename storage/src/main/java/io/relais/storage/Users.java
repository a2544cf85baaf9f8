package io.relais.storage;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/// The users that the state holds, each with the hash of a password.
///
/// Owner: the applier; any thread may ask. Limits: none of its own, users are made by
/// administrators.
public final class Users {
  private final Map<String, String> hashes = new ConcurrentHashMap<>();

  Users() {}

  /// @return as it was put there; null: no such user
  public @Nullable String passwordHash(String username) {
    return hashes.get(username);
  }

  public boolean isEmpty() {
    return hashes.isEmpty();
  }

  void put(String username, String passwordHash) {
    hashes.put(username, passwordHash);
  }

  /// @return whether there was such a user
  boolean drop(String username) {
    return hashes.remove(username) != null;
  }
}
