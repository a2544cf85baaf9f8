package io.relais.server.config;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// Certificates of one listener. The files are read again when they change.
public record TlsConfiguration(
    @Key(
            value =
                "PEM file of the server's certificate, followed by those between it and the root.",
            existing = true)
        Path certificate,
    @Key(value = "PEM file of the certificate's private key, without a password.", existing = true)
        Path key,
    @Key(value = "PEM file of the authorities that client certificates come from.", existing = true)
        @Nullable Path ca,
    @Key(value = "Whether clients show a certificate.", standard = "none")
        ClientCertificate clientCertificate,
    @Key(value = "TLS versions: 1.2, 1.3.", standard = "1.2, 1.3") List<String> versions,
    @Key(
            value =
                "What of the client's certificate becomes its user name: nothing, the common name, or the first of its"
                    + " alternative names that is a DNS name, a URI or an address of mail.",
            standard = "none")
        UsernameFrom usernameFrom,
    @Key(
            value =
                "Files of revoked certificates (CRL), PEM or DER. With any, a client certificate holds only if a list of each of"
                    + " its authorities is there, is not over, and does not name it.",
            standard = "")
        List<Path> crl) {

  private static final Set<String> VERSIONS = Set.of("1.2", "1.3");

  public TlsConfiguration {
    versions = List.copyOf(versions);
    crl = List.copyOf(crl);
    Violations violations = new Violations();
    violations.require(
        !versions.isEmpty()
            && VERSIONS.containsAll(versions)
            && new HashSet<>(versions).size() == versions.size(),
        "versions",
        "is %s; choose of 1.2 and 1.3, each once".formatted(versions));
    violations.require(
        clientCertificate == ClientCertificate.NONE || ca != null,
        "client-certificate",
        "is %s, which needs ca, the authority to check them against"
            .formatted(Spelling.kebab(clientCertificate)),
        "ca");
    violations.require(
        usernameFrom == UsernameFrom.NONE || clientCertificate != ClientCertificate.NONE,
        "username-from",
        "is %s, which needs client-certificate optional or required; it is %s"
            .formatted(Spelling.kebab(usernameFrom), Spelling.kebab(clientCertificate)),
        "client-certificate");
    violations.require(
        crl.isEmpty() || clientCertificate != ClientCertificate.NONE,
        "crl",
        "is about client certificates, and needs client-certificate optional or required; it is "
            + Spelling.kebab(clientCertificate),
        "client-certificate");
    for (Path file : crl) {
      violations.require(
          Files.isReadable(file),
          "crl",
          "is %s, which %s"
              .formatted(
                  file.toAbsolutePath().normalize(),
                  Files.exists(file) ? "may not be read by this user" : "does not exist"));
    }
    violations.throwIfAny();
  }
}
