package io.relais.server.config;

import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Objects;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// Signed tokens (JWT) as passwords.
public record JwtConfiguration(
    @Key(value = "Where the token stands in CONNECT.", standard = "password") TokenFrom from,
    @Key(
            value =
                "File of the secret of tokens with HS256, HS384 or HS512, at least 32 bytes; the end of its line does not"
                    + " count. Exactly one of this and the next two is given.",
            existing = true)
        @Nullable Path hmacSecretFile,
    @Key(
            value =
                "PEM file of the public key of tokens: RSA from 2048 bits (RS and PS), EC on P-256, P-384 or P-521 (ES), or"
                    + " Ed25519.",
            existing = true)
        @Nullable Path publicKey,
    @Key(
            "A set of public keys (JWKS) that its issuer changes: URL, `https`, or `http` on this machine, or a file.")
        @Nullable String jwks,
    @Key(
            value =
                "How often the set is fetched; besides, when a token names a key that is not in it, at most once in 10 s."
                    + " 10 seconds to 1 day.",
            standard = "5m")
        Duration jwksRefresh,
    @Key(
            value =
                "Whether `http` of `jwks` may lead to another machine, with keys that anybody on the way may replace.",
            standard = "false")
        boolean insecure,
    @Key("What `iss` of a token must be. Left out: anything.") @Nullable String issuer,
    @Key("What must be in `aud` of a token. Left out: anything.") @Nullable String audience,
    @Key(value = "The claim that becomes the client's user name.", standard = "sub")
        String usernameClaim,
    @Key(
            value =
                "The claim that says what the client may do, in place of the rules, like `{\"pub\": [\"a/#\"], \"sub\":"
                    + " [\"b/+\"], \"all\": [\"c\"]}`; a token without it goes by the rules.",
            standard = "acl")
        String aclClaim,
    @Key(
            value =
                "The claim that says in which groups the client is, for rules that name one: a list of names, or one name.",
            standard = "groups")
        String groupsClaim,
    @Key(value = "Whether a token without `exp` is refused.", standard = "true")
        boolean requireExpiry) {

  private static final String[] KEYS = {"hmac-secret-file", "public-key", "jwks"};

  public JwtConfiguration {
    Violations violations = new Violations();
    long given = Stream.of(hmacSecretFile, publicKey, jwks).filter(Objects::nonNull).count();
    violations.require(
        given == 1,
        "public-key",
        given == 0
            ? "is missing; give this, hmac-secret-file or jwks"
            : "is one key of several; give only one of this, hmac-secret-file and jwks",
        KEYS);
    if (jwks != null) {
      String problem = problem(jwks, insecure);
      violations.require(problem == null, "jwks", String.valueOf(problem), "insecure");
    }
    violations.range("jwks-refresh", jwksRefresh, Duration.ofSeconds(10), Duration.ofDays(1));
    violations.require(!usernameClaim.isBlank(), "username-claim", "is empty; name a claim");
    violations.require(!aclClaim.isBlank(), "acl-claim", "is empty; name a claim");
    violations.require(!groupsClaim.isBlank(), "groups-claim", "is empty; name a claim");
    violations.throwIfAny();
  }

  private static @Nullable String problem(String jwks, boolean insecure) {
    if (isUrl(jwks)) {
      return WebAddress.problem(jwks, insecure);
    }
    return !jwks.isBlank() && jwks.indexOf('\0') < 0 && Files.isReadable(Path.of(jwks))
        ? null
        : "is '%s', neither a URL nor a file that can be read".formatted(jwks);
  }

  private static boolean isUrl(String jwks) {
    return jwks.contains("://");
  }

  /// Where the set of keys is, if not in a file.
  public @Nullable URI jwksUrl() {
    return jwks != null && isUrl(jwks) ? URI.create(jwks) : null;
  }

  public @Nullable Path jwksFile() {
    return jwks != null && !isUrl(jwks) ? Path.of(jwks) : null;
  }
}
