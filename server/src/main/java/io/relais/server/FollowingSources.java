package io.relais.server;

import io.relais.broker.access.AuthenticationSource;
import io.relais.broker.access.HttpSource;
import io.relais.broker.access.JwtSource;
import io.relais.server.config.AuthenticationConfiguration;
import io.relais.server.config.HttpConfiguration;
import io.relais.server.config.JwtConfiguration;
import io.relais.server.config.TokenFrom;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;

/// The sources of authentication that are asked after the users with passwords: tokens, then a
/// service.
final class FollowingSources {
  private FollowingSources() {}

  /// @param closedAfter gets what must be closed after the broker
  /// @throws IOException naming the file that is in the way
  static List<AuthenticationSource> open(
      AuthenticationConfiguration configuration, List<AutoCloseable> closedAfter)
      throws IOException {
    List<AuthenticationSource> sources = new ArrayList<>(2);
    JwtConfiguration tokens = configuration.jwt();
    if (tokens != null) {
      JwtSource source = jwt(tokens);
      closedAfter.add(source);
      sources.add(source);
    }
    HttpConfiguration service = configuration.http();
    if (service != null) {
      var source = new HttpSource(service.uri(), service.timeout());
      closedAfter.add(source);
      sources.add(source);
    }
    return sources;
  }

  private static JwtSource jwt(JwtConfiguration tokens) throws IOException {
    var checks =
        new JwtSource.Checks(
            tokens.from() == TokenFrom.USERNAME,
            tokens.issuer(),
            tokens.audience(),
            tokens.usernameClaim(),
            tokens.aclClaim(),
            tokens.groupsClaim(),
            tokens.requireExpiry());
    InstantSource clock = InstantSource.system();
    Path secret = tokens.hmacSecretFile();
    if (secret != null) {
      return JwtSource.withSecret(secret, checks, clock);
    }
    Path key = tokens.publicKey();
    if (key != null) {
      return JwtSource.withPublicKey(key, checks, clock);
    }
    URI url = tokens.jwksUrl();
    if (url != null) {
      return JwtSource.withKeysAt(url, tokens.jwksRefresh(), checks, clock);
    }
    Path file = tokens.jwksFile();
    if (file != null) {
      return JwtSource.withKeysIn(file, tokens.jwksRefresh(), checks, clock);
    }
    throw new IllegalStateException("A configuration of tokens has a key");
  }
}
