package io.relais.broker.listener;

import io.netty.handler.ssl.ClientAuth;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslProvider;
import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.Signature;
import java.security.cert.CertificateExpiredException;
import java.security.cert.CertificateNotYetValidException;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The certificate and key that a listener shows, as its files are now. They are read whole every
/// two seconds and compared, which sees every way of replacing them: written over, renamed, or a
/// link above them switched as Kubernetes does. Files that do not work leave the old ones in use.
///
/// Owner: `context` is written by the watching virtual thread, read by all loops. Limits: a file of
/// [#FILE_BYTES_MAX] bytes.
final class TlsIdentity implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(TlsIdentity.class);
  private static final Duration BETWEEN_LOOKS = Duration.ofSeconds(2);
  private static final int FILE_BYTES_MAX = 4 << 20;

  /// The contents of the files, or why there are none.
  private record Look(byte[] certificate, byte[] key, byte[] ca, @Nullable IOException failure) {
    private static final byte[] NOTHING = {};

    static Look at(TlsSettings settings) {
      try {
        return new Look(
            content(settings.certificate()),
            content(settings.key()),
            settings.ca() == null ? NOTHING : content(settings.ca()),
            null);
      } catch (IOException e) {
        return new Look(NOTHING, NOTHING, NOTHING, e);
      }
    }

    boolean sameAs(Look other) {
      return Arrays.equals(certificate, other.certificate)
          && Arrays.equals(key, other.key)
          && Arrays.equals(ca, other.ca)
          && (failure == null) == (other.failure == null);
    }
  }

  private final String listener;
  private final TlsSettings settings;
  private volatile SslContext context;
  private Look served;
  private @Nullable Thread watcher;

  /// @throws IOException naming the file and what is wrong with it
  TlsIdentity(String listener, TlsSettings settings) throws IOException {
    this.listener = listener;
    this.settings = settings;
    this.served = Look.at(settings);
    this.context = load(settings, served);
  }

  /// For a new connection.
  SslContext context() {
    return context;
  }

  void watch() {
    watcher = Thread.ofVirtual().name("relais-certificates-" + listener).start(this::run);
  }

  private void run() {
    Look failed = served;
    boolean logged = true;
    while (true) {
      try {
        Thread.sleep(BETWEEN_LOOKS);
      } catch (InterruptedException _) { // closed
        return;
      }
      Look now = Look.at(settings);
      if (now.sameAs(served)) {
        failed = served;
        logged = true;
        continue;
      }
      // A pair of files is not replaced in one step, so a failure counts when it stays for a while.
      boolean again = now.sameAs(failed);
      if (again && logged) {
        continue;
      }
      try {
        context = load(settings, now);
        served = now;
        failed = now;
        logged = true;
        LOG.info("listener {}: new connections get the new {}", listener, settings.certificate());
      } catch (IOException e) {
        failed = now;
        logged = again;
        if (again) {
          LOG.warn(
              "listener {}: the TLS files changed and do not work, the old ones stay in use: {}",
              listener,
              e.getMessage());
        }
      } catch (RuntimeException e) { // a provider that stumbles over a file must not end the watch
        failed = now;
        logged = true;
        LOG.warn("listener {}: the changed TLS files stay unused", listener, e);
      }
    }
  }

  private static byte[] content(Path file) throws IOException {
    long size;
    try {
      if (Files.isDirectory(file)) {
        throw new IOException(file + ": is a directory, not a PEM file");
      }
      size = Files.size(file);
      if (size > FILE_BYTES_MAX) {
        throw new IOException(
            file + ": has " + size + " bytes; a PEM file here has at most " + FILE_BYTES_MAX);
      }
      return Files.readAllBytes(file);
    } catch (NoSuchFileException e) {
      throw new IOException(file + ": not found", e);
    } catch (AccessDeniedException e) {
      throw new IOException(
          file + ": may not be read by the user '" + System.getProperty("user.name") + "'", e);
    }
  }

  private static SslContext load(TlsSettings settings, Look look) throws IOException {
    if (look.failure != null) {
      throw look.failure;
    }
    List<X509Certificate> chain = Pem.certificates(settings.certificate(), look.certificate);
    X509Certificate own = chain.getFirst();
    PrivateKey key = Pem.key(settings.key(), look.key, own.getPublicKey());
    if (!areOnePair(key, own.getPublicKey())) {
      throw new IOException(
          settings.key()
              + ": the key does not match the first certificate in "
              + settings.certificate()
              + ", which is for "
              + own.getSubjectX500Principal());
    }
    try {
      own.checkValidity();
    } catch (CertificateExpiredException e) {
      throw new IOException(
          settings.certificate() + ": expired on " + own.getNotAfter().toInstant(), e);
    } catch (CertificateNotYetValidException e) {
      throw new IOException(
          settings.certificate() + ": is not valid before " + own.getNotBefore().toInstant(), e);
    }
    SslContextBuilder builder =
        SslContextBuilder.forServer(key, chain)
            .sslProvider(SslProvider.JDK)
            .protocols(settings.versions())
            .clientAuth(
                switch (settings.clientCertificate()) {
                  case NONE -> ClientAuth.NONE;
                  case OPTIONAL -> ClientAuth.OPTIONAL;
                  case REQUIRED -> ClientAuth.REQUIRE;
                });
    if (settings.ca() != null) {
      builder.trustManager(Pem.certificates(settings.ca(), look.ca));
    }
    try {
      return builder.build();
    } catch (SSLException e) {
      throw new IOException(settings.certificate() + ": " + e.getMessage(), e);
    }
  }

  private static boolean areOnePair(PrivateKey key, PublicKey publicKey) throws IOException {
    String algorithm =
        switch (publicKey.getAlgorithm()) {
          case "RSA" -> "SHA256withRSA";
          case "EC" -> "SHA256withECDSA";
          default -> publicKey.getAlgorithm(); // EdDSA
        };
    byte[] text = {1, 2, 3, 4};
    try {
      Signature signer = Signature.getInstance(algorithm);
      signer.initSign(key);
      signer.update(text);
      byte[] signature = signer.sign();
      Signature verifier = Signature.getInstance(algorithm);
      verifier.initVerify(publicKey);
      verifier.update(text);
      return verifier.verify(signature);
    } catch (java.security.InvalidKeyException | java.security.SignatureException _) {
      return false; // another curve or another length
    } catch (GeneralSecurityException e) {
      throw new IOException(
          "certificates with keys of the kind " + algorithm + " cannot be used", e);
    }
  }

  @Override
  public void close() {
    if (watcher != null) {
      watcher.interrupt();
    }
  }
}
