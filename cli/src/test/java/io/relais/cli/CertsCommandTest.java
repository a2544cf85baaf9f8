package io.relais.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.GeneralSecurityException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CertsCommandTest {
  @TempDir Path folder;

  @Test
  void server_and_client_certificates_come_from_the_authority_and_carry_their_names()
      throws IOException, GeneralSecurityException {
    Path dir = folder.resolve("certs");

    Ran ran =
        Ran.relais(
            "certs",
            "--dir",
            dir.toString(),
            "--host",
            "mq.example",
            "--host",
            "10.1.2.3",
            "--client",
            "ann");

    assertThat(ran.code()).isZero();
    assertThat(ran.out()).contains("client-certificate: required").contains("mosquitto_pub");
    X509Certificate ca = certificate(dir.resolve("ca.crt"));
    X509Certificate server = certificate(dir.resolve("server.crt"));
    X509Certificate client = certificate(dir.resolve("client-ann.crt"));
    server.verify(ca.getPublicKey());
    client.verify(ca.getPublicKey());
    assertThat(ca.getBasicConstraints()).isNotNegative();
    assertThat(
            server.getSubjectAlternativeNames().stream().map(List::getLast).map(Objects::toString))
        .containsExactly("localhost", "127.0.0.1", "0:0:0:0:0:0:0:1", "mq.example", "10.1.2.3");
    assertThat(client.getSubjectX500Principal().getName()).isEqualTo("CN=ann");
    for (String key : List.of("server.key", "client-ann.key")) {
      assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(dir.resolve(key))))
          .isEqualTo("rw-------");
      assertThat(Files.readString(dir.resolve(key))).startsWith("-----BEGIN PRIVATE KEY-----\n");
    }
    assertThat(dir.resolve("ca.key")).doesNotExist();
  }

  @Test
  void existing_files_are_overwritten_only_when_forced() throws IOException {
    Ran.relais("certs", "--dir", folder.toString());
    String before = Files.readString(folder.resolve("server.crt"));

    Ran refused = Ran.relais("certs", "--dir", folder.toString());

    assertThat(refused.code()).isEqualTo(1);
    assertThat(refused.err()).contains("server.key").contains("--force");
    assertThat(Files.readString(folder.resolve("server.crt"))).isEqualTo(before);
    assertThat(Ran.relais("certs", "--dir", folder.toString(), "--force").code()).isZero();
    assertThat(Files.readString(folder.resolve("server.crt"))).isNotEqualTo(before);
  }

  private static X509Certificate certificate(Path file)
      throws IOException, GeneralSecurityException {
    try (var in = Files.newInputStream(file)) {
      return (X509Certificate) CertificateFactory.getInstance("X.509").generateCertificate(in);
    }
  }
}
