package io.relais.broker.access;

import com.password4j.Argon2Function;
import com.password4j.Password;
import io.relais.protocol.ReasonCode;
import io.relais.storage.Users;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The users with passwords: those of the password file, if there is one, and those that the state
/// holds; where both have a name, the file decides. Passwords are checked on threads of their own,
/// since Argon2 is slow on purpose.
///
/// Owner: any thread. Limits: [#WAITING_MAX] log-ins wait, others are refused as busy.
public final class BuiltInUsers implements AuthenticationSource, AutoCloseable {
  /// How a hash begins that can be checked.
  public static final String HASH_PREFIX = "$argon2id$";

  private static final Logger LOG = LoggerFactory.getLogger(BuiltInUsers.class);
  private static final int WAITING_MAX = 10_000;

  /// Checked for users that do not exist, so that their log-in takes as long as a real one's.
  private static final String NOBODY =
      "$argon2id$v=19$m=19456,t=2,p=1$c29tZS1zYWx0LXZhbHVl$"
          + "dGhpcyBpcyBub3QgYSBoYXNoIG9mIGFueXRoaW5nISE";

  private final @Nullable PasswordFile file;
  private final Users stored;
  private final ThreadPoolExecutor pool;

  /// @param file null: none is configured
  /// @param stored those of the state
  /// @param threads that check passwords
  public BuiltInUsers(@Nullable PasswordFile file, Users stored, int threads) {
    this.file = file;
    this.stored = stored;
    this.pool =
        new ThreadPoolExecutor(
            threads,
            threads,
            10,
            TimeUnit.SECONDS,
            new ArrayBlockingQueue<>(WAITING_MAX),
            Thread.ofPlatform().daemon().name("relais-passwords-", 0).factory());
    pool.allowCoreThreadTimeOut(true);
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
    try {
      pool.execute(() -> answer.accept(check(username, password)));
    } catch (RejectedExecutionException e) {
      answer.accept(
          new Answer.Refuse(ReasonCode.SERVER_BUSY, WAITING_MAX + " log-ins are waiting already"));
    }
  }

  private Answer check(@Nullable String username, byte @Nullable [] password) {
    String hash = username == null ? null : hash(username);
    String given = password == null ? "" : new String(password, StandardCharsets.UTF_8);
    boolean right;
    try {
      String against = hash == null ? NOBODY : hash;
      right = Password.check(given, against).with(Argon2Function.getInstanceFromHash(against));
    } catch (RuntimeException e) { // a hash that is damaged
      LOG.warn("The hash of user '{}' cannot be read: {}", username, e.getMessage());
      right = false;
    }
    return right && hash != null
        ? new Answer.Accept(username)
        : new Answer.Refuse(
            ReasonCode.BAD_USER_NAME_OR_PASSWORD, hash == null ? "unknown user" : "wrong password");
  }

  private @Nullable String hash(String username) {
    String inFile = file == null ? null : file.passwordHash(username);
    return inFile == null ? stored.passwordHash(username) : inFile;
  }

  @Override
  public void close() {
    pool.shutdown();
  }
}
