package io.relais.broker.access;

import com.password4j.Argon2Function;
import com.password4j.Password;
import io.relais.protocol.ReasonCode;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The built-in users: a file with a line `user:$argon2id$...` for each, as `relais passwd` writes
/// it. Passwords are checked on threads of their own, since Argon2 is slow on purpose. A file that
/// changed is read again at the next log-in, at most once a second.
///
/// Owner: `users` is replaced as a whole; any thread. Limits: [#WAITING_MAX] log-ins wait, others
/// are refused as busy.
public final class PasswordFile implements AuthenticationSource, AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(PasswordFile.class);
  private static final int WAITING_MAX = 10_000;
  private static final long LOOK_AGAIN_NANOS = TimeUnit.SECONDS.toNanos(1);

  /// Checked for users that do not exist, so that their log-in takes as long as a real one's.
  private static final String NOBODY =
      "$argon2id$v=19$m=19456,t=2,p=1$c29tZS1zYWx0LXZhbHVl$"
          + "dGhpcyBpcyBub3QgYSBoYXNoIG9mIGFueXRoaW5nISE";

  private final Path file;
  private final ThreadPoolExecutor pool;
  private volatile Map<String, String> users;
  private volatile FileTime modified;
  private volatile long lookedNanos = System.nanoTime();

  /// @throws IOException naming the file, and the line that is not `user:hash`
  public PasswordFile(Path file, int threads) throws IOException {
    this.file = file;
    this.modified = Files.getLastModifiedTime(file);
    this.users = read(file);
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

  private static Map<String, String> read(Path file) throws IOException {
    Map<String, String> users = new HashMap<>();
    int number = 0;
    for (String line : Files.readAllLines(file, StandardCharsets.UTF_8)) {
      number++;
      if (line.isBlank() || line.startsWith("#")) {
        continue;
      }
      int colon = line.indexOf(':');
      if (colon < 1 || !line.startsWith("$argon2id$", colon + 1)) {
        throw new IOException(
            file
                + " line "
                + number
                + ": expected `user:$argon2id$...` as `relais passwd` writes it");
      }
      users.put(line.substring(0, colon), line.substring(colon + 1).trim());
    }
    return Map.copyOf(users);
  }

  @Override
  public String name() {
    return "password-file";
  }

  @Override
  public void authenticate(
      Client client,
      @Nullable String username,
      byte @Nullable [] password,
      Consumer<Answer> answer) {
    if (username == null && password == null) {
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
    readAgain();
    String hash = username == null ? null : users.get(username);
    String given = password == null ? "" : new String(password, StandardCharsets.UTF_8);
    boolean right;
    try {
      String against = hash == null ? NOBODY : hash;
      right = Password.check(given, against).with(Argon2Function.getInstanceFromHash(against));
    } catch (RuntimeException e) { // a hash that is damaged
      LOG.warn("{}: the hash of user '{}' cannot be read: {}", file, username, e.getMessage());
      right = false;
    }
    return right && hash != null
        ? new Answer.Accept(username)
        : new Answer.Refuse(
            ReasonCode.BAD_USER_NAME_OR_PASSWORD, hash == null ? "unknown user" : "wrong password");
  }

  private void readAgain() {
    long now = System.nanoTime();
    if (now - lookedNanos < LOOK_AGAIN_NANOS) {
      return;
    }
    lookedNanos = now;
    try {
      FileTime time = Files.getLastModifiedTime(file);
      if (!time.equals(modified)) {
        users = read(file);
        modified = time;
        LOG.info("{} changed: {} users", file, users.size());
      }
    } catch (IOException e) {
      LOG.warn("{} cannot be read again, the users stay as they were: {}", file, e.toString());
    }
  }

  @Override
  public void close() {
    pool.shutdown();
  }
}
