package io.relais.broker.access;

import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.Base64;
import javax.crypto.SecretKeyFactory;
import javax.crypto.spec.PBEKeySpec;
import org.jspecify.annotations.Nullable;

/// A hash as mosquitto_passwd writes it: `$6$salt$hash` is one SHA-512 of password and salt,
/// `$7$iterations$salt$hash` is PBKDF2 with HMAC-SHA512; salt and hash are Base64.
///
/// Owner: immutable.
///
/// @param iterations 0: one SHA-512
record ForeignHash(int iterations, byte[] salt, byte[] hash) {
  /// More would take a thread for seconds.
  static final int ITERATIONS_MAX = 1_000_000;

  static final String SHA_512 = "$6$";
  static final String PBKDF2 = "$7$";
  private static final int HASH_BYTES = 64;
  private static final int SALT_BYTES_MAX = 1_024;

  static boolean isOne(String text) {
    return text.startsWith(SHA_512) || text.startsWith(PBKDF2);
  }

  /// @throws IllegalArgumentException with a sentence that says what is wrong and quotes nothing
  static ForeignHash parse(String text) {
    String[] parts = text.split("\\$", -1);
    boolean simple = text.startsWith(SHA_512);
    if (parts.length != (simple ? 4 : 5)) {
      throw new IllegalArgumentException(
          simple ? "is not $6$SALT$HASH" : "is not $7$ITERATIONS$SALT$HASH");
    }
    int iterations = simple ? 0 : iterations(parts[2]);
    byte[] salt = decoded(parts[parts.length - 2]);
    byte[] hash = decoded(parts[parts.length - 1]);
    if (salt.length == 0 || salt.length > SALT_BYTES_MAX) {
      throw new IllegalArgumentException("has a salt of %d bytes".formatted(salt.length));
    }
    if (hash.length != HASH_BYTES) {
      throw new IllegalArgumentException(
          "has a hash of %d bytes, and SHA-512 gives %d".formatted(hash.length, HASH_BYTES));
    }
    return new ForeignHash(iterations, salt, hash);
  }

  private static int iterations(String text) {
    try {
      int iterations = Integer.parseInt(text);
      if (iterations >= 1 && iterations <= ITERATIONS_MAX) {
        return iterations;
      }
    } catch (NumberFormatException _) {
      // said below
    }
    throw new IllegalArgumentException(
        "has no number of iterations from 1 to %d".formatted(ITERATIONS_MAX));
  }

  private static byte[] decoded(String text) {
    try {
      return Base64.getDecoder().decode(text);
    } catch (IllegalArgumentException _) {
      throw new IllegalArgumentException("has a part that is no Base64");
    }
  }

  boolean matches(String password) {
    return MessageDigest.isEqual(hash, iterations == 0 ? digest(password) : derived(password));
  }

  private byte[] digest(String password) {
    try {
      MessageDigest sha = MessageDigest.getInstance("SHA-512");
      sha.update(password.getBytes(StandardCharsets.UTF_8));
      return sha.digest(salt);
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("every JVM has SHA-512", e);
    }
  }

  private byte[] derived(String password) {
    var given = new PBEKeySpec(password.toCharArray(), salt, iterations, HASH_BYTES * Byte.SIZE);
    try {
      return SecretKeyFactory.getInstance("PBKDF2WithHmacSHA512")
          .generateSecret(given)
          .getEncoded();
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("every JVM has PBKDF2", e);
    } finally {
      given.clearPassword();
    }
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof ForeignHash that
        && iterations == that.iterations
        && MessageDigest.isEqual(salt, that.salt)
        && MessageDigest.isEqual(hash, that.hash);
  }

  @Override
  public int hashCode() {
    return iterations;
  }

  @Override
  public String toString() {
    return "ForeignHash"; // no hash in logs
  }
}
