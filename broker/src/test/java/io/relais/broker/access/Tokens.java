package io.relais.broker.access;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.JWSSigner;
import com.nimbusds.jose.crypto.ECDSASigner;
import com.nimbusds.jose.crypto.MACSigner;
import com.nimbusds.jose.crypto.RSASSASigner;
import com.nimbusds.jose.util.Base64URL;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.SignedJWT;
import io.relais.protocol.ProtocolVersion;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.Signature;
import java.security.interfaces.ECPrivateKey;
import java.security.spec.ECGenParameterSpec;
import java.time.Instant;
import java.util.Base64;
import java.util.Date;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/// Keys and tokens as an issuer makes them, and a client that shows one.
final class Tokens {
  static final Instant NOW = Instant.parse("2030-01-01T00:00:00Z");

  private Tokens() {}

  static KeyPair rsa(int bits) throws GeneralSecurityException {
    KeyPairGenerator generator = KeyPairGenerator.getInstance("RSA");
    generator.initialize(bits);
    return generator.generateKeyPair();
  }

  static KeyPair ec(String curve) throws GeneralSecurityException {
    KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
    generator.initialize(new ECGenParameterSpec(curve));
    return generator.generateKeyPair();
  }

  static KeyPair ed25519() throws GeneralSecurityException {
    return KeyPairGenerator.getInstance("Ed25519").generateKeyPair();
  }

  static String pem(PublicKey key) {
    return "-----BEGIN PUBLIC KEY-----\n"
        + Base64.getMimeEncoder().encodeToString(key.getEncoded())
        + "\n-----END PUBLIC KEY-----\n";
  }

  /// Of ann, for an hour from [#NOW].
  static JWTClaimsSet.Builder claims() {
    return new JWTClaimsSet.Builder().subject("ann").expirationTime(at(3600));
  }

  static Date at(long secondsFromNow) {
    return Date.from(NOW.plusSeconds(secondsFromNow));
  }

  static long millis(long secondsFromNow) {
    return NOW.plusSeconds(secondsFromNow).toEpochMilli();
  }

  static String hmac(JWSAlgorithm algorithm, byte[] secret, JWTClaimsSet claims)
      throws JOSEException {
    return signed(new JWSHeader(algorithm), new MACSigner(secret), claims);
  }

  static String signed(JWSAlgorithm algorithm, PrivateKey key, @Nullable String kid)
      throws JOSEException, GeneralSecurityException {
    return signed(algorithm, key, kid, claims().build());
  }

  static String signed(
      JWSAlgorithm algorithm, PrivateKey key, @Nullable String kid, JWTClaimsSet claims)
      throws JOSEException, GeneralSecurityException {
    JWSHeader header = new JWSHeader.Builder(algorithm).keyID(kid).build();
    if (key.getAlgorithm().equals("EdDSA")) {
      return edwards(header, key, claims);
    }
    return signed(
        header,
        key instanceof ECPrivateKey ec ? new ECDSASigner(ec) : new RSASSASigner(key),
        claims);
  }

  private static String signed(JWSHeader header, JWSSigner signer, JWTClaimsSet claims)
      throws JOSEException {
    var token = new SignedJWT(header, claims);
    token.sign(signer);
    return token.serialize();
  }

  private static String edwards(JWSHeader header, PrivateKey key, JWTClaimsSet claims)
      throws GeneralSecurityException {
    String signed = header.toBase64URL() + "." + Base64URL.encode(claims.toString());
    Signature signature = Signature.getInstance("Ed25519");
    signature.initSign(key);
    signature.update(signed.getBytes(UTF_8));
    return signed + "." + Base64URL.encode(signature.sign());
  }

  static Client client() {
    return new Client(
        "c",
        null,
        ProtocolVersion.MQTT_5,
        new InetSocketAddress(InetAddress.getLoopbackAddress(), 1),
        null,
        "test",
        false);
  }

  static Answer ask(
      AuthenticationSource source, @Nullable String username, @Nullable String password)
      throws Exception {
    var answer = new CompletableFuture<Answer>();
    source.authenticate(
        client(), username, password == null ? null : password.getBytes(UTF_8), answer::complete);
    return answer.get(20, TimeUnit.SECONDS);
  }

  /// Why a source refuses this; null if it does not.
  static @Nullable String refusal(AuthenticationSource source, String password) throws Exception {
    return ask(source, "any", password) instanceof Answer.Refuse refuse ? refuse.why() : null;
  }

  static JwtSource.Checks checks(UnaryOperator<ChecksBuilder> how) {
    ChecksBuilder asked = how.apply(new ChecksBuilder(false, null, null, true));
    return new JwtSource.Checks(
        asked.inUsername(),
        asked.issuer(),
        asked.audience(),
        "sub",
        "acl",
        "groups",
        asked.expiry());
  }

  record ChecksBuilder(
      boolean inUsername, @Nullable String issuer, @Nullable String audience, boolean expiry) {
    ChecksBuilder fromUsername() {
      return new ChecksBuilder(true, issuer, audience, expiry);
    }

    ChecksBuilder from(String wanted) {
      return new ChecksBuilder(inUsername, wanted, audience, expiry);
    }

    ChecksBuilder meantFor(String wanted) {
      return new ChecksBuilder(inUsername, issuer, wanted, expiry);
    }

    ChecksBuilder eternal() {
      return new ChecksBuilder(inUsername, issuer, audience, false);
    }
  }
}
