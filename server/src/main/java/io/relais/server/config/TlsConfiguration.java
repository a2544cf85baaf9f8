package io.relais.server.config;

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
                "What of the client's certificate becomes its user name: nothing, or the common name.",
            standard = "none")
        UsernameFrom usernameFrom) {

  private static final Set<String> VERSIONS = Set.of("1.2", "1.3");

  public TlsConfiguration {
    versions = List.copyOf(versions);
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
        "is cn, which needs client-certificate optional or required; it is "
            + Spelling.kebab(clientCertificate),
        "client-certificate");
    violations.throwIfAny();
  }
}
