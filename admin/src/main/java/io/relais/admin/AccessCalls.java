package io.relais.admin;

import io.relais.api.Account;
import io.relais.api.AuditEntry;
import io.relais.api.Key;
import io.relais.api.Role;
import io.relais.api.Rule;
import io.relais.api.RulesTried;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Who may use the API and what clients may do: accounts, keys, rules, and what was changed.
final class AccessCalls {
  private final Accounts accounts;
  private final Tokens tokens;
  private final Scopes scopes;
  private final Authorization rules;
  private final Audit audit;

  AccessCalls(Accounts accounts, Tokens tokens, Scopes scopes, Authorization rules, Audit audit) {
    this.accounts = accounts;
    this.tokens = tokens;
    this.scopes = scopes;
    this.rules = rules;
    this.audit = audit;
  }

  void addTo(Operations operations) {
    operations
        .get("/api/v1/accounts", Role.ADMINISTRATOR, "Accounts of the API and the dashboard")
        .givesPageOf(Account.class)
        .by(this::accounts);
    operations
        .post("/api/v1/accounts", Role.ADMINISTRATOR, "Makes an account")
        .takes(Account.class)
        .gives(Account.class)
        .creates()
        .by(this::makeAccount);
    operations
        .put("/api/v1/accounts/{username}", Role.ADMINISTRATOR, "Changes role or password")
        .takes(Account.class)
        .by(this::changeAccount);
    operations
        .delete("/api/v1/accounts/{username}", Role.ADMINISTRATOR, "Removes an account")
        .by(this::dropAccount);
    operations
        .get("/api/v1/keys", Role.ADMINISTRATOR, "Keys of programs")
        .givesPageOf(Key.class)
        .by(this::keys);
    operations
        .post("/api/v1/keys", Role.ADMINISTRATOR, "Makes a key; the answer alone shows it")
        .takes(Key.class)
        .gives(Key.class)
        .creates()
        .by(this::makeKey);
    operations.delete("/api/v1/keys/{id}", Role.ADMINISTRATOR, "Removes a key").by(this::dropKey);
    operations
        .get("/api/v1/authorization/rules", Role.OPERATOR, "Who may publish and subscribe what")
        .givesArrayOf(Rule.class)
        .by(call -> rules.inForce());
    operations
        .put("/api/v1/authorization/rules", Role.ADMINISTRATOR, "Replaces all rules")
        .takes(Rule[].class)
        .by(this::setRules);
    operations
        .post(
            "/api/v1/authorization/rules/try",
            Role.OPERATOR,
            "What other rules would change for what clients do now")
        .takes(Rule[].class)
        .looks()
        .gives(RulesTried.class)
        .by(call -> rules.tried(Arrays.asList(call.body(Rule[].class))));
    operations
        .get("/api/v1/audit", Role.ADMINISTRATOR, "What was changed, the newest first")
        .givesPageOf(AuditEntry.class)
        .by(call -> Pages.of(audit.newestFirst(), call, audit::get));
  }

  // ---- accounts

  private @Nullable Account account(String username) {
    Accounts.Stored stored = accounts.get(username);
    return stored == null ? null : new Account(username, stored.role(), null, stored.createdAt());
  }

  private Object accounts(Call call) {
    return Pages.of(accounts.names(), call, this::account);
  }

  private Object makeAccount(Call call) {
    Account given = call.body(Account.class);
    var check = new Check();
    String username = check.name("username", given.username());
    String password = check.password("password", given.password());
    Role role = check.present("role", given.role(), Role.VIEWER);
    check.throwIfAny();
    Instant now = Instant.now();
    if (!accounts.create(username, role, password, now)) {
      throw Failure.conflict("There is an account '" + username + "' already");
    }
    var made = new Account(username, role, null, now);
    audit.note(call, null, made);
    return made;
  }

  private Accounts.Stored existing(String username) {
    Accounts.Stored stored = accounts.get(username);
    if (stored == null) {
      throw Failure.notFound("There is no account '" + username + "'");
    }
    return stored;
  }

  private @Nullable Object changeAccount(Call call) {
    String username = call.path("username");
    Account given = call.body(Account.class);
    Accounts.Stored stored = existing(username);
    var check = new Check();
    check.require(
        given.username() == null || given.username().equals(username),
        "username",
        "is another one than in the path; accounts are not renamed");
    String password =
        given.password() == null ? null : check.password("password", given.password());
    Role role = given.role() == null ? stored.role() : given.role();
    check.require(
        role == Role.ADMINISTRATOR || !accounts.isLastAdministrator(username),
        "role",
        "this is the last administrator");
    check.throwIfAny();
    Account before = account(username);
    accounts.change(username, stored, role, password);
    if (password != null) {
      tokens.closeOthers(username, call.caller().tokenId());
    }
    audit.note(call, before, account(username));
    return null;
  }

  private @Nullable Object dropAccount(Call call) {
    String username = call.path("username");
    existing(username);
    if (accounts.isLastAdministrator(username)) {
      throw Failure.conflict("This is the last administrator");
    }
    Account before = account(username);
    accounts.drop(username);
    tokens.closeOthers(username, "");
    audit.note(call, before, null);
    return null;
  }

  // ---- keys

  private @Nullable Key key(String id) {
    Tokens.StoredKey stored = tokens.key(id);
    return stored == null
        ? null
        : new Key(
            id,
            stored.name(),
            stored.role(),
            null,
            stored.createdAt(),
            stored.expiresAt(),
            stored.scopes());
  }

  private Object keys(Call call) {
    return Pages.of(tokens.keyIds(), call, this::key);
  }

  private Object makeKey(Call call) {
    Key given = call.body(Key.class);
    Instant now = Instant.now();
    var check = new Check();
    String name = check.name("name", given.name());
    Role role = check.present("role", given.role(), Role.VIEWER);
    check.require(given.id() == null, "id", "is made by the server");
    check.require(given.key() == null, "key", "is made by the server");
    check.require(
        given.expiresAt() == null || given.expiresAt().isAfter(now), "expiresAt", "is past");
    List<String> bounds = scopes.checked(given.scopes(), role, call.caller(), check);
    check.throwIfAny();
    Tokens.Made made = tokens.makeKey(name, role, given.expiresAt(), bounds, now);
    audit.note(call, null, key(made.id()));
    return new Key(made.id(), name, role, made.key(), now, given.expiresAt(), bounds);
  }

  private @Nullable Object dropKey(Call call) {
    String id = call.path("id");
    Key before = key(id);
    if (!tokens.dropKey(id)) {
      throw Failure.notFound("There is no key '" + id + "'");
    }
    audit.note(call, before, null);
    return null;
  }

  // ---- rules

  private @Nullable Object setRules(Call call) {
    List<Rule> before = rules.inForce();
    List<Rule> wanted = Arrays.asList(call.body(Rule[].class));
    rules.set(wanted);
    audit.note(call, before, wanted);
    return null;
  }
}
