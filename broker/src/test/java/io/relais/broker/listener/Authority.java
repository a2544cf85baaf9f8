package io.relais.broker.listener;

import java.io.IOException;
import java.io.StringWriter;
import java.io.Writer;
import java.math.BigInteger;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.KeyStore;
import java.security.cert.X509CRL;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Date;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.CRLReason;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.cert.X509v2CRLBuilder;
import org.bouncycastle.cert.jcajce.JcaX509CRLConverter;
import org.bouncycastle.cert.jcajce.JcaX509CertificateConverter;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.openssl.jcajce.JcaPEMWriter;
import org.bouncycastle.openssl.jcajce.JcaPKCS8Generator;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;
import org.jspecify.annotations.Nullable;

/// A certificate authority of the tests' own.
public final class Authority {
  public record Issued(KeyPair pair, X509Certificate certificate) {
    public void write(Path certificateFile, Path keyFile) throws IOException {
      Files.writeString(certificateFile, pem(certificate));
      Files.writeString(keyFile, pem(new JcaPKCS8Generator(pair.getPrivate(), null)));
    }

    /// PKCS#1 or SEC 1.
    String oldKeyPem() throws IOException {
      return pem(pair.getPrivate());
    }
  }

  private final KeyPair pair = keys("EC");
  private final X500Name name;
  private final X509Certificate certificate;

  public Authority(String commonName) {
    this.name = new X500Name("CN=" + commonName);
    this.certificate = sign(name, pair, true, Instant.now().plus(10, ChronoUnit.DAYS));
  }

  public X509Certificate certificate() {
    return certificate;
  }

  public void write(Path file) throws IOException {
    Files.writeString(file, pem(certificate));
  }

  /// @param kind `RSA`, `EC` or `Ed25519`
  public Issued issue(String commonName, String kind) {
    return issue(commonName, kind, Instant.now().plus(5, ChronoUnit.DAYS));
  }

  Issued issue(String commonName, String kind, Instant notAfter) {
    KeyPair keys = keys(kind);
    return new Issued(keys, sign(new X500Name("CN=" + commonName), keys, false, notAfter));
  }

  /// @param names alternative ones of the subject
  Issued issue(X500Name subject, GeneralName... names) {
    KeyPair keys = keys("EC");
    return new Issued(
        keys, sign(subject, keys, false, Instant.now().plus(5, ChronoUnit.DAYS), names));
  }

  /// The certificates that it took back.
  X509CRL revoked(Instant nextUpdate, Issued... these) {
    var list = new X509v2CRLBuilder(name, Date.from(Instant.now().minus(2, ChronoUnit.DAYS)));
    list.setNextUpdate(Date.from(nextUpdate));
    for (Issued one : these) {
      list.addCRLEntry(
          one.certificate.getSerialNumber(), Date.from(Instant.now()), CRLReason.keyCompromise);
    }
    try {
      return new JcaX509CRLConverter()
          .getCRL(
              list.build(new JcaContentSignerBuilder("SHA256withECDSA").build(pair.getPrivate())));
    } catch (GeneralSecurityException | OperatorCreationException e) {
      throw new IllegalStateException("no list", e);
    }
  }

  private X509Certificate sign(X500Name subject, KeyPair keys, boolean isAuthority, Instant end) {
    return sign(
        subject,
        keys,
        isAuthority,
        end,
        new GeneralName(GeneralName.iPAddress, "127.0.0.1"),
        new GeneralName(GeneralName.dNSName, "localhost"));
  }

  private X509Certificate sign(
      X500Name subject, KeyPair keys, boolean isAuthority, Instant end, GeneralName... names) {
    try {
      JcaX509v3CertificateBuilder builder =
          new JcaX509v3CertificateBuilder(
              name,
              new BigInteger(64, new java.security.SecureRandom()),
              Date.from(Instant.now().minus(20, ChronoUnit.DAYS)),
              Date.from(end),
              subject,
              keys.getPublic());
      builder.addExtension(Extension.basicConstraints, true, new BasicConstraints(isAuthority));
      if (!isAuthority && names.length > 0) {
        builder.addExtension(Extension.subjectAlternativeName, false, new GeneralNames(names));
      }
      return new JcaX509CertificateConverter()
          .getCertificate(
              builder.build(
                  new JcaContentSignerBuilder("SHA256withECDSA").build(pair.getPrivate())));
    } catch (IOException | GeneralSecurityException | OperatorCreationException e) {
      throw new IllegalStateException("no certificate", e);
    }
  }

  private static KeyPair keys(String kind) {
    try {
      KeyPairGenerator generator = KeyPairGenerator.getInstance(kind);
      if (!kind.equals("Ed25519")) {
        generator.initialize(kind.equals("RSA") ? 2048 : 256);
      }
      return generator.generateKeyPair();
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("no keys of the kind " + kind, e);
    }
  }

  static String pem(Object object) throws IOException {
    StringWriter text = new StringWriter();
    try (JcaPEMWriter pem = new JcaPEMWriter((Writer) text)) {
      pem.writeObject(object);
    }
    return text.toString();
  }

  /// Of a client that trusts this authority, and shows a certificate if given one.
  SSLContext client(@Nullable Issued shown) {
    try {
      KeyStore trusted = KeyStore.getInstance("PKCS12");
      trusted.load(null, null);
      trusted.setCertificateEntry("ca", certificate);
      TrustManagerFactory trust = TrustManagerFactory.getInstance("PKIX");
      trust.init(trusted);
      KeyManagerFactory keys = KeyManagerFactory.getInstance("PKIX");
      KeyStore own = KeyStore.getInstance("PKCS12");
      own.load(null, null);
      if (shown != null) {
        own.setKeyEntry(
            "own",
            shown.pair.getPrivate(),
            new char[0],
            new X509Certificate[] {shown.certificate, certificate});
      }
      keys.init(own, new char[0]);
      SSLContext context = SSLContext.getInstance("TLS");
      context.init(keys.getKeyManagers(), trust.getTrustManagers(), null);
      return context;
    } catch (IOException | GeneralSecurityException e) {
      throw new IllegalStateException("no TLS context", e);
    }
  }
}
