package io.relais.broker.access;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.JWSVerifier;
import com.nimbusds.jose.crypto.ECDSAVerifier;
import com.nimbusds.jose.crypto.MACVerifier;
import com.nimbusds.jose.crypto.RSASSAVerifier;
import com.nimbusds.jose.jwk.Curve;
import com.nimbusds.jose.util.Base64URL;
import com.nimbusds.jwt.SignedJWT;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PublicKey;
import java.security.Signature;
import java.security.interfaces.ECPublicKey;
import java.security.interfaces.EdECPublicKey;
import java.security.interfaces.RSAPublicKey;
import java.security.spec.InvalidKeySpecException;
import java.security.spec.NamedParameterSpec;
import java.security.spec.X509EncodedKeySpec;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// A key that tokens may be signed with, and the algorithms that fit it: a public key never checks
/// an HMAC, whatever a token says of itself.
///
/// Owner: immutable.
///
/// @param id compared with a token's `kid`; null: stands for any
record TokenKey(@Nullable String id, Set<JWSAlgorithm> algorithms, Verifier verifier) {
  static final int SECRET_BYTES_MIN = 32;
  static final int RSA_BITS_MIN = 2048;

  private static final int FILE_BYTES_MAX = 64 * 1024;
  private static final Set<JWSAlgorithm> HMAC =
      Set.of(JWSAlgorithm.HS256, JWSAlgorithm.HS384, JWSAlgorithm.HS512);
  private static final Set<JWSAlgorithm> RSA =
      Set.of(
          JWSAlgorithm.RS256,
          JWSAlgorithm.RS384,
          JWSAlgorithm.RS512,
          JWSAlgorithm.PS256,
          JWSAlgorithm.PS384,
          JWSAlgorithm.PS512);
  private static final Set<JWSAlgorithm> EDWARDS = Set.of(JWSAlgorithm.EdDSA, JWSAlgorithm.Ed25519);
  private static final Pattern PEM =
      Pattern.compile("-----BEGIN ([A-Z0-9 ]+)-----([A-Za-z0-9+/=\\s]+)-----END \\1-----");

  /// Whether a signature is that of this key. Any thread.
  interface Verifier {
    boolean verify(JWSHeader header, byte[] signed, Base64URL signature)
        throws JOSEException, GeneralSecurityException;
  }

  /// Whether it may have signed a token that begins so.
  boolean fits(JWSHeader header) {
    return algorithms.contains(header.getAlgorithm())
        && (id == null || header.getKeyID() == null || id.equals(header.getKeyID()));
  }

  boolean signed(SignedJWT token) throws JOSEException, GeneralSecurityException {
    return verifier.verify(token.getHeader(), token.getSigningInput(), token.getSignature());
  }

  /// The secret that a file holds, without the end of its line.
  ///
  /// @throws IOException naming the file, and what is wrong with it
  static TokenKey readSecret(Path file) throws IOException {
    byte[] all = read(file);
    int end = all.length;
    if (end > 0 && all[end - 1] == '\n') {
      end -= end > 1 && all[end - 2] == '\r' ? 2 : 1;
    }
    if (end < SECRET_BYTES_MIN) {
      throw new IOException(
          "%s holds a secret of %d bytes; a secret for tokens has at least %d"
              .formatted(file, end, SECRET_BYTES_MIN));
    }
    try {
      return new TokenKey(null, HMAC, verifier(new MACVerifier(Arrays.copyOf(all, end))));
    } catch (JOSEException e) {
      throw new IOException(file + " holds no secret for tokens: " + e.getMessage(), e);
    }
  }

  /// The public key in a PEM file.
  ///
  /// @throws IOException naming the file, and what is wrong with it
  static TokenKey readPublic(Path file) throws IOException {
    Matcher pem = PEM.matcher(new String(read(file), StandardCharsets.US_ASCII));
    if (!pem.find() || !pem.group(1).equals("PUBLIC KEY")) {
      throw new IOException(
          file + " holds no public key; expected is a PEM file with -----BEGIN PUBLIC KEY-----");
    }
    try {
      byte[] encoded = Base64.getMimeDecoder().decode(pem.group(2));
      return of(null, decode(encoded));
    } catch (GeneralSecurityException | JOSEException | IllegalArgumentException e) {
      throw new IOException(file + " holds a key that cannot be used: " + e.getMessage(), e);
    }
  }

  private static byte[] read(Path file) throws IOException {
    try (InputStream in = Files.newInputStream(file)) {
      byte[] all = in.readNBytes(FILE_BYTES_MAX + 1);
      if (all.length > FILE_BYTES_MAX) {
        throw new IOException(file + " is larger than a key can be");
      }
      return all;
    }
  }

  private static PublicKey decode(byte[] encoded) throws GeneralSecurityException {
    var spec = new X509EncodedKeySpec(encoded);
    for (String kind : List.of("RSA", "EC", "EdDSA")) {
      PublicKey key = decode(kind, spec);
      if (key != null) {
        return key;
      }
    }
    throw new InvalidKeySpecException("it is neither RSA nor EC nor Ed25519");
  }

  /// @return null: it is of another kind
  private static @Nullable PublicKey decode(String kind, X509EncodedKeySpec spec)
      throws GeneralSecurityException {
    try {
      return KeyFactory.getInstance(kind).generatePublic(spec);
    } catch (InvalidKeySpecException _) {
      return null;
    }
  }

  /// @throws InvalidKeySpecException with a sentence that says what would be right
  static TokenKey of(@Nullable String id, PublicKey key)
      throws JOSEException, InvalidKeySpecException {
    return switch (key) {
      case RSAPublicKey rsa -> {
        int bits = rsa.getModulus().bitLength();
        if (bits < RSA_BITS_MIN) {
          throw new InvalidKeySpecException(
              "it has " + bits + " bits; an RSA key has at least " + RSA_BITS_MIN);
        }
        yield new TokenKey(id, RSA, verifier(new RSASSAVerifier(rsa)));
      }
      case ECPublicKey ec -> {
        Curve curve = Curve.forECParameterSpec(ec.getParams());
        JWSAlgorithm algorithm =
            Curve.P_256.equals(curve)
                ? JWSAlgorithm.ES256
                : Curve.P_384.equals(curve)
                    ? JWSAlgorithm.ES384
                    : Curve.P_521.equals(curve) ? JWSAlgorithm.ES512 : null;
        if (algorithm == null) {
          throw new InvalidKeySpecException("its curve is none of P-256, P-384 and P-521");
        }
        yield new TokenKey(id, Set.of(algorithm), verifier(new ECDSAVerifier(ec)));
      }
      case EdECPublicKey edwards
          when edwards.getParams().getName().equals(NamedParameterSpec.ED25519.getName()) ->
          new TokenKey(id, EDWARDS, ed25519(edwards));
      default -> throw new InvalidKeySpecException("it is neither RSA nor EC nor Ed25519");
    };
  }

  /// The same for some of its algorithms only.
  TokenKey only(JWSAlgorithm algorithm) {
    return new TokenKey(
        id, algorithms.contains(algorithm) ? Set.of(algorithm) : Set.of(), verifier);
  }

  private static Verifier verifier(JWSVerifier verifier) {
    return verifier::verify;
  }

  /// By the JDK: the library would want another one for it.
  private static Verifier ed25519(PublicKey key) {
    return (header, signed, signature) -> {
      Signature check = Signature.getInstance("Ed25519");
      check.initVerify(key);
      check.update(signed);
      return check.verify(signature.decode());
    };
  }
}
