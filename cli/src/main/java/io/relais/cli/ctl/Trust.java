package io.relais.cli.ctl;

import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.util.Arrays;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509ExtendedTrustManager;
import org.jspecify.annotations.Nullable;

/// Whom to believe to be the node that is asked.
final class Trust {
  private Trust() {}

  /// @param authorities file of PEM certificates; null: those that Java trusts
  /// @param anyHost whether a certificate for another host will do
  /// @throws IOException naming the file that cannot be used
  static SSLContext of(@Nullable Path authorities, boolean anyHost) throws IOException {
    try {
      var factory = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
      factory.init(authorities == null ? null : store(authorities));
      TrustManager[] managers = factory.getTrustManagers();
      if (anyHost) {
        managers =
            Arrays.stream(managers)
                .map(
                    one ->
                        one instanceof X509ExtendedTrustManager checking
                            ? new AnyHost(checking)
                            : one)
                .toArray(TrustManager[]::new);
      }
      SSLContext context = SSLContext.getInstance("TLS");
      context.init(null, managers, null);
      return context;
    } catch (GeneralSecurityException e) {
      throw new IOException("--cafile " + authorities + " cannot be used: " + e.getMessage(), e);
    }
  }

  private static KeyStore store(Path file) throws IOException, GeneralSecurityException {
    KeyStore store = KeyStore.getInstance("PKCS12");
    store.load(null, null);
    int count = 0;
    try (InputStream in = Files.newInputStream(file)) {
      for (Certificate one : CertificateFactory.getInstance("X.509").generateCertificates(in)) {
        store.setCertificateEntry("ca" + count++, one);
      }
    } catch (NoSuchFileException e) {
      throw new IOException("--cafile " + file + ": no such file", e);
    }
    if (count == 0) {
      throw new IOException("--cafile " + file + " contains no PEM certificate");
    }
    return store;
  }

  /// Checks all of a certificate but whom it is for.
  private static final class AnyHost extends X509ExtendedTrustManager {
    private final X509ExtendedTrustManager checking;

    AnyHost(X509ExtendedTrustManager checking) {
      this.checking = checking;
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String kind)
        throws CertificateException {
      checking.checkServerTrusted(chain, kind);
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String kind, Socket socket)
        throws CertificateException {
      checking.checkServerTrusted(chain, kind);
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String kind, SSLEngine engine)
        throws CertificateException {
      checking.checkServerTrusted(chain, kind);
    }

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String kind)
        throws CertificateException {
      checking.checkClientTrusted(chain, kind);
    }

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String kind, Socket socket)
        throws CertificateException {
      checking.checkClientTrusted(chain, kind);
    }

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String kind, SSLEngine engine)
        throws CertificateException {
      checking.checkClientTrusted(chain, kind);
    }

    @Override
    public X509Certificate[] getAcceptedIssuers() {
      return checking.getAcceptedIssuers();
    }
  }
}
