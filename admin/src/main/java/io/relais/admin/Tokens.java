package io.relais.admin;

import com.sun.net.httpserver.HttpExchange;
import io.relais.api.Role;
import io.relais.broker.Administration;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.NavigableSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// Tokens of sessions, and keys of programs. Each is 256 random bits, of which only a hash is kept.
///
/// Owner: any thread; the state is behind it. Limits: [#SESSIONS_MAX] sessions, of which the one
/// that ends first makes room.
final class Tokens {
  static final Duration LIFE = Duration.ofHours(24);
  private static final int SESSIONS_MAX = 1_000;
  private static final int SECRET_BYTES = 32;
  private static final int KEY_ID_BYTES = 8;
  private static final String KEY_PREFIX = "rk_";
  private static final String SCHEME = "Bearer ";
  private static final SecureRandom RANDOM = new SecureRandom();

  /// A session; its id is the hash of its token.
  ///
  /// @param first it was opened with the password that everybody knows
  record StoredSession(String account, boolean first, Instant expiresAt) {}

  /// @param scopes that it is bounded to; null: to none
  record StoredKey(
      String name,
      Role role,
      String hash,
      Instant createdAt,
      @Nullable Instant expiresAt,
      @Nullable List<String> scopes) {
    @Override
    public String toString() {
      return "StoredKey[%s, %s]".formatted(name, role);
    }
  }

  private final Shelf<StoredSession> sessions;
  private final Shelf<StoredKey> keys;
  private final Accounts accounts;

  Tokens(Administration broker, Accounts accounts) {
    this.sessions = new Shelf<>(broker, "sessions", StoredSession.class);
    this.keys = new Shelf<>(broker, "keys", StoredKey.class);
    this.accounts = accounts;
  }

  private static String random(int bytes) {
    byte[] bits = new byte[bytes];
    RANDOM.nextBytes(bits);
    return Base64.getUrlEncoder().withoutPadding().encodeToString(bits);
  }

  private static String hash(String secret) {
    try {
      return HexFormat.of()
          .formatHex(
              MessageDigest.getInstance("SHA-256").digest(secret.getBytes(StandardCharsets.UTF_8)));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every JVM has SHA-256", e);
    }
  }

  /// What a request shows of itself in `Authorization: Bearer`; null: nothing.
  static @Nullable String shown(HttpExchange exchange) {
    String said = exchange.getRequestHeaders().getFirst("Authorization");
    return said != null && said.regionMatches(true, 0, SCHEME, 0, SCHEME.length())
        ? said.substring(SCHEME.length()).trim()
        : null;
  }

  /// @return the caller, or null if the token is none, or over
  @Nullable Caller caller(String token, Instant now) {
    return token.startsWith(KEY_PREFIX) ? ofKey(token, now) : ofSession(token, now);
  }

  private @Nullable Caller ofSession(String token, Instant now) {
    String id = hash(token);
    StoredSession session = sessions.get(id);
    if (session == null || !now.isBefore(session.expiresAt())) {
      return null;
    }
    if (session.first()) {
      return accounts.isFresh()
          ? new Caller(session.account(), Role.ADMINISTRATOR, id, true, session.expiresAt(), null)
          : null;
    }
    Accounts.Stored account = accounts.get(session.account());
    return account == null
        ? null
        : new Caller(session.account(), account.role(), id, false, session.expiresAt(), null);
  }

  private @Nullable Caller ofKey(String token, Instant now) {
    int end = token.indexOf('_', KEY_PREFIX.length());
    if (end < 0) {
      return null;
    }
    StoredKey key = keys.get(token.substring(KEY_PREFIX.length(), end));
    boolean holds =
        key != null
            && (key.expiresAt() == null || now.isBefore(key.expiresAt()))
            && MessageDigest.isEqual(
                key.hash().getBytes(StandardCharsets.US_ASCII),
                hash(token).getBytes(StandardCharsets.US_ASCII));
    if (key == null || !holds) {
      return null;
    }
    Set<String> scopes = key.scopes() == null ? null : Set.copyOf(key.scopes());
    return new Caller(Caller.KEY + key.name(), key.role(), "", false, key.expiresAt(), scopes);
  }

  /// @return its token
  String open(String account, boolean first, Instant now) {
    makeRoom(now);
    String token = random(SECRET_BYTES);
    sessions.put(hash(token), new StoredSession(account, first, now.plus(LIFE)));
    return token;
  }

  private void makeRoom(Instant now) {
    String soonest = null;
    Instant soonestEnd = Instant.MAX;
    for (String id : List.copyOf(sessions.ids())) {
      StoredSession session = sessions.get(id);
      if (session == null) {
        continue;
      }
      if (!now.isBefore(session.expiresAt())) {
        sessions.drop(id);
      } else if (session.expiresAt().isBefore(soonestEnd)) {
        soonest = id;
        soonestEnd = session.expiresAt();
      }
    }
    if (sessions.size() >= SESSIONS_MAX && soonest != null) {
      sessions.drop(soonest);
    }
  }

  /// The first password was changed: the session is one like others.
  void settle(String tokenId, String account, Instant now) {
    sessions.put(tokenId, new StoredSession(account, false, now.plus(LIFE)));
  }

  void close(String tokenId) {
    sessions.drop(tokenId);
  }

  /// Ends all sessions of an account but one.
  void closeOthers(String account, String keptId) {
    for (String id : List.copyOf(sessions.ids())) {
      StoredSession session = sessions.get(id);
      if (session != null && session.account().equals(account) && !id.equals(keptId)) {
        sessions.drop(id);
      }
    }
  }

  // ---- keys

  record Made(String id, String key, StoredKey stored) {}

  Made makeKey(
      String name,
      Role role,
      @Nullable Instant expiresAt,
      @Nullable List<String> scopes,
      Instant now) {
    String id = HexFormat.of().formatHex(randomBytes(KEY_ID_BYTES));
    String key = KEY_PREFIX + id + "_" + random(SECRET_BYTES);
    var stored = new StoredKey(name, role, hash(key), now, expiresAt, scopes);
    keys.put(id, stored);
    return new Made(id, key, stored);
  }

  private static byte[] randomBytes(int count) {
    byte[] bytes = new byte[count];
    RANDOM.nextBytes(bytes);
    return bytes;
  }

  NavigableSet<String> keyIds() {
    return keys.ids();
  }

  @Nullable StoredKey key(String id) {
    return keys.get(id);
  }

  boolean dropKey(String id) {
    return keys.drop(id);
  }
}
