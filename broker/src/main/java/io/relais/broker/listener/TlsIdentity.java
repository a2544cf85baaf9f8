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
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The certificate and key that a listener shows, as its files are now. They are read whole every
/// two seconds and compared, which sees every way of replacing them: written over, renamed, or a
/// link above them switched as Kubernetes does. Files that do not work leave the old ones in use,
/// but for lists of revoked certificates: without them no client certificate is trusted.
///
/// Owner: `context` is written by the watching virtual thread, read by all loops. Limits: a file of
/// [#FILE_BYTES_MAX] bytes, lists of [#CRL_BYTES_MAX].
final class TlsIdentity implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(TlsIdentity.class);
  private static final Duration BETWEEN_LOOKS = Duration.ofSeconds(2);
  private static final int FILE_BYTES_MAX = 4 << 20;
  private static final int CRL_BYTES_MAX = 32 << 20;

  /// What the files are now, or why they cannot be read.
  ///
  /// @param crlFailure why there are no lists of revoked certificates
  private record Look(
      byte[] certificate,
      byte[] key,
      byte[] ca,
      List<byte[]> crl,
      @Nullable IOException failure,
      @Nullable IOException crlFailure) {
    private static final byte[] NOTHING = {};

    static Look at(TlsSettings settings) {
      List<byte[]> crl = new ArrayList<>();
      IOException crlFailure = null;
      try {
        for (Path file : settings.crl()) {
          crl.add(content(file, CRL_BYTES_MAX));
        }
      } catch (IOException e) {
        crl.clear();
        crlFailure = e;
      }
      try {
        return new Look(
            content(settings.certificate(), FILE_BYTES_MAX),
            content(settings.key(), FILE_BYTES_MAX),
            settings.ca() == null ? NOTHING : content(settings.ca(), FILE_BYTES_MAX),
            List.copyOf(crl),
            null,
            crlFailure);
      } catch (IOException e) {
        return new Look(NOTHING, NOTHING, NOTHING, List.of(), e, crlFailure);
      }
    }

    boolean sameAs(Look other) {
      return Arrays.equals(certificate, other.certificate)
          && Arrays.equals(key, other.key)
          && Arrays.equals(ca, other.ca)
          && (failure == null) == (other.failure == null);
    }

    boolean hasSameListsAs(Look other) {
      if (crl.size() != other.crl.size() || (crlFailure == null) != (other.crlFailure == null)) {
        return false;
      }
      for (int i = 0; i < crl.size(); i++) {
        if (!Arrays.equals(crl.get(i), other.crl.get(i))) {
          return false;
        }
      }
      return true;
    }
  }

  private final String listener;
  private final TlsSettings settings;
  private volatile SslContext context;
  private Look served;
  private Material material;
  private Look listed;
  private RevocationLists lists;
  private List<String> problems;
  private @Nullable Look unlisted; // lists that could not be read, once
  private @Nullable Thread watcher;

  /// @throws IOException naming the file and what is wrong with it
  TlsIdentity(String listener, TlsSettings settings) throws IOException {
    this.listener = listener;
    this.settings = settings;
    this.served = Look.at(settings);
    this.listed = served;
    this.material = material(settings, served);
    this.lists = lists(settings, served);
    Instant now = Instant.now();
    this.problems = lists.problems(now);
    this.context = context(settings, material, lists, now);
    warn(problems);
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
      lookAtLists(now);
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
        Material next = material(settings, now);
        context = context(settings, next, lists, Instant.now());
        material = next;
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

  /// Takes up lists that changed, or that are over now. Where they cannot be read a second time,
  /// there are none from then on: a file is not always replaced in one step.
  private void lookAtLists(Look now) {
    if (settings.crl().isEmpty()) {
      return;
    }
    try {
      RevocationLists next = lists;
      if (now.hasSameListsAs(listed)) {
        unlisted = null;
      } else {
        next = changed(now);
      }
      Instant time = Instant.now();
      List<String> wrong = next.problems(time);
      if (next == lists && wrong.equals(problems)) {
        return;
      }
      context = context(settings, material, next, time);
      lists = next;
      problems = wrong;
      warn(wrong);
    } catch (IOException | RuntimeException e) { // a provider must not end the watch
      LOG.warn("listener {}: the changed lists of revoked certificates stay unused", listener, e);
    }
  }

  private RevocationLists changed(Look now) {
    boolean again = unlisted != null && now.hasSameListsAs(unlisted);
    try {
      RevocationLists next = lists(settings, now);
      listed = now;
      unlisted = null;
      LOG.info("listener {}: new lists of revoked certificates are in force", listener);
      return next;
    } catch (IOException e) {
      if (!again) {
        unlisted = now;
        return lists;
      }
      listed = now;
      unlisted = null;
      LOG.warn(
          "listener {}: clients with certificates are refused, since a list of revoked ones cannot"
              + " be read: {}",
          listener,
          e.getMessage());
      return RevocationLists.none();
    }
  }

  private void warn(List<String> wrong) {
    for (String one : wrong) {
      LOG.warn(
          "listener {}: clients with certificates of this authority are refused until there is a new"
              + " list of revoked ones: {}",
          listener,
          one);
    }
  }

  private static byte[] content(Path file, int most) throws IOException {
    long size;
    try {
      if (Files.isDirectory(file)) {
        throw new IOException(file + ": is a directory, not a PEM file");
      }
      size = Files.size(file);
      if (size > most) {
        throw new IOException(file + ": has " + size + " bytes; a file here has at most " + most);
      }
      return Files.readAllBytes(file);
    } catch (NoSuchFileException e) {
      throw new IOException(file + ": not found", e);
    } catch (AccessDeniedException e) {
      throw new IOException(
          file + ": may not be read by the user '" + System.getProperty("user.name") + "'", e);
    }
  }

  /// What the files of certificates and keys hold.
  ///
  /// @param authorities of client certificates; empty: none are asked for
  private record Material(
      PrivateKey key, List<X509Certificate> chain, List<X509Certificate> authorities) {}

  private static RevocationLists lists(TlsSettings settings, Look look) throws IOException {
    if (look.crlFailure != null) {
      throw look.crlFailure;
    }
    return settings.crl().isEmpty()
        ? RevocationLists.none()
        : RevocationLists.of(settings.crl(), look.crl);
  }

  private static Material material(TlsSettings settings, Look look) throws IOException {
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
    return new Material(
        key, chain, settings.ca() == null ? List.of() : Pem.certificates(settings.ca(), look.ca));
  }

  private static SslContext context(
      TlsSettings settings, Material material, RevocationLists lists, Instant now)
      throws IOException {
    SslContextBuilder builder =
        SslContextBuilder.forServer(material.key, material.chain)
            .sslProvider(SslProvider.JDK)
            .protocols(settings.versions())
            .clientAuth(
                switch (settings.clientCertificate()) {
                  case NONE -> ClientAuth.NONE;
                  case OPTIONAL -> ClientAuth.OPTIONAL;
                  case REQUIRED -> ClientAuth.REQUIRE;
                });
    if (!settings.crl().isEmpty()) {
      builder.trustManager(lists.trust(material.authorities, now));
    } else if (!material.authorities.isEmpty()) {
      builder.trustManager(material.authorities);
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
