package io.relais.cli;

import java.io.IOException;
import java.math.BigInteger;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.PrivateKey;
import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import java.security.spec.ECGenParameterSpec;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.Date;
import java.util.List;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x500.X500NameBuilder;
import org.bouncycastle.asn1.x500.style.BCStyle;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.ExtendedKeyUsage;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.asn1.x509.KeyPurposeId;
import org.bouncycastle.asn1.x509.KeyUsage;
import org.bouncycastle.cert.X509v3CertificateBuilder;
import org.bouncycastle.cert.jcajce.JcaX509CertificateConverter;
import org.bouncycastle.cert.jcajce.JcaX509ExtensionUtils;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;
import org.jspecify.annotations.Nullable;

/// A certificate authority that lives as long as the command: elliptic curve P-256, one year. Its
/// certificates begin an hour ago, for clocks that are slow.
///
/// Owner: the thread that made it.
final class DevelopmentAuthority {
  private static final Duration LIFETIME = Duration.ofDays(365);
  private static final X500Name NAME = name("Relais development authority");

  private final KeyPair keys;
  private final X509Certificate certificate;

  /// A certificate and its private key, both as PEM.
  record Issued(String certificatePem, String keyPem) {}

  private DevelopmentAuthority(KeyPair keys, X509Certificate certificate) {
    this.keys = keys;
    this.certificate = certificate;
  }

  static DevelopmentAuthority create() {
    return checked(
        () -> {
          KeyPair keys = newKeys();
          X509v3CertificateBuilder builder = builder(NAME, keys);
          JcaX509ExtensionUtils identifiers = new JcaX509ExtensionUtils();
          builder.addExtension(Extension.basicConstraints, true, new BasicConstraints(0));
          builder.addExtension(
              Extension.keyUsage, true, new KeyUsage(KeyUsage.keyCertSign | KeyUsage.cRLSign));
          builder.addExtension(
              Extension.subjectKeyIdentifier,
              false,
              identifiers.createSubjectKeyIdentifier(keys.getPublic()));
          return new DevelopmentAuthority(keys, sign(builder, keys.getPrivate()));
        });
  }

  String certificatePem() {
    return checked(() -> pem("CERTIFICATE", certificate.getEncoded()));
  }

  /// A certificate for a server that is reached by these names and addresses; the first is its
  /// common name.
  Issued issueServer(List<String> hosts) {
    GeneralName[] names =
        hosts.stream().map(DevelopmentAuthority::alternativeName).toArray(GeneralName[]::new);
    return issue(hosts.getFirst(), KeyPurposeId.id_kp_serverAuth, new GeneralNames(names));
  }

  Issued issueClient(String commonName) {
    return issue(commonName, KeyPurposeId.id_kp_clientAuth, null);
  }

  private Issued issue(
      String commonName, KeyPurposeId purpose, @Nullable GeneralNames alternatives) {
    return checked(
        () -> {
          KeyPair own = newKeys();
          X509v3CertificateBuilder builder = builder(name(commonName), own);
          JcaX509ExtensionUtils identifiers = new JcaX509ExtensionUtils();
          builder.addExtension(Extension.basicConstraints, true, new BasicConstraints(false));
          builder.addExtension(Extension.keyUsage, true, new KeyUsage(KeyUsage.digitalSignature));
          builder.addExtension(Extension.extendedKeyUsage, false, new ExtendedKeyUsage(purpose));
          builder.addExtension(
              Extension.subjectKeyIdentifier,
              false,
              identifiers.createSubjectKeyIdentifier(own.getPublic()));
          builder.addExtension(
              Extension.authorityKeyIdentifier,
              false,
              identifiers.createAuthorityKeyIdentifier(keys.getPublic()));
          if (alternatives != null) {
            builder.addExtension(Extension.subjectAlternativeName, false, alternatives);
          }
          return new Issued(
              pem("CERTIFICATE", sign(builder, keys.getPrivate()).getEncoded()),
              pem("PRIVATE KEY", own.getPrivate().getEncoded()));
        });
  }

  private static X509v3CertificateBuilder builder(X500Name subject, KeyPair keys) {
    Instant now = Instant.now();
    return new JcaX509v3CertificateBuilder(
        NAME,
        new BigInteger(127, new SecureRandom()).add(BigInteger.ONE),
        Date.from(now.minus(Duration.ofHours(1))),
        Date.from(now.plus(LIFETIME)),
        subject,
        keys.getPublic());
  }

  private static X509Certificate sign(X509v3CertificateBuilder builder, PrivateKey by)
      throws OperatorCreationException, GeneralSecurityException {
    return new JcaX509CertificateConverter()
        .getCertificate(builder.build(new JcaContentSignerBuilder("SHA256withECDSA").build(by)));
  }

  private static KeyPair newKeys() throws GeneralSecurityException {
    KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
    generator.initialize(new ECGenParameterSpec("secp256r1"));
    return generator.generateKeyPair();
  }

  private static GeneralName alternativeName(String host) {
    try {
      InetAddress.ofLiteral(host);
      return new GeneralName(GeneralName.iPAddress, host);
    } catch (IllegalArgumentException notAnAddress) {
      return new GeneralName(GeneralName.dNSName, host);
    }
  }

  private static X500Name name(String commonName) {
    return new X500NameBuilder().addRDN(BCStyle.CN, commonName).build();
  }

  private static String pem(String label, byte[] der) {
    String body =
        Base64.getMimeEncoder(64, "\n".getBytes(StandardCharsets.US_ASCII)).encodeToString(der);
    return "-----BEGIN %s-----\n%s\n-----END %s-----\n".formatted(label, body, label);
  }

  private interface Making<T> {
    T make() throws GeneralSecurityException, OperatorCreationException, IOException;
  }

  /// EC P-256 is in every JDK: its absence is a broken machine, not something to handle.
  private static <T> T checked(Making<T> making) {
    try {
      return making.make();
    } catch (GeneralSecurityException | OperatorCreationException | IOException broken) {
      throw new IllegalStateException(
          "this JDK cannot make certificates: " + broken.getMessage(), broken);
    }
  }
}
