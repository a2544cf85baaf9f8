package io.relais.broker.access;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.SignedJWT;
import io.relais.protocol.ReasonCode;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.text.ParseException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Base64;
import java.util.Date;
import java.util.List;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Clients that show a signed token (JWT, RFC 7519) as their password. What is no token is left to
/// the other sources; what is one stands or falls here. Reasons of a refusal quote nothing of it.
///
/// Signatures are checked on threads of their own: some take a millisecond.
///
/// Owner: any thread. Limits: tokens of [#TOKEN_BYTES_MAX], [#WAITING_MAX] of them wait.
public final class JwtSource implements AuthenticationSource, AutoCloseable {
  public static final int TOKEN_BYTES_MAX = 16 * 1024;
  public static final int WAITING_MAX = 10_000;

  private static final Logger LOG = LoggerFactory.getLogger(JwtSource.class);
  private static final long LEEWAY_MILLIS = 30_000;
  private static final int THREADS = 2;
  private static final long NEVER = Long.MAX_VALUE;

  /// What is asked of a token besides its signature.
  ///
  /// @param inUsername whether it stands in the user name of CONNECT, not in the password
  /// @param issuer what `iss` must be; null: anything
  /// @param audience what must be in `aud`; null: anything
  /// @param usernameClaim what becomes the client's user name
  /// @param aclClaim what the client may do, if it is there
  /// @param groupsClaim the groups that the client is in, if it is there
  /// @param requireExpiry whether a token without `exp` is refused
  public record Checks(
      boolean inUsername,
      @Nullable String issuer,
      @Nullable String audience,
      String usernameClaim,
      String aclClaim,
      String groupsClaim,
      boolean requireExpiry) {}

  private final TokenKeys keys;
  private final Checks checks;
  private final InstantSource clock;
  private final ThreadPoolExecutor pool;

  JwtSource(TokenKeys keys, Checks checks, InstantSource clock) {
    this.keys = keys;
    this.checks = checks;
    this.clock = clock;
    pool = Workers.named("relais-tokens-", THREADS, WAITING_MAX);
  }

  /// Tokens with HMAC.
  ///
  /// @throws IOException naming the file, and what is wrong with it
  public static JwtSource withSecret(Path file, Checks checks, InstantSource clock)
      throws IOException {
    return new JwtSource(new TokenKeys.FixedKey(TokenKey.readSecret(file)), checks, clock);
  }

  /// Tokens that one key signs.
  ///
  /// @param file PEM
  /// @throws IOException naming the file, and what is wrong with it
  public static JwtSource withPublicKey(Path file, Checks checks, InstantSource clock)
      throws IOException {
    return new JwtSource(new TokenKeys.FixedKey(TokenKey.readPublic(file)), checks, clock);
  }

  /// Tokens that keys of a set sign.
  ///
  /// @param refresh how often the set is fetched anyway
  public static JwtSource withKeysAt(
      URI url, Duration refresh, Checks checks, InstantSource clock) {
    return new JwtSource(JwkSet.at(url, refresh, JwkSet.UNKNOWN_KEY_PAUSE), checks, clock);
  }

  public static JwtSource withKeysIn(
      Path file, Duration refresh, Checks checks, InstantSource clock) {
    return new JwtSource(JwkSet.in(file, refresh, JwkSet.UNKNOWN_KEY_PAUSE), checks, clock);
  }

  @Override
  public String name() {
    return "jwt";
  }

  @Override
  public void authenticate(
      Client client,
      @Nullable String username,
      byte @Nullable [] password,
      Consumer<Answer> answer) {
    String text =
        checks.inUsername
            ? username
            : password == null ? null : new String(password, StandardCharsets.ISO_8859_1);
    if (text == null || !isToken(text)) {
      answer.accept(Answer.ABSTAIN);
      return;
    }
    if (text.length() > TOKEN_BYTES_MAX) {
      answer.accept(refused("the token has more than " + TOKEN_BYTES_MAX + " bytes"));
      return;
    }
    try {
      pool.execute(() -> check(text, answer));
    } catch (RejectedExecutionException _) {
      answer.accept(
          new Answer.Refuse(ReasonCode.SERVER_BUSY, WAITING_MAX + " log-ins are waiting already"));
    }
  }

  /// Three parts with dots between them, of which the first is a JSON object: a password may have
  /// two dots too.
  private static boolean isToken(String text) {
    int first = text.indexOf('.');
    int second = text.indexOf('.', first + 1);
    if (first < 4 || second < 0 || text.indexOf('.', second + 1) >= 0) {
      return false;
    }
    try {
      byte[] begin = Base64.getUrlDecoder().decode(text.substring(0, 4));
      return begin[0] == '{';
    } catch (IllegalArgumentException _) {
      return false; // not the letters of a token
    }
  }

  private void check(String text, Consumer<Answer> answer) {
    SignedJWT token;
    try {
      token = SignedJWT.parse(text);
    } catch (ParseException | RuntimeException _) { // their messages quote it
      answer.accept(refused("the token cannot be read, or is not signed"));
      return;
    }
    JWSHeader header = token.getHeader();
    if (header.getCriticalParams() != null && !header.getCriticalParams().isEmpty()) {
      answer.accept(refused("the token demands extensions (crit), and none are known"));
      return;
    }
    keys.find(
        header,
        found ->
            answer.accept(
                switch (found) {
                  case TokenKeys.Found.Unavailable(Answer.Refuse refusal) -> refusal;
                  case TokenKeys.Found.Keys(List<TokenKey> fitting) -> judge(token, fitting);
                }));
  }

  private Answer judge(SignedJWT token, List<TokenKey> fitting) {
    if (fitting.isEmpty()) {
      return refused("no key that is known fits the token's algorithm and key id");
    }
    try {
      for (TokenKey key : fitting) {
        if (isSigned(token, key)) {
          return judge(token.getJWTClaimsSet());
        }
      }
      return refused("the token's signature is wrong");
    } catch (ParseException _) { // its message quotes it
      return refused("the token's claims cannot be read");
    } catch (RuntimeException e) { // what happens here must end in an answer
      LOG.error("A token could not be judged: {}", e.getClass().getName()); // not what it quotes
      return refused("the token could not be judged");
    }
  }

  private static boolean isSigned(SignedJWT token, TokenKey key) {
    try {
      return key.signed(token);
    } catch (JOSEException | GeneralSecurityException _) {
      return false; // a signature that is none
    }
  }

  private Answer judge(JWTClaimsSet claims) throws ParseException {
    long now = clock.millis();
    long expires = millis(claims.getExpirationTime(), NEVER);
    long begins = millis(claims.getNotBeforeTime(), now);
    if (expires == NEVER && checks.requireExpiry) {
      return refused("the token never expires (require-expiry)");
    }
    if (expires <= now - LEEWAY_MILLIS) {
      return refused("the token has expired");
    }
    if (begins > now + LEEWAY_MILLIS) {
      return refused("the token holds only later");
    }
    if (checks.issuer != null && !checks.issuer.equals(claims.getIssuer())) {
      return refused("the token's issuer is not " + checks.issuer);
    }
    if (checks.audience != null && !claims.getAudience().contains(checks.audience)) {
      return refused("the token is not for " + checks.audience);
    }
    if (!(claims.getClaim(checks.usernameClaim) instanceof String username) || username.isEmpty()) {
      return refused("the token has no text as its claim " + checks.usernameClaim);
    }
    Object acl = claims.getClaim(checks.aclClaim);
    Grant grant;
    try {
      grant = new Grant(end(expires, now), acl == null ? null : Grant.rules(acl));
    } catch (IllegalArgumentException e) {
      return refused("the token's claim " + checks.aclClaim + " cannot be used: " + e.getMessage());
    }
    try {
      return new Answer.Accept(username, grant.withGroups(claims.getClaim(checks.groupsClaim)));
    } catch (IllegalArgumentException e) {
      return refused(
          "the token's claim " + checks.groupsClaim + " cannot be used: " + e.getMessage());
    }
  }

  private static long millis(@Nullable Date date, long absent) {
    return date == null ? absent : date.toInstant().toEpochMilli();
  }

  /// The connection ends with its token; with one that just ended and was taken all the same, when
  /// it would be taken no more.
  private static long end(long expires, long now) {
    return expires > now ? expires : expires + LEEWAY_MILLIS;
  }

  private static Answer refused(String why) {
    return new Answer.Refuse(ReasonCode.BAD_USER_NAME_OR_PASSWORD, why);
  }

  @Override
  public void close() {
    pool.shutdown();
    keys.close();
  }
}
