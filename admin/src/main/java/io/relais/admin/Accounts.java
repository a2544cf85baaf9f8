package io.relais.admin;

import io.relais.api.Role;
import io.relais.broker.Administration;
import io.relais.broker.access.Passwords;
import java.time.Instant;
import java.util.NavigableSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.RejectedExecutionException;
import org.jspecify.annotations.Nullable;

/// Who may sign in.
///
/// Owner: any thread; the state is behind it.
final class Accounts {
  /// The account that a fresh node begins with.
  static final String FIRST = "admin";

  static final String FIRST_PASSWORD = "public";

  record Stored(Role role, String passwordHash, Instant createdAt) {
    @Override
    public String toString() {
      return "Stored[" + role + "]";
    }
  }

  private final Shelf<Stored> shelf;
  private final Passwords passwords;

  Accounts(Administration broker, Passwords passwords) {
    this.shelf = new Shelf<>(broker, "accounts", Stored.class);
    this.passwords = passwords;
  }

  /// Nobody ever set a password.
  boolean isFresh() {
    return shelf.isEmpty();
  }

  @Nullable Stored get(String username) {
    return shelf.get(username);
  }

  NavigableSet<String> names() {
    return shelf.ids();
  }

  /// @return the account; null: there is none, or the password is wrong
  @Nullable Stored signIn(String username, String password) {
    Stored account = shelf.get(username);
    var right = new CompletableFuture<Boolean>();
    try {
      passwords.check(
          username, password, account == null ? null : account.passwordHash(), right::complete);
    } catch (RejectedExecutionException e) {
      throw Failure.unavailable("Too many sign-ins are waiting");
    }
    return Answers.await(right) ? account : null;
  }

  /// @return false if there is one already
  boolean create(String username, Role role, String password, Instant now) {
    return shelf.create(username, new Stored(role, Passwords.hash(password), now));
  }

  void change(String username, Stored account, Role role, @Nullable String password) {
    String hash = password == null ? account.passwordHash() : Passwords.hash(password);
    shelf.put(username, new Stored(role, hash, account.createdAt()));
  }

  boolean drop(String username) {
    return shelf.drop(username);
  }

  /// Whether this is the only administrator that is left.
  boolean isLastAdministrator(String username) {
    Stored account = shelf.get(username);
    return account != null
        && account.role() == Role.ADMINISTRATOR
        && names().stream()
            .filter(name -> !name.equals(username))
            .map(shelf::get)
            .noneMatch(other -> other != null && other.role() == Role.ADMINISTRATOR);
  }
}
