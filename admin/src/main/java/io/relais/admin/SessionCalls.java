package io.relais.admin;

import io.relais.api.Credentials;
import io.relais.api.PasswordChange;
import io.relais.api.Role;
import io.relais.api.Session;
import io.relais.api.SignedIn;
import java.time.Instant;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/// Signing in and out.
final class SessionCalls {
  private final Accounts accounts;
  private final Tokens tokens;
  private final SignInLimits limits = new SignInLimits();
  private final Audit audit;
  private final boolean knownPassword;

  /// @param knownPassword whether a fresh node lets `admin`/`public` in from this machine
  SessionCalls(Accounts accounts, Tokens tokens, Audit audit, boolean knownPassword) {
    this.accounts = accounts;
    this.tokens = tokens;
    this.audit = audit;
    this.knownPassword = knownPassword;
  }

  void addTo(Operations operations) {
    operations
        .open("POST", "/api/v1/session", "Signs in")
        .takes(Credentials.class)
        .gives(Session.class)
        .by(this::signIn);
    operations
        .get("/api/v1/session", Role.VIEWER, "Who asks, and until when")
        .gives(SignedIn.class)
        .by(SessionCalls::whoAsks);
    operations
        .put("/api/v1/session/password", Role.VIEWER, "Changes the password of who asks")
        .takes(PasswordChange.class)
        .by(this::changePassword);
    operations.delete("/api/v1/session", Role.VIEWER, "Signs out").by(this::signOut);
  }

  private Session signIn(Call call) {
    Credentials given = call.body(Credentials.class);
    var check = new Check();
    String username = check.present("username", given.username(), "");
    String password = check.present("password", given.password(), "");
    check.throwIfAny();
    long seconds = TimeUnit.NANOSECONDS.toSeconds(System.nanoTime());
    long wait = limits.waitSeconds(username, call.address(), seconds);
    if (wait > 0) {
      throw Failure.tooManyAttempts(wait);
    }
    Instant now = Instant.now();
    boolean first =
        knownPassword
            && accounts.isFresh()
            && username.equals(Accounts.FIRST)
            && password.equals(Accounts.FIRST_PASSWORD)
            && Locality.isLocal(call.exchange());
    @Nullable Role role = first ? Role.ADMINISTRATOR : null;
    if (!first) {
      Accounts.Stored account = accounts.signIn(username, password);
      role = account == null ? null : account.role();
    }
    if (role == null) {
      limits.failed(username, call.address(), seconds);
      throw Failure.unauthorized("Unknown account or wrong password");
    }
    limits.succeeded(username, call.address());
    return new Session(tokens.open(username, first, now), now.plus(Tokens.LIFE), role, first);
  }

  private static SignedIn whoAsks(Call call) {
    Caller caller = call.caller();
    return new SignedIn(caller.plainName(), caller.role(), caller.expiresAt(), caller.mustChange());
  }

  private @Nullable Object changePassword(Call call) {
    Caller caller = call.caller();
    if (caller.tokenId().isEmpty()) {
      throw Failure.forbidden("A key has no password");
    }
    PasswordChange change = call.body(PasswordChange.class);
    var check = new Check();
    String current = check.present("current", change.current(), "");
    String wanted = check.password("new", change.wanted());
    check.require(
        wanted.isEmpty() || !wanted.equals(current), "new", "is the password that stands already");
    check.throwIfAny();
    if (caller.mustChange()) {
      if (!current.equals(Accounts.FIRST_PASSWORD)) {
        throw Failure.invalid("current", "is wrong");
      }
      check.require(
          accounts.create(caller.name(), Role.ADMINISTRATOR, wanted, Instant.now()),
          "new",
          "somebody else has set the password meanwhile");
      check.throwIfAny();
    } else {
      Accounts.Stored account = accounts.signIn(caller.name(), current);
      if (account == null) {
        throw Failure.invalid("current", "is wrong");
      }
      accounts.change(caller.name(), account, account.role(), wanted);
    }
    tokens.settle(caller.tokenId(), caller.name(), Instant.now());
    tokens.closeOthers(caller.name(), caller.tokenId());
    audit.note(call, null, null);
    return null;
  }

  private @Nullable Object signOut(Call call) {
    if (call.caller().tokenId().isEmpty()) {
      throw Failure.forbidden("A key is deleted by DELETE /api/v1/keys/{id}");
    }
    tokens.close(call.caller().tokenId());
    return null;
  }
}
