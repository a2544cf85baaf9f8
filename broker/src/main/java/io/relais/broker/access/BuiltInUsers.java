package io.relais.broker.access;

import io.relais.protocol.ReasonCode;
import io.relais.storage.Users;
import java.nio.charset.StandardCharsets;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// The users with passwords: those of the password file, if there is one, and those that the state
/// holds; where both have a name, the file decides.
///
/// Owner: any thread. Limits: those of [Passwords]; who comes then is refused as busy.
public final class BuiltInUsers implements AuthenticationSource {
  private final @Nullable PasswordFile file;
  private final Users stored;
  private final Passwords passwords;
  private final boolean followed;

  /// @param file null: none is configured
  /// @param stored those of the state
  public BuiltInUsers(@Nullable PasswordFile file, Users stored, Passwords passwords) {
    this(file, stored, passwords, false);
  }

  /// @param followed whether a source after this one may know who is unknown here; such a client is
  ///   passed on at once, not after the time that a wrong password takes
  public BuiltInUsers(
      @Nullable PasswordFile file, Users stored, Passwords passwords, boolean followed) {
    this.followed = followed;
    this.file = file;
    this.stored = stored;
    this.passwords = passwords;
  }

  @Override
  public String name() {
    return "users";
  }

  /// A password file counts as soon as it is configured, the state once it has a user.
  @Override
  public boolean isConfigured() {
    return file != null || !stored.isEmpty();
  }

  /// Those of the password file, sorted.
  public Set<String> namesInFile() {
    return file == null ? Set.of() : new TreeSet<>(file.names());
  }

  @Override
  public void authenticate(
      Client client,
      @Nullable String username,
      byte @Nullable [] password,
      Consumer<Answer> answer) {
    if (username == null && password == null || !isConfigured()) {
      answer.accept(Answer.ABSTAIN);
      return;
    }
    String hash = username == null ? null : hash(username);
    if (hash == null && followed) {
      answer.accept(Answer.ABSTAIN);
      return;
    }
    String given = password == null ? "" : new String(password, StandardCharsets.UTF_8);
    try {
      passwords.check(
          String.valueOf(username),
          given,
          hash,
          right ->
              answer.accept(
                  right
                      ? new Answer.Accept(username)
                      : new Answer.Refuse(
                          ReasonCode.BAD_USER_NAME_OR_PASSWORD,
                          hash == null ? "unknown user" : "wrong password")));
    } catch (RejectedExecutionException e) {
      answer.accept(
          new Answer.Refuse(
              ReasonCode.SERVER_BUSY, Passwords.WAITING_MAX + " log-ins are waiting already"));
    }
  }

  private @Nullable String hash(String username) {
    String inFile = file == null ? null : file.passwordHash(username);
    return inFile == null ? stored.passwordHash(username) : inFile;
  }
}
