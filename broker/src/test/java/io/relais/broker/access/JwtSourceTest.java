package io.relais.broker.access;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.util.Base64URL;
import com.nimbusds.jwt.JWTClaimsSet;
import io.relais.broker.access.Policy.Verdict;
import io.relais.broker.access.Tokens.ChecksBuilder;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyPair;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class JwtSourceTest {
  private static final byte[] SECRET =
      "a secret of sixty-four bytes, as HS512 would have it, and a bit.".getBytes(UTF_8);
  private static final InstantSource CLOCK = InstantSource.fixed(Tokens.NOW);

  @TempDir Path folder;
  private final List<JwtSource> open = new ArrayList<>();

  @AfterEach
  void close() {
    open.forEach(JwtSource::close);
  }

  private JwtSource secret(UnaryOperator<ChecksBuilder> how) throws IOException {
    Path file = Files.write(folder.resolve("secret"), SECRET);
    JwtSource source = JwtSource.withSecret(file, Tokens.checks(how), CLOCK);
    open.add(source);
    return source;
  }

  private JwtSource publicKey(KeyPair pair) throws IOException {
    Path file = Files.writeString(folder.resolve("key.pem"), Tokens.pem(pair.getPublic()));
    JwtSource source = JwtSource.withPublicKey(file, Tokens.checks(how -> how), CLOCK);
    open.add(source);
    return source;
  }

  private static String token(JWTClaimsSet.Builder claims) throws Exception {
    return Tokens.hmac(JWSAlgorithm.HS256, SECRET, claims.build());
  }

  private static Answer accepted() {
    return new Answer.Accept("ann", new Grant(Tokens.millis(3600), null));
  }

  record Signing(KeyPair pair, KeyPair other, List<JWSAlgorithm> algorithms) {
    @Override
    public String toString() {
      return algorithms.toString();
    }
  }

  static Stream<Signing> signings() throws Exception {
    return Stream.of(
        new Signing(
            Tokens.rsa(2048),
            Tokens.rsa(2048),
            List.of(
                JWSAlgorithm.RS256,
                JWSAlgorithm.RS384,
                JWSAlgorithm.RS512,
                JWSAlgorithm.PS256,
                JWSAlgorithm.PS384,
                JWSAlgorithm.PS512)),
        new Signing(Tokens.ec("secp256r1"), Tokens.ec("secp256r1"), List.of(JWSAlgorithm.ES256)),
        new Signing(Tokens.ec("secp384r1"), Tokens.ec("secp384r1"), List.of(JWSAlgorithm.ES384)),
        new Signing(Tokens.ec("secp521r1"), Tokens.ec("secp521r1"), List.of(JWSAlgorithm.ES512)),
        new Signing(
            Tokens.ed25519(), Tokens.ed25519(), List.of(JWSAlgorithm.EdDSA, JWSAlgorithm.Ed25519)));
  }

  @ParameterizedTest
  @MethodSource("signings")
  void a_public_key_accepts_what_its_other_half_signed_and_nothing_else(Signing signing)
      throws Exception {
    JwtSource source = publicKey(signing.pair());

    for (JWSAlgorithm algorithm : signing.algorithms()) {
      String right = Tokens.signed(algorithm, signing.pair().getPrivate(), "any");
      String wrong = Tokens.signed(algorithm, signing.other().getPrivate(), "any");
      int dot = right.indexOf('.');
      String changed =
          right.substring(0, dot + 1)
              + Base64URL.encode(Tokens.claims().subject("bob").build().toString())
              + right.substring(right.lastIndexOf('.'));
      String unsigned = right.substring(0, right.lastIndexOf('.') + 1);

      assertThat(Tokens.ask(source, "other", right)).isEqualTo(accepted());
      assertThat(Tokens.refusal(source, wrong)).contains("signature");
      assertThat(Tokens.refusal(source, changed)).contains("signature");
      assertThat(Tokens.refusal(source, unsigned)).isNotNull();
    }
  }

  @Test
  void a_secret_accepts_each_hmac_and_no_other_secret() throws Exception {
    JwtSource source = secret(how -> how);
    byte[] other = SECRET.clone();
    other[0]++;

    for (JWSAlgorithm algorithm :
        List.of(JWSAlgorithm.HS256, JWSAlgorithm.HS384, JWSAlgorithm.HS512)) {
      String right = Tokens.hmac(algorithm, SECRET, Tokens.claims().build());
      String wrong = Tokens.hmac(algorithm, other, Tokens.claims().build());

      assertThat(Tokens.ask(source, null, right)).isEqualTo(accepted());
      assertThat(Tokens.refusal(source, wrong)).contains("signature");
    }
  }

  @Test
  void an_algorithm_that_does_not_fit_the_key_is_refused_whatever_it_is_signed_with()
      throws Exception {
    KeyPair rsa = Tokens.rsa(2048);
    JwtSource source = publicKey(rsa);
    byte[] encoded = rsa.getPublic().getEncoded();
    byte[] pem = Tokens.pem(rsa.getPublic()).getBytes(UTF_8);
    String claims = Base64URL.encode(Tokens.claims().build().toString()).toString();
    String none = Base64URL.encode("{\"alg\":\"none\"}") + "." + claims + ".";

    assertThat(
            Tokens.refusal(
                source, Tokens.hmac(JWSAlgorithm.HS256, encoded, Tokens.claims().build())))
        .contains("no key that is known fits");
    assertThat(
            Tokens.refusal(source, Tokens.hmac(JWSAlgorithm.HS256, pem, Tokens.claims().build())))
        .contains("no key that is known fits");
    assertThat(
            Tokens.refusal(
                source,
                Tokens.signed(JWSAlgorithm.ES256, Tokens.ec("secp256r1").getPrivate(), null)))
        .contains("no key that is known fits");
    assertThat(Tokens.refusal(source, none)).isNotNull();
    assertThat(Tokens.refusal(source, none.replace("none", "None"))).isNotNull();
  }

  @Test
  void a_token_holds_from_nbf_to_exp_with_half_a_minute_of_leeway() throws Exception {
    JwtSource source = secret(how -> how);

    assertThat(Tokens.refusal(source, token(Tokens.claims().expirationTime(Tokens.at(-30)))))
        .contains("expired");
    assertThat(Tokens.ask(source, null, token(Tokens.claims().expirationTime(Tokens.at(-29)))))
        .isEqualTo(new Answer.Accept("ann", new Grant(Tokens.millis(1), null)));
    assertThat(Tokens.refusal(source, token(Tokens.claims().notBeforeTime(Tokens.at(31)))))
        .contains("only later");
    assertThat(Tokens.ask(source, null, token(Tokens.claims().notBeforeTime(Tokens.at(30)))))
        .isEqualTo(accepted());
  }

  @Test
  void a_token_without_an_end_needs_leave() throws Exception {
    String eternal = token(new JWTClaimsSet.Builder().subject("ann"));

    assertThat(Tokens.refusal(secret(how -> how), eternal)).contains("never expires");
    assertThat(Tokens.ask(secret(ChecksBuilder::eternal), null, eternal))
        .isEqualTo(new Answer.Accept("ann"));
  }

  @Test
  void issuer_and_audience_are_checked_where_they_are_configured() throws Exception {
    JwtSource source = secret(how -> how.from("https://issuer").meantFor("mqtt"));
    JWTClaimsSet.Builder right =
        Tokens.claims().issuer("https://issuer").audience(List.of("web", "mqtt"));

    assertThat(Tokens.ask(source, null, token(right))).isEqualTo(accepted());
    assertThat(Tokens.refusal(source, token(right.issuer("https://issuer/")))).contains("issuer");
    assertThat(Tokens.refusal(source, token(right.issuer(null)))).contains("issuer");
    right.issuer("https://issuer");
    assertThat(Tokens.refusal(source, token(right.audience("web")))).contains("not for mqtt");
    assertThat(Tokens.refusal(source, token(right.audience((String) null))))
        .contains("not for mqtt");
  }

  @Test
  void what_cannot_be_a_name_is_refused() throws Exception {
    JwtSource source = secret(how -> how);

    assertThat(Tokens.refusal(source, token(Tokens.claims().subject("")))).contains("claim sub");
    assertThat(Tokens.refusal(source, token(Tokens.claims().subject(null)))).contains("claim sub");
  }

  @Test
  void what_is_no_token_is_left_to_others() throws Exception {
    JwtSource source = secret(how -> how);

    for (String password :
        new String[] {"", "word", "a.b", "a.b.c", "my.pass.word", "a.b.c.d.e", "....", "eyJ.a.b"}) {
      assertThat(Tokens.ask(source, "ann", password)).as(password).isEqualTo(Answer.ABSTAIN);
    }
    assertThat(Tokens.ask(source, "ann", null)).isEqualTo(Answer.ABSTAIN);
  }

  @Test
  void the_token_may_stand_in_the_user_name() throws Exception {
    JwtSource source = secret(ChecksBuilder::fromUsername);

    assertThat(Tokens.ask(source, token(Tokens.claims()), null)).isEqualTo(accepted());
    assertThat(Tokens.ask(source, "ann", token(Tokens.claims()))).isEqualTo(Answer.ABSTAIN);
  }

  @Test
  void a_token_that_is_too_long_is_refused() throws Exception {
    JwtSource source = secret(how -> how);
    String large = token(Tokens.claims().claim("x", "x".repeat(JwtSource.TOKEN_BYTES_MAX)));

    assertThat(Tokens.refusal(source, large)).contains("16384 bytes");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "eyJ9.e30.x",
        "eyJhbGciOiJIUzI1NiJ9.e30.x",
        "eyJhbGciOiJIUzI1NiJ9..",
        "eyJhbGciOiJIUzI1NiJ9.\u0000.\u00ff",
        "eyJhbGciOjF9.e30.x",
        "e30=.e30.x",
        "e30x.e30.x"
      })
  void what_only_looks_like_a_token_is_refused_and_not_quoted(String broken) throws Exception {
    String why = Tokens.refusal(secret(how -> how), broken);

    assertThat(why).startsWith("the token").doesNotContain("eyJ").doesNotContain("e30");
  }

  @Test
  void a_token_that_demands_extensions_is_refused() throws Exception {
    String right = token(Tokens.claims());
    String header = Base64URL.encode("{\"alg\":\"HS256\",\"crit\":[\"x\"],\"x\":1}").toString();

    assertThat(Tokens.refusal(secret(how -> how), header + right.substring(right.indexOf('.'))))
        .contains("crit");
  }

  @Test
  void the_acl_claim_allows_what_it_names_and_nothing_else() throws Exception {
    String token =
        token(
            Tokens.claims()
                .claim(
                    "acl",
                    Map.of("pub", List.of("a/#"), "sub", List.of("b/+"), "all", List.of("c/%u"))));

    Answer.Accept accept = (Answer.Accept) Tokens.ask(secret(how -> how), null, token);

    Client client = Tokens.client().with(accept.username(), accept.grant());
    Policy policy = new LivePolicy(Policy.OPEN).forClient(client);
    assertThat(policy.isOpen()).isFalse();
    assertThat(policy.mayPublish(client, "a/x", 2, true, later -> {})).isEqualTo(Verdict.ALLOW);
    assertThat(policy.mayPublish(client, "b/x", 0, false, later -> {})).isEqualTo(Verdict.DENY);
    assertThat(policy.maySubscribe(client, "b/x", 0, later -> {})).isEqualTo(Verdict.ALLOW);
    assertThat(policy.maySubscribe(client, "b/#", 0, later -> {})).isEqualTo(Verdict.DENY);
    assertThat(policy.maySubscribe(client, "a/x", 0, later -> {})).isEqualTo(Verdict.DENY);
    assertThat(policy.maySubscribe(client, "$SYS/#", 0, later -> {})).isEqualTo(Verdict.DENY);
    assertThat(policy.maySubscribe(client, "c/ann", 0, later -> {})).isEqualTo(Verdict.ALLOW);
    assertThat(policy.checksDelivery(client, "b/x")).isFalse();
  }

  @Test
  void an_empty_acl_claim_allows_nothing() throws Exception {
    String token = token(Tokens.claims().claim("acl", Map.of()));

    Answer.Accept accept = (Answer.Accept) Tokens.ask(secret(how -> how), null, token);

    Client client = Tokens.client().with(accept.username(), accept.grant());
    Policy policy = new LivePolicy(Policy.OPEN).forClient(client);
    assertThat(policy.isOpen()).isFalse();
    assertThat(policy.mayPublish(client, "a", 0, false, later -> {})).isEqualTo(Verdict.DENY);
    assertThat(policy.maySubscribe(client, "a", 0, later -> {})).isEqualTo(Verdict.DENY);
  }

  @Test
  void an_acl_claim_of_another_shape_refuses_its_token() throws Exception {
    JwtSource source = secret(how -> how);

    for (Object acl :
        List.of(
            "pub",
            List.of("a"),
            Map.of("pub", "a"),
            Map.of("pub", List.of(1)),
            Map.of("pub", List.of("a/#/b")),
            Map.of("publish", List.of("a")))) {
      assertThat(Tokens.refusal(source, token(Tokens.claims().claim("acl", acl))))
          .as("%s", acl)
          .startsWith("the token's claim acl cannot be used");
    }
  }

  @Test
  void the_groups_claim_is_a_list_or_one_name_and_any_other_shape_refuses_its_token()
      throws Exception {
    JwtSource source = secret(how -> how);

    for (Object groups : List.of("staff", List.of("staff"), List.of("staff", "staff"))) {
      String token = token(Tokens.claims().claim("groups", groups));
      Answer.Accept accept = (Answer.Accept) Tokens.ask(source, null, token);
      assertThat(accept.grant().groups()).containsExactly("staff");
    }
    for (Object groups : List.of(7, Map.of("a", "b"), List.of(1), List.of(""), "a\u0007b")) {
      assertThat(Tokens.refusal(source, token(Tokens.claims().claim("groups", groups))))
          .as("%s", groups)
          .startsWith("the token's claim groups cannot be used");
    }
  }

  @Test
  void keys_that_are_too_weak_or_none_are_named() throws Exception {
    Path secret = Files.writeString(folder.resolve("short"), "only a few bytes\n");
    Path pem = Files.writeString(folder.resolve("none.pem"), "no key");
    Path weak =
        Files.writeString(folder.resolve("weak.pem"), Tokens.pem(Tokens.rsa(1024).getPublic()));

    assertThatThrownBy(() -> TokenKey.readSecret(secret))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("short holds a secret of 16 bytes")
        .hasMessageContaining("at least 32");
    assertThatThrownBy(() -> TokenKey.readPublic(pem))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("-----BEGIN PUBLIC KEY-----");
    assertThatThrownBy(() -> TokenKey.readPublic(weak))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("1024 bits");
  }
}
