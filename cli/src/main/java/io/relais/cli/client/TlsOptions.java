package io.relais.cli.client;

import com.hivemq.client.mqtt.MqttClientSslConfig;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.TrustManagerFactory;
import org.bouncycastle.asn1.pkcs.PrivateKeyInfo;
import org.bouncycastle.openssl.PEMKeyPair;
import org.bouncycastle.openssl.PEMParser;
import org.bouncycastle.openssl.jcajce.JcaPEMKeyConverter;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/// Whom to trust and who we are, in TLS. Files are PEM.
///
/// Owner: the main thread.
@SuppressWarnings("CheckReturnValue") // the library's builders change themselves
final class TlsOptions {
  @Option(names = "--tls", description = "TLS, with the authorities that Java trusts.")
  boolean enabled;

  @Option(names = "--tls-use-os-certs", description = "The same as --tls.")
  boolean systemAuthorities;

  @Option(
      names = "--cafile",
      paramLabel = "FILE",
      description = "Trusted authorities; implies TLS.")
  @Nullable Path cafile;

  @Option(
      names = "--capath",
      paramLabel = "DIR",
      description = "Directory of trusted authorities, *.crt and *.pem; implies TLS.")
  @Nullable Path capath;

  @Option(names = "--cert", paramLabel = "FILE", description = "Our certificate.")
  @Nullable Path certificate;

  @Option(names = "--key", paramLabel = "FILE", description = "Our private key.")
  @Nullable Path key;

  @Option(
      names = "--insecure",
      description = "Do not check that the certificate is for this host. For trials only.")
  boolean insecure;

  @Option(
      names = "--tls-version",
      paramLabel = "VERSION",
      description = "tlsv1.2 or tlsv1.3 (default: both).")
  @Nullable String version;

  boolean isEnabled(@Nullable Integer port) {
    return enabled
        || systemAuthorities
        || cafile != null
        || capath != null
        || certificate != null
        || (port != null && port == 8883);
  }

  void check(ConnectOptions options) {
    if ((certificate == null) != (key == null)) {
      throw options.wrong("A client certificate needs both --cert and --key.");
    }
    if (version != null && !version.equals("tlsv1.2") && !version.equals("tlsv1.3")) {
      throw options.wrong("--tls-version is tlsv1.2 or tlsv1.3, not '" + version + "'.");
    }
  }

  /// @throws ClientFailure naming the file that cannot be used
  MqttClientSslConfig config() {
    var config = MqttClientSslConfig.builder();
    if (cafile != null || capath != null) {
      config.trustManagerFactory(trust(authorities()));
    }
    if (certificate != null && key != null) {
      config.keyManagerFactory(identity(certificate, key));
    }
    if (version != null) {
      config.protocols(List.of(version.replace("tlsv", "TLSv")));
    }
    if (insecure) {
      config.hostnameVerifier((_, _) -> true);
    }
    return config.build();
  }

  private Collection<Certificate> authorities() {
    var all = new ArrayList<Certificate>();
    if (cafile != null) {
      all.addAll(certificates(cafile));
    }
    if (capath != null) {
      try (var files = Files.newDirectoryStream(capath, "*.{crt,pem}")) {
        files.forEach(file -> all.addAll(certificates(file)));
      } catch (IOException e) {
        throw unusable("--capath", capath, e);
      }
      if (all.isEmpty()) {
        throw ClientFailure.general("--capath " + capath + " has no file *.crt or *.pem.");
      }
    }
    return all;
  }

  private static Collection<? extends Certificate> certificates(Path file) {
    try (InputStream in = Files.newInputStream(file)) {
      var found = CertificateFactory.getInstance("X.509").generateCertificates(in);
      if (found.isEmpty()) {
        throw ClientFailure.general(file + " contains no PEM certificate.");
      }
      return found;
    } catch (IOException | GeneralSecurityException e) {
      throw unusable("the certificate file", file, e);
    }
  }

  private static TrustManagerFactory trust(Collection<Certificate> authorities) {
    try {
      var store = KeyStore.getInstance("PKCS12");
      store.load(null, null);
      int n = 0;
      for (var authority : authorities) {
        store.setCertificateEntry("ca" + n++, authority);
      }
      var factory = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
      factory.init(store);
      return factory;
    } catch (IOException | GeneralSecurityException e) {
      throw new IllegalStateException("a key store in memory cannot be made", e);
    }
  }

  private static KeyManagerFactory identity(Path certificate, Path key) {
    var chain = certificates(certificate).toArray(Certificate[]::new);
    try {
      var store = KeyStore.getInstance("PKCS12");
      store.load(null, null);
      store.setKeyEntry("client", privateKey(key), new char[0], chain);
      var factory = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
      factory.init(store, new char[0]);
      return factory;
    } catch (IOException | GeneralSecurityException e) {
      throw unusable("--key", key, e);
    }
  }

  private static PrivateKey privateKey(Path file) throws IOException {
    try (var parser = new PEMParser(Files.newBufferedReader(file))) {
      for (Object part = parser.readObject(); part != null; part = parser.readObject()) {
        var converter = new JcaPEMKeyConverter();
        switch (part) {
          case PrivateKeyInfo pkcs8 -> {
            return converter.getPrivateKey(pkcs8);
          }
          case PEMKeyPair pair -> {
            return converter.getKeyPair(pair).getPrivate();
          }
          default -> {
            // Such as the curve's parameters, which OpenSSL writes before an EC key.
          }
        }
      }
    }
    throw ClientFailure.general(
        "--key " + file + " contains no unencrypted PEM private key (PKCS#8, EC or RSA).");
  }

  private static ClientFailure unusable(String what, Path file, Exception cause) {
    var reason =
        cause instanceof java.nio.file.NoSuchFileException ? "no such file" : cause.getMessage();
    return ClientFailure.general("Cannot use " + what + " " + file + ": " + reason);
  }
}
