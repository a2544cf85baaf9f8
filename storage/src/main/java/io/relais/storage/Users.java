package io.relais.storage;

import java.util.Collections;
import java.util.List;
import java.util.NavigableSet;
import java.util.concurrent.ConcurrentSkipListMap;
import org.jspecify.annotations.Nullable;

/// The users that the state holds, each with the hash of a password and the groups that it is in.
///
/// Owner: the applier; any thread may ask. Limits: none of its own, users are made by
/// administrators.
public final class Users {
  /// What is kept of one.
  record Kept(String passwordHash, List<String> groups) {
    Kept {
      groups = List.copyOf(groups);
    }
  }

  private final ConcurrentSkipListMap<String, Kept> kept = new ConcurrentSkipListMap<>();

  Users() {}

  /// @return as it was put there; null: no such user
  public @Nullable String passwordHash(String username) {
    Kept user = kept.get(username);
    return user == null ? null : user.passwordHash();
  }

  /// @return in the order in which they were given; none of a user that there is not
  public List<String> groups(String username) {
    Kept user = kept.get(username);
    return user == null ? List.of() : user.groups();
  }

  /// A view of all names, sorted, which changes with them.
  public NavigableSet<String> names() {
    return Collections.unmodifiableNavigableSet(kept.navigableKeySet());
  }

  public boolean isEmpty() {
    return kept.isEmpty();
  }

  @Nullable Kept get(String username) {
    return kept.get(username);
  }

  void put(String username, Kept user) {
    kept.put(username, user);
  }

  /// @return whether there was such a user
  boolean drop(String username) {
    return kept.remove(username) != null;
  }
}
