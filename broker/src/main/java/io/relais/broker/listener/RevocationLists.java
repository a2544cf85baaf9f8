package io.relais.broker.listener;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.cert.CRL;
import java.security.cert.CertPathBuilder;
import java.security.cert.CertStore;
import java.security.cert.CertificateFactory;
import java.security.cert.CollectionCertStoreParameters;
import java.security.cert.PKIXBuilderParameters;
import java.security.cert.PKIXRevocationChecker;
import java.security.cert.TrustAnchor;
import java.security.cert.X509CRL;
import java.security.cert.X509CertSelector;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Date;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import javax.net.ssl.CertPathTrustManagerParameters;
import javax.net.ssl.TrustManagerFactory;

/// The certificates that authorities took back (CRL, RFC 5280 section 5), out of files of PEM or
/// DER. Fails closed: a certificate is trusted only if a list of each of its authorities is there,
/// is not over, and does not name it.
///
/// Owner: immutable.
final class RevocationLists {
  /// A list with its file, for messages.
  private record Listed(Path file, X509CRL list) {}

  private final List<Listed> all;

  private RevocationLists(List<Listed> all) {
    this.all = List.copyOf(all);
  }

  /// @throws IOException naming the file and what is wrong with it
  static RevocationLists of(List<Path> files, List<byte[]> contents) throws IOException {
    List<Listed> all = new ArrayList<>();
    for (int i = 0; i < files.size(); i++) {
      for (X509CRL list : read(files.get(i), contents.get(i))) {
        all.add(new Listed(files.get(i), list));
      }
    }
    return new RevocationLists(all);
  }

  /// Without any, so that no certificate is trusted.
  static RevocationLists none() {
    return new RevocationLists(List.of());
  }

  private static List<X509CRL> read(Path file, byte[] content) throws IOException {
    List<X509CRL> lists = new ArrayList<>();
    try {
      for (CRL list :
          CertificateFactory.getInstance("X.509").generateCRLs(new ByteArrayInputStream(content))) {
        lists.add((X509CRL) list);
      }
    } catch (GeneralSecurityException e) {
      throw new IOException(file + ": is no list of revoked certificates in PEM or DER", e);
    }
    if (lists.isEmpty()) {
      throw new IOException(
          file + ": no list of revoked certificates in it (expected -----BEGIN X509 CRL-----)");
    }
    return lists;
  }

  /// What is wrong with them at this time, a sentence for each list; empty: nothing.
  List<String> problems(Instant now) {
    return all.stream()
        .filter(one -> isOver(one.list, now))
        .map(
            one ->
                "%s: the list of %s was good until %s"
                    .formatted(
                        one.file,
                        one.list.getIssuerX500Principal(),
                        one.list.getNextUpdate().toInstant()))
        .toList();
  }

  private static boolean isOver(X509CRL list, Instant now) {
    Date next = list.getNextUpdate();
    return next != null && !now.isBefore(next.toInstant());
  }

  private List<X509CRL> goodAt(Instant now) {
    return all.stream().map(Listed::list).filter(list -> !isOver(list, now)).toList();
  }

  /// Trusts what these authorities issued and the lists, as far as they are good at this time, do
  /// not name.
  TrustManagerFactory trust(List<X509Certificate> authorities, Instant now) throws IOException {
    Set<TrustAnchor> anchors = new HashSet<>();
    authorities.forEach(authority -> anchors.add(new TrustAnchor(authority, null)));
    try {
      var parameters = new PKIXBuilderParameters(anchors, new X509CertSelector());
      parameters.addCertStore(
          CertStore.getInstance("Collection", new CollectionCertStoreParameters(goodAt(now))));
      var checker =
          (PKIXRevocationChecker) CertPathBuilder.getInstance("PKIX").getRevocationChecker();
      checker.setOptions(
          EnumSet.of(
              PKIXRevocationChecker.Option.PREFER_CRLS, PKIXRevocationChecker.Option.NO_FALLBACK));
      parameters.addCertPathChecker(checker);
      TrustManagerFactory factory = TrustManagerFactory.getInstance("PKIX");
      factory.init(new CertPathTrustManagerParameters(parameters));
      return factory;
    } catch (GeneralSecurityException e) {
      throw new IOException("the lists of revoked certificates cannot be used", e);
    }
  }
}
