package io.relais.broker.access;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.jwk.Curve;
import com.nimbusds.jose.jwk.ECKey;
import com.nimbusds.jose.jwk.JWK;
import com.nimbusds.jose.jwk.JWKSet;
import com.nimbusds.jose.jwk.KeyUse;
import com.nimbusds.jose.jwk.OctetKeyPair;
import com.nimbusds.jose.jwk.OctetSequenceKey;
import com.nimbusds.jose.jwk.RSAKey;
import com.nimbusds.jose.util.Base64URL;
import com.sun.net.httpserver.HttpServer;
import io.relais.protocol.ReasonCode;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyPair;
import java.security.interfaces.ECPublicKey;
import java.security.interfaces.RSAPublicKey;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Tokens of an issuer that publishes its keys over HTTP and changes them.
class JwkSetTest {
  private static final Duration HOUR = Duration.ofHours(1);

  @TempDir Path folder;
  private HttpServer issuer;
  private volatile String published = "";
  private volatile int status = 200;
  private final AtomicInteger fetches = new AtomicInteger();

  @BeforeEach
  void start() throws IOException {
    issuer = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    issuer.createContext(
        "/keys",
        exchange -> {
          fetches.incrementAndGet();
          byte[] body = published.getBytes(UTF_8);
          exchange.sendResponseHeaders(status, body.length);
          exchange.getResponseBody().write(body);
          exchange.close();
        });
    issuer.start();
  }

  @AfterEach
  void stop() {
    issuer.stop(0);
  }

  private URI url() {
    return URI.create("http://127.0.0.1:" + issuer.getAddress().getPort() + "/keys");
  }

  private JwtSource source(Duration refresh, Duration unknownKeyPause) {
    return source(JwkSet.at(url(), refresh, unknownKeyPause));
  }

  private static JwtSource source(JwkSet keys) {
    return new JwtSource(keys, Tokens.checks(how -> how), InstantSource.fixed(Tokens.NOW));
  }

  private static String set(JWK... keys) {
    return new JWKSet(Arrays.asList(keys)).toString(false);
  }

  private static JWK rsa(KeyPair pair, String kid) {
    return new RSAKey.Builder((RSAPublicKey) pair.getPublic()).keyID(kid).build();
  }

  private static JWK ec(KeyPair pair, String kid) {
    return new ECKey.Builder(Curve.P_256, (ECPublicKey) pair.getPublic()).keyID(kid).build();
  }

  @Test
  void keys_of_each_kind_are_found_by_their_ids() throws Exception {
    KeyPair rsa = Tokens.rsa(2048);
    KeyPair ec = Tokens.ec("secp256r1");
    KeyPair edwards = Tokens.ed25519();
    byte[] encoded = edwards.getPublic().getEncoded();
    var x = Base64URL.encode(Arrays.copyOfRange(encoded, encoded.length - 32, encoded.length));
    published =
        set(
            rsa(rsa, "one"),
            ec(ec, "two"),
            new OctetKeyPair.Builder(Curve.Ed25519, x).keyID("three").build());
    try (JwtSource source = source(HOUR, HOUR)) {
      String one = Tokens.signed(JWSAlgorithm.RS256, rsa.getPrivate(), "one");
      String two = Tokens.signed(JWSAlgorithm.ES256, ec.getPrivate(), "two");
      String three = Tokens.signed(JWSAlgorithm.EdDSA, edwards.getPrivate(), "three");
      String unnamed = Tokens.signed(JWSAlgorithm.ES256, ec.getPrivate(), null);
      String misnamed = Tokens.signed(JWSAlgorithm.ES256, ec.getPrivate(), "one");

      for (String token : List.of(one, two, three, unnamed)) {
        assertThat(Tokens.ask(source, null, token)).isInstanceOf(Answer.Accept.class);
      }
      assertThat(Tokens.refusal(source, misnamed)).contains("no key that is known");
    }
  }

  @Test
  void keys_for_something_else_and_published_secrets_check_no_token() throws Exception {
    KeyPair rsa = Tokens.rsa(2048);
    byte[] secret = new byte[32];
    published =
        set(
            new OctetSequenceKey.Builder(secret).keyID("secret").build(),
            new RSAKey.Builder((RSAPublicKey) rsa.getPublic())
                .keyUse(KeyUse.ENCRYPTION)
                .keyID("encrypts")
                .build(),
            new RSAKey.Builder((RSAPublicKey) rsa.getPublic())
                .algorithm(JWSAlgorithm.PS256)
                .keyID("ps256")
                .build());
    // OctetSequenceKey leaves itself out of a public set.
    published =
        published.replace(
            "{\"keys\":[", "{\"keys\":[{\"kty\":\"oct\",\"k\":\"" + "A".repeat(43) + "\"},");
    try (JwtSource source = source(HOUR, HOUR)) {
      String hmac = Tokens.hmac(JWSAlgorithm.HS256, secret, Tokens.claims().build());
      String encrypts = Tokens.signed(JWSAlgorithm.RS256, rsa.getPrivate(), "encrypts");
      String other = Tokens.signed(JWSAlgorithm.RS256, rsa.getPrivate(), "ps256");
      String right = Tokens.signed(JWSAlgorithm.PS256, rsa.getPrivate(), "ps256");

      assertThat(Tokens.ask(source, null, right)).isInstanceOf(Answer.Accept.class);
      for (String token : List.of(hmac, encrypts, other)) {
        assertThat(Tokens.refusal(source, token)).contains("no key that is known");
      }
    }
  }

  @Test
  void a_token_with_a_new_key_has_the_set_fetched_again_but_not_each_time() throws Exception {
    KeyPair before = Tokens.ec("secp256r1");
    KeyPair after = Tokens.ec("secp256r1");
    String old = Tokens.signed(JWSAlgorithm.ES256, before.getPrivate(), "before");
    String fresh = Tokens.signed(JWSAlgorithm.ES256, after.getPrivate(), "after");
    published = set(ec(before, "before"));

    try (JwtSource eager = source(HOUR, Duration.ZERO)) {
      assertThat(Tokens.ask(eager, null, old)).isInstanceOf(Answer.Accept.class);
      published = set(ec(after, "after"));
      assertThat(Tokens.ask(eager, null, fresh)).isInstanceOf(Answer.Accept.class);
      assertThat(Tokens.refusal(eager, old)).contains("no key that is known");
    }
    int until = fetches.get();
    try (JwtSource patient = source(HOUR, HOUR)) {
      for (int i = 0; i < 5; i++) {
        assertThat(Tokens.refusal(patient, old)).contains("no key that is known");
      }
    }

    assertThat(fetches.get() - until).isEqualTo(1);
  }

  @Test
  void the_set_is_fetched_again_every_now_and_then() throws Exception {
    KeyPair before = Tokens.ec("secp256r1");
    String old = Tokens.signed(JWSAlgorithm.ES256, before.getPrivate(), "before");
    published = set(ec(before, "before"));

    try (JwtSource source = source(Duration.ofMillis(50), HOUR)) {
      assertThat(Tokens.ask(source, null, old)).isInstanceOf(Answer.Accept.class);
      published = set();

      Awaitility.await().until(() -> Tokens.refusal(source, old) != null);
    }
  }

  @Test
  void keys_of_before_stay_while_the_issuer_fails_and_when_it_is_down() throws Exception {
    KeyPair pair = Tokens.ec("secp256r1");
    String token = Tokens.signed(JWSAlgorithm.ES256, pair.getPrivate(), "k");
    String unknown = Tokens.signed(JWSAlgorithm.ES256, pair.getPrivate(), "other");
    published = set(ec(pair, "k"));

    try (JwtSource source = source(HOUR, Duration.ZERO)) {
      Answer before = Tokens.ask(source, null, token);
      status = 500;
      String failing = Tokens.refusal(source, unknown);
      issuer.stop(0);
      String down = Tokens.refusal(source, unknown);
      Answer after = Tokens.ask(source, null, token);

      assertThat(before).isInstanceOf(Answer.Accept.class);
      assertThat(failing).contains("no key that is known");
      assertThat(down).contains("no key that is known");
      assertThat(after).isInstanceOf(Answer.Accept.class);
    }
  }

  @Test
  void an_issuer_that_is_down_from_the_start_refuses_tokens_as_unavailable() throws Exception {
    issuer.stop(0);
    String token = Tokens.signed(JWSAlgorithm.ES256, Tokens.ec("secp256r1").getPrivate(), "k");

    try (JwtSource source = source(HOUR, HOUR)) {
      Answer answer = Tokens.ask(source, null, token);

      assertThat(answer)
          .isEqualTo(
              new Answer.Refuse(
                  ReasonCode.SERVER_UNAVAILABLE,
                  "the keys of tokens could not be fetched from " + url()));
    }
  }

  @Test
  void a_set_that_is_too_large_or_none_is_not_taken() throws Exception {
    KeyPair pair = Tokens.ec("secp256r1");
    String token = Tokens.signed(JWSAlgorithm.ES256, pair.getPrivate(), "k");
    String right = set(ec(pair, "k"));

    try (JwtSource source = source(HOUR, Duration.ZERO)) {
      for (String wrong : List.of("", "[]", "{", right + " ".repeat(JwkSet.BYTES_MAX))) {
        published = wrong;
        assertThat(Tokens.ask(source, null, token))
            .isInstanceOfSatisfying(
                Answer.Refuse.class,
                refuse -> assertThat(refuse.reason()).isEqualTo(ReasonCode.SERVER_UNAVAILABLE));
      }
      published = right;
      assertThat(Tokens.ask(source, null, token)).isInstanceOf(Answer.Accept.class);
    }
  }

  @Test
  void a_set_may_lie_in_a_file() throws Exception {
    KeyPair pair = Tokens.ec("secp256r1");
    Path file = Files.writeString(folder.resolve("keys.json"), set());
    String token = Tokens.signed(JWSAlgorithm.ES256, pair.getPrivate(), "k");

    try (JwtSource source = source(JwkSet.in(file, HOUR, Duration.ZERO))) {
      String before = Tokens.refusal(source, token);
      Files.writeString(file, set(ec(pair, "k")));

      assertThat(before).contains("no key that is known");
      assertThat(Tokens.ask(source, null, token)).isInstanceOf(Answer.Accept.class);
    }
  }
}
