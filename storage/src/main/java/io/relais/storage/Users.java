package io.relais.storage;

import java.util.Collections;
import java.util.NavigableSet;
import java.util.concurrent.ConcurrentSkipListMap;
import org.jspecify.annotations.Nullable;

/// The users that the state holds, each with the hash of a password.
///
/// Owner: the applier; any thread may ask. Limits: none of its own, users are made by
/// administrators.
public final class Users {
  private final ConcurrentSkipListMap<String, String> hashes = new ConcurrentSkipListMap<>();

  Users() {}

  /// @return as it was put there; null: no such user
  public @Nullable String passwordHash(String username) {
    return hashes.get(username);
  }

  /// A view of all names, sorted, which changes with them.
  public NavigableSet<String> names() {
    return Collections.unmodifiableNavigableSet(hashes.navigableKeySet());
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
