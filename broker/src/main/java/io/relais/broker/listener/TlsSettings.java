package io.relais.broker.listener;

import io.relais.broker.access.CertificateName;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// The TLS of one listener. The files are read when the listener binds, and again when they change.
///
/// @param certificate PEM, the server's certificate first, then those that lead to its authority
/// @param key PEM of its private key: PKCS#8, PKCS#1 (RSA) or SEC 1 (EC), not encrypted
/// @param ca PEM of the authorities of client certificates; needed if those are asked for
/// @param clientCertificate whether clients show one
/// @param versions `TLSv1.2`, `TLSv1.3`; empty: both
/// @param usernameFrom what of the client's certificate is its user name
/// @param crl PEM or DER of lists of revoked certificates; empty: nothing is asked of revocation
public record TlsSettings(
    Path certificate,
    Path key,
    @Nullable Path ca,
    ClientCertificate clientCertificate,
    List<String> versions,
    CertificateName usernameFrom,
    List<Path> crl) {

  private static final List<String> KNOWN = List.of("TLSv1.2", "TLSv1.3");

  public TlsSettings {
    versions = versions.isEmpty() ? KNOWN : List.copyOf(versions);
    for (String version : versions) {
      if (!KNOWN.contains(version)) {
        throw new IllegalArgumentException(
            "TLS version '" + version + "' is not one of " + String.join(", ", KNOWN));
      }
    }
    if (clientCertificate != ClientCertificate.NONE && ca == null) {
      throw new IllegalArgumentException(
          "client certificates are asked for, but there is no ca file to check them against");
    }
    if (usernameFrom != CertificateName.NONE && clientCertificate == ClientCertificate.NONE) {
      throw new IllegalArgumentException(
          "the user name cannot come from a certificate where no client certificate is asked for");
    }
    crl = List.copyOf(crl);
    if (!crl.isEmpty() && clientCertificate == ClientCertificate.NONE) {
      throw new IllegalArgumentException(
          "revoked certificates are listed, but no client certificate is asked for");
    }
  }
}
