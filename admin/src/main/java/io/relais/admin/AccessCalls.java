package io.relais.admin;

import io.relais.api.Account;
import io.relais.api.AuditEntry;
import io.relais.api.Credentials;
import io.relais.api.Key;
import io.relais.api.Role;
import io.relais.api.Rule;
import io.relais.api.User;
import io.relais.broker.Administration;
import io.relais.broker.access.BuiltInUsers;
import io.relais.broker.access.Passwords;
import io.relais.storage.Command;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/// Who may use the API and who may use the broker: accounts, keys, users, rules, and what was
/// changed.
final class AccessCalls {
  private final Administration broker;
  private final BuiltInUsers users;
  private final Accounts accounts;
  private final Tokens tokens;
  private final Authorization rules;
  private final Audit audit;

  AccessCalls(
      Administration broker,
      BuiltInUsers users,
      Accounts accounts,
      Tokens tokens,
      Authorization rules,
      Audit audit) {
    this.broker = broker;
    this.users = users;
    this.accounts = accounts;
    this.tokens = tokens;
    this.rules = rules;
    this.audit = audit;
  }

  void addTo(Operations operations) {
    operations
        .get("/api/v1/users", Role.OPERATOR, "Users of MQTT")
        .givesPageOf(User.class)
        .by(this::users);
    operations
        .post("/api/v1/users", Role.ADMINISTRATOR, "Makes a user")
        .takes(Credentials.class)
        .gives(User.class)
        .creates()
        .by(this::makeUser);
    operations
        .put("/api/v1/users/{username}", Role.ADMINISTRATOR, "Changes the password of a user")
        .takes(Credentials.class)
        .by(this::changeUser);
    operations
        .delete("/api/v1/users/{username}", Role.ADMINISTRATOR, "Removes a user")
        .by(this::dropUser);
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
        .get("/api/v1/audit", Role.ADMINISTRATOR, "What was changed, the newest first")
        .givesPageOf(AuditEntry.class)
        .by(call -> Pages.of(audit.newestFirst(), call, audit::get));
  }

  // ---- users

  private Object users(Call call) {
    Set<String> inFile = users.namesInFile();
    var names = new TreeSet<String>(broker.users().names());
    names.addAll(inFile);
    return Pages.of(names, call, name -> new User(name, inFile.contains(name) ? "file" : "store"));
  }

  private void notInFile(String username) {
    if (users.namesInFile().contains(username)) {
      throw Failure.conflict(
          "The user '%s' is in the password file, which decides; 'relais passwd' changes it there"
              .formatted(username));
    }
  }

  private Object makeUser(Call call) {
    Credentials given = call.body(Credentials.class);
    var check = new Check();
    String username = check.name("username", given.username());
    String password = check.password("password", given.password());
    check.throwIfAny();
    notInFile(username);
    if (put(username, password, true)) {
      throw Failure.conflict("There is a user '" + username + "' already");
    }
    var made = new User(username, "store");
    audit.note(call, null, made);
    return made;
  }

  /// @return whether there was one
  private boolean put(String username, String password, boolean isNew) {
    return Answers.found(
        broker.submit(new Command.PutUser(username, Passwords.hash(password), isNew)));
  }

  private @Nullable Object changeUser(Call call) {
    String username = call.path("username");
    Credentials given = call.body(Credentials.class);
    var check = new Check();
    check.require(
        given.username() == null || given.username().equals(username),
        "username",
        "is another one than in the path; users are not renamed");
    String password = check.password("password", given.password());
    check.throwIfAny();
    notInFile(username);
    if (broker.users().passwordHash(username) == null) {
      throw noUser(username);
    }
    put(username, password, false);
    var user = new User(username, "store");
    audit.note(call, user, user);
    return null;
  }

  private static Failure noUser(String username) {
    return Failure.notFound("There is no user '" + username + "'");
  }

  private @Nullable Object dropUser(Call call) {
    String username = call.path("username");
    notInFile(username);
    if (!Answers.found(broker.submit(new Command.DropUser(username)))) {
      throw noUser(username);
    }
    audit.note(call, new User(username, "store"), null);
    return null;
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
        : new Key(id, stored.name(), stored.role(), null, stored.createdAt(), stored.expiresAt());
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
    check.throwIfAny();
    Tokens.Made made = tokens.makeKey(name, role, given.expiresAt(), now);
    audit.note(call, null, key(made.id()));
    return new Key(made.id(), name, role, made.key(), now, given.expiresAt());
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
