package io.relais.admin;

import io.relais.api.AuthenticationSource;
import io.relais.api.ImportedUser;
import io.relais.api.Items;
import io.relais.api.Role;
import io.relais.api.User;
import io.relais.api.UserChange;
import io.relais.api.UsersImported;
import io.relais.api.UsersImported.Refusal;
import io.relais.broker.Administration;
import io.relais.broker.access.Authentication;
import io.relais.broker.access.BuiltInUsers;
import io.relais.broker.access.Groups;
import io.relais.broker.access.Passwords;
import io.relais.storage.Command;
import io.relais.storage.Outcome;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/// The users of MQTT that have passwords here.
final class UserCalls {
  private final Administration broker;
  private final BuiltInUsers users;
  private final Audit audit;

  UserCalls(Administration broker, BuiltInUsers users, Audit audit) {
    this.broker = broker;
    this.users = users;
    this.audit = audit;
  }

  void addTo(Operations operations) {
    operations
        .get("/api/v1/authentication", Role.OPERATOR, "What credentials are checked against")
        .givesPageOf(AuthenticationSource.class)
        .by(
            call ->
                new Items<>(broker.authentication().stream().map(UserCalls::told).toList(), null));
    operations
        .get("/api/v1/users", Role.OPERATOR, "Users of MQTT")
        .query("filter", String.class, "Only names that hold this text, in any letter case")
        .givesPageOf(User.class)
        .by(this::users);
    operations
        .post("/api/v1/users", Role.ADMINISTRATOR, "Makes a user")
        .takes(UserChange.class)
        .gives(User.class)
        .creates()
        .by(this::makeUser);
    operations
        .post("/api/v1/users/import", Role.ADMINISTRATOR, "Makes users of a file")
        .query("format", String.class, "csv, json or mosquitto; needed")
        .query("replace", boolean.class, "Whether users that there are get what the file says")
        .query("dryRun", boolean.class, "Whether to say only what would come of it")
        .takesText(ImportedUser[].class, "text/csv", "text/plain")
        .gives(UsersImported.class)
        .by(this::importUsers);
    operations
        .put("/api/v1/users/{username}", Role.ADMINISTRATOR, "Changes password or groups of a user")
        .takes(UserChange.class)
        .by(this::changeUser);
    operations
        .delete("/api/v1/users/{username}", Role.ADMINISTRATOR, "Removes a user")
        .by(this::dropUser);
  }

  private Object users(Call call) {
    Set<String> inFile = users.namesInFile();
    var names = new TreeSet<String>(broker.users().names());
    names.addAll(inFile);
    names.removeIf(call.holding("filter").negate());
    return Pages.of(
        names,
        call,
        name -> inFile.contains(name) ? new User(name, "file", List.of()) : user(name));
  }

  private User user(String username) {
    return new User(username, "store", broker.users().groups(username));
  }

  private void notInFile(String username) {
    if (users.namesInFile().contains(username)) {
      throw Failure.conflict(
          "The user '%s' is in the password file, which decides; 'relais passwd' changes it there"
              .formatted(username));
    }
  }

  /// @return each once, in their order
  private static @Nullable List<String> groups(@Nullable List<String> given, Check check) {
    if (given == null) {
      return null;
    }
    String problem = Groups.problem(given);
    check.none("groups", problem);
    return problem == null ? given.stream().distinct().toList() : List.of();
  }

  private Object makeUser(Call call) {
    UserChange given = call.body(UserChange.class);
    var check = new Check();
    String username = check.name("username", given.username());
    String password = check.password("password", given.password());
    List<String> groups = groups(given.groups(), check);
    check.throwIfAny();
    notInFile(username);
    if (Answers.found(
        broker.submit(
            new Command.PutUser(
                username, Passwords.hash(password), groups == null ? List.of() : groups, true)))) {
      throw Failure.conflict("There is a user '" + username + "' already");
    }
    broker.onUsersChanged(List.of(username));
    User made = user(username);
    audit.note(call, null, made);
    return made;
  }

  private @Nullable Object changeUser(Call call) {
    String username = call.path("username");
    UserChange given = call.body(UserChange.class);
    var check = new Check();
    check.require(
        given.username() == null || given.username().equals(username),
        "username",
        "is another one than in the path; users are not renamed");
    List<String> groups = groups(given.groups(), check);
    String password =
        given.password() == null && groups != null
            ? null
            : check.password("password", given.password());
    check.throwIfAny();
    notInFile(username);
    User before = user(username);
    String hash = password == null ? null : Passwords.hash(password);
    if (!Answers.found(broker.submit(new Command.ChangeUser(username, null, hash, groups)))) {
      throw noUser(username);
    }
    broker.onUsersChanged(List.of(username));
    audit.note(call, before, user(username));
    return null;
  }

  private static Failure noUser(String username) {
    return Failure.notFound("There is no user '" + username + "'");
  }

  private @Nullable Object dropUser(Call call) {
    String username = call.path("username");
    notInFile(username);
    User before = user(username);
    if (!Answers.found(broker.submit(new Command.DropUser(username)))) {
      throw noUser(username);
    }
    broker.onUsersChanged(List.of(username));
    audit.note(call, before, null);
    return null;
  }

  private static AuthenticationSource told(Authentication.Standing source) {
    return new AuthenticationSource(
        source.name(), source.configured(), source.accepted(), source.refused());
  }

  // ---- import

  /// Passwords that must be hashed here, which takes a moment each.
  private static final int HASHED_MAX = 1_000;

  private static final int NAMES_NOTED_MAX = 100;

  /// What became of the lines.
  private static final class Report {
    final List<String> added = new ArrayList<>();
    final List<String> replaced = new ArrayList<>();
    final List<Refusal> refusals = new ArrayList<>();

    void refuse(UserFile.Line line, String reason) {
      refusals.add(new Refusal(line.line(), line.user().username(), reason));
    }

    UsersImported told(boolean dryRun) {
      refusals.sort(Comparator.comparingInt(Refusal::line));
      return new UsersImported(
          dryRun, added.size(), replaced.size(), refusals.size(), List.copyOf(refusals));
    }
  }

  private Object importUsers(Call call) {
    UserFile.Format format = format(call.query("format"));
    boolean replace = call.flag("replace");
    boolean dryRun = call.flag("dryRun");
    List<UserFile.Line> lines = UserFile.read(call.text(), format);
    long toHash = lines.stream().filter(one -> one.user().password() != null).count();
    if (toHash > HASHED_MAX) {
      throw Failure.invalid(
          "body",
          "has %d passwords that must be hashed, the most is %d; import it in parts"
              .formatted(toHash, HASHED_MAX));
    }
    Report report = take(lines, replace, dryRun);
    if (!dryRun) {
      List<String> changed = new ArrayList<>(report.added);
      changed.addAll(report.replaced);
      broker.onUsersChanged(changed);
      audit.note(
          call,
          null,
          Map.of(
              "added", report.added.size(),
              "replaced", report.replaced.size(),
              "refused", report.refusals.size(),
              "users", changed.stream().limit(NAMES_NOTED_MAX).toList()));
    }
    return report.told(dryRun);
  }

  private static UserFile.Format format(@Nullable String asked) {
    for (UserFile.Format format : UserFile.Format.values()) {
      if (format.label().equals(asked)) {
        return format;
      }
    }
    throw Failure.invalid(
        "format",
        asked == null
            ? "is missing; csv, json or mosquitto"
            : "is '" + asked + "' and must be csv, json or mosquitto");
  }

  /// One that goes to the state, and what it will say.
  private record Sent(
      UserFile.Line line, String username, boolean isNew, CompletableFuture<Outcome> answer) {}

  private Report take(List<UserFile.Line> lines, boolean replace, boolean dryRun) {
    var report = new Report();
    Set<String> inFile = users.namesInFile();
    Map<String, Integer> seen = new HashMap<>();
    List<Sent> sent = new ArrayList<>(); // together they cost few waits for the disk
    for (UserFile.Line line : lines) {
      ImportedUser user = line.user();
      String username = user.username();
      String problem = problem(line, user);
      if (username == null || problem != null) {
        report.refuse(line, String.valueOf(problem));
        continue;
      }
      Integer before = seen.putIfAbsent(username, line.line());
      boolean isNew = broker.users().passwordHash(username) == null;
      if (before != null) {
        report.refuse(line, "stands in line " + before + " already");
      } else if (inFile.contains(username)) {
        report.refuse(line, "is in the password file, which decides");
      } else if (!isNew && !replace) {
        report.refuse(line, "is there already, and to replace was not asked");
      } else if (dryRun) {
        (isNew ? report.added : report.replaced).add(username);
      } else {
        sent.add(new Sent(line, username, isNew, submit(username, user, isNew)));
      }
    }
    for (Sent one : sent) {
      try {
        if (Answers.found(one.answer) == one.isNew) {
          report.refuse(one.line, "was changed by somebody else meanwhile");
        } else {
          (one.isNew ? report.added : report.replaced).add(one.username);
        }
      } catch (Failure e) { // of the store; the lines before it hold, and must be told
        report.refuse(one.line, "was not kept: " + e.getMessage());
      }
    }
    return report;
  }

  private CompletableFuture<Outcome> submit(String username, ImportedUser user, boolean isNew) {
    String hash =
        user.password() == null
            ? String.valueOf(user.passwordHash())
            : Passwords.hash(user.password());
    List<String> groups = user.groups() == null ? null : user.groups().stream().distinct().toList();
    return broker.submit(
        isNew
            ? new Command.PutUser(username, hash, groups == null ? List.of() : groups, true)
            : new Command.ChangeUser(username, null, hash, groups));
  }

  /// What keeps a line from being taken, or null.
  private static @Nullable String problem(UserFile.Line line, ImportedUser user) {
    if (line.problem() != null) {
      return line.problem();
    }
    var check = new Check();
    check.name("username", user.username());
    if (user.passwordHash() == null) {
      check.password("password", user.password());
    } else {
      check.require(user.password() == null, "password", "is given, and passwordHash too");
      check.none("hash", Passwords.problemWithHash(user.passwordHash()));
    }
    groups(user.groups(), check);
    return check.first();
  }
}
