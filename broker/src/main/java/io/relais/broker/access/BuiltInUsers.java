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
  private volatile @Nullable PasswordFile file;
  private final Users stored;
  private final Passwords passwords;
  private volatile boolean followed;
  private volatile @Nullable Renewal renewal;

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

  /// Goes by another file from now on; see the constructor.
  public void change(@Nullable PasswordFile otherFile, boolean nowFollowed) {
    file = otherFile;
    followed = nowFollowed;
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
    PasswordFile now = file;
    return now == null ? Set.of() : new TreeSet<>(now.names());
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
    PasswordFile now = file;
    String inFile = username == null || now == null ? null : now.passwordHash(username);
    String inState = username == null || inFile != null ? null : stored.passwordHash(username);
    String hash = inFile == null ? inState : inFile;
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
          right -> {
            answer.accept(
                right
                    ? new Answer.Accept(username, inState == null ? Grant.NONE : Grant.STORED_USER)
                    : new Answer.Refuse(
                        ReasonCode.BAD_USER_NAME_OR_PASSWORD,
                        hash == null ? "unknown user" : "wrong password"));
            if (right && username != null && inState != null && Passwords.isForeign(inState)) {
              renew(username, given, inState);
            }
          });
    } catch (RejectedExecutionException e) {
      answer.accept(
          new Answer.Refuse(
              ReasonCode.SERVER_BUSY, Passwords.WAITING_MAX + " log-ins are waiting already"));
    }
  }

  /// Who replaces the hash of a user of the state by one of ours.
  ///
  /// @param told of the user name, the hash that it must still have, and the new one; on a thread
  ///   of the passwords
  public void renewHashesBy(Renewal told) {
    renewal = told;
  }

  /// Gets a hash for one that was made elsewhere.
  public interface Renewal {
    void renew(String username, String ofHash, String passwordHash);
  }

  /// The password is known at this moment only.
  private void renew(String username, String given, String ofHash) {
    Renewal by = renewal;
    if (by != null) {
      by.renew(username, ofHash, Passwords.hash(given));
    }
  }
}
