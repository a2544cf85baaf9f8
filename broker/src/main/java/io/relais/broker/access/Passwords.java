package io.relais.broker.access;

import com.password4j.Argon2Function;
import com.password4j.Password;
import com.password4j.types.Argon2;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Hashes of passwords: Argon2id with 19 MiB, two passes and one lane. They are checked on threads
/// of their own, since that is slow on purpose. Those that mosquitto_passwd made are checked too.
///
/// Owner: any thread. Limits: [#WAITING_MAX] checks wait.
public final class Passwords implements AutoCloseable {
  private static final String HASH_PREFIX = "$argon2id$";

  public static final int WAITING_MAX = 10_000;

  private static final Logger LOG = LoggerFactory.getLogger(Passwords.class);
  private static final int MEMORY_KIBIBYTES = 19 * 1024;
  private static final int PASSES = 2;
  private static final int LANES = 1;
  private static final int HASH_BYTES = 32;
  private static final int SALT_BYTES = 16;

  /// A hash that somebody else made may ask for more; above this a log-in would be an attack.
  private static final int MEMORY_KIBIBYTES_MAX = 256 * 1024;

  private static final int PASSES_MAX = 16;
  private static final int LANES_MAX = 16;

  /// Checked for users that do not exist, so that their log-in takes as long as a real one's.
  private static final String NOBODY =
      "$argon2id$v=19$m=19456,t=2,p=1$c29tZS1zYWx0LXZhbHVl$"
          + "dGhpcyBpcyBub3QgYSBoYXNoIG9mIGFueXRoaW5nISE";

  private final ThreadPoolExecutor pool;

  public Passwords(int threads) {
    pool = Workers.named("relais-passwords-", threads, WAITING_MAX);
  }

  /// Takes some ten milliseconds of the caller.
  public static String hash(String password) {
    Argon2Function argon2id =
        Argon2Function.getInstance(MEMORY_KIBIBYTES, PASSES, LANES, HASH_BYTES, Argon2.ID);
    return Password.hash(password).addRandomSalt(SALT_BYTES).with(argon2id).getResult();
  }

  /// Whether a text begins as hashes do that can be checked.
  public static boolean looksLikeHash(String text) {
    return text.startsWith(HASH_PREFIX) || ForeignHash.isOne(text);
  }

  /// What keeps a hash from being checked, or null.
  public static @Nullable String problemWithHash(String hash) {
    try {
      if (ForeignHash.isOne(hash)) {
        ForeignHash.parse(hash);
        return null;
      }
      if (!looksLikeHash(hash)) {
        return "does not begin with " + HASH_PREFIX + ", $7$ or $6$";
      }
    } catch (IllegalArgumentException e) {
      return e.getMessage();
    }
    Argon2Function asked;
    try {
      asked = Argon2Function.getInstanceFromHash(hash);
    } catch (RuntimeException _) { // its message quotes the hash
      return "is no hash of Argon2id";
    }
    return asked.getMemory() > MEMORY_KIBIBYTES_MAX
            || asked.getIterations() > PASSES_MAX
            || asked.getParallelism() > LANES_MAX
        ? "asks for more than %d KiB, %d passes or %d lanes"
            .formatted(MEMORY_KIBIBYTES_MAX, PASSES_MAX, LANES_MAX)
        : null;
  }

  /// Whether a hash is to be replaced by one of ours once its password is known.
  public static boolean isForeign(String hash) {
    return ForeignHash.isOne(hash);
  }

  /// @param whose for the log
  /// @param hash null: there is none, which takes as long and is wrong
  /// @param answer on a thread of these
  /// @throws RejectedExecutionException if too many wait
  public void check(String whose, String given, @Nullable String hash, Consumer<Boolean> answer) {
    pool.execute(() -> answer.accept(matches(whose, given, hash)));
  }

  private static boolean matches(String whose, String given, @Nullable String hash) {
    try {
      if (hash != null && ForeignHash.isOne(hash) && ForeignHash.parse(hash).matches(given)) {
        return true;
      }
      String against = hash == null || ForeignHash.isOne(hash) ? NOBODY : hash;
      boolean right =
          Password.check(given, against).with(Argon2Function.getInstanceFromHash(against));
      return right && against.equals(hash);
    } catch (RuntimeException e) { // a hash that is damaged
      LOG.warn("The hash of '{}' cannot be read: {}", whose, e.getMessage());
      return false;
    }
  }

  @Override
  public void close() {
    pool.shutdown();
  }
}
