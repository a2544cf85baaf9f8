package io.relais.broker.listener;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import io.relais.broker.access.CertificateName;
import io.relais.broker.listener.Authority.Issued;
import io.relais.broker.listener.Trial.Options;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.slf4j.LoggerFactory;

/// Lists of revoked certificates, as clients with certificates meet them.
class RevocationListsTest {
  private final Instant tomorrow = Instant.now().plusSeconds(86_400);
  private final Instant yesterday = Instant.now().minusSeconds(86_400);

  @TempDir Path directory;
  private final Authority authority = new Authority("Tests");
  private final Issued good = authority.issue("good", "EC");
  private final Issued stolen = authority.issue("stolen", "EC");
  private final Logger logger = (Logger) LoggerFactory.getLogger(TlsIdentity.class);
  private final ListAppender<ILoggingEvent> log = new ListAppender<>();

  @BeforeEach
  void begin() throws IOException {
    authority.issue("localhost", "EC").write(file("server.pem"), file("server.key"));
    authority.write(file("ca.pem"));
    log.start();
    logger.addAppender(log);
  }

  @AfterEach
  void end() {
    logger.detachAppender(log);
  }

  private Path file(String name) {
    return directory.resolve(name);
  }

  private Path crl() {
    return file("crl");
  }

  private Trial serve(ClientCertificate asked) throws IOException {
    var settings =
        new TlsSettings(
            file("server.pem"),
            file("server.key"),
            file("ca.pem"),
            asked,
            List.of(),
            CertificateName.COMMON_NAME,
            List.of(crl()));
    return new Trial(Options.of(Transport.TLS).withTls(settings));
  }

  private boolean letsIn(Trial trial, Issued shown, String... versions) {
    try (Wire plain = trial.connect();
        Wire client = plain.secured(authority.client(shown), versions)) {
      return client.send("a").readText(1).equals("a"); // with 1.3 the client hears of it here
    } catch (IOException _) {
      return false;
    }
  }

  private List<String> warnings() {
    return List.copyOf(log.list).stream()
        .filter(event -> event.getLevel() == Level.WARN)
        .map(ILoggingEvent::getFormattedMessage)
        .toList();
  }

  @ParameterizedTest
  @ValueSource(strings = {"TLSv1.2", "TLSv1.3"})
  void a_certificate_that_was_revoked_is_refused_and_others_are_not(String version)
      throws IOException {
    Files.writeString(crl(), Authority.pem(authority.revoked(tomorrow, stolen)));

    try (Trial trial = serve(ClientCertificate.REQUIRED)) {
      assertThat(letsIn(trial, good, version)).isTrue();
      assertThat(letsIn(trial, stolen, version)).isFalse();

      await().atMost(10, SECONDS).until(() -> trial.counters().get(Refusal.TLS) == 1);
    }
    assertThat(warnings()).isEmpty();
  }

  @Test
  void a_list_in_der_is_read_and_a_new_one_taken_up() throws Exception {
    Files.write(crl(), authority.revoked(tomorrow).getEncoded());

    try (Trial trial = serve(ClientCertificate.OPTIONAL)) {
      assertThat(letsIn(trial, stolen)).isTrue();
      Files.write(crl(), authority.revoked(tomorrow, stolen).getEncoded());

      await().atMost(10, SECONDS).until(() -> !letsIn(trial, stolen));
      assertThat(letsIn(trial, good)).isTrue();
    }
  }

  @Test
  void with_a_list_that_is_over_no_certificate_is_trusted_until_there_is_a_new_one()
      throws IOException {
    Files.writeString(crl(), Authority.pem(authority.revoked(yesterday, stolen)));

    try (Trial trial = serve(ClientCertificate.OPTIONAL)) {
      assertThat(letsIn(trial, good)).isFalse();
      assertThat(warnings()).hasSize(1);
      assertThat(warnings().getFirst())
          .contains(crl() + ": the list of CN=Tests was good until " + truncated(yesterday));
      Files.writeString(crl(), Authority.pem(authority.revoked(tomorrow, stolen)));

      await().atMost(10, SECONDS).until(() -> letsIn(trial, good));
      assertThat(letsIn(trial, stolen)).isFalse();
    }
  }

  private static Instant truncated(Instant time) {
    return Instant.ofEpochSecond(time.getEpochSecond());
  }

  @Test
  void a_list_that_ends_while_it_is_in_force_shuts_certificates_out() throws IOException {
    Instant soon = Instant.now().plusSeconds(4);
    Files.writeString(crl(), Authority.pem(authority.revoked(soon)));

    try (Trial trial = serve(ClientCertificate.REQUIRED)) {
      assertThat(letsIn(trial, good)).isTrue();

      await().atMost(15, SECONDS).until(() -> !letsIn(trial, good));
      assertThat(warnings()).hasSize(1);
    }
  }

  @Test
  void a_list_that_becomes_unreadable_shuts_certificates_out_and_is_logged_once()
      throws IOException {
    Files.writeString(crl(), Authority.pem(authority.revoked(tomorrow)));

    try (Trial trial = serve(ClientCertificate.REQUIRED)) {
      assertThat(letsIn(trial, good)).isTrue();
      Files.delete(crl());

      await().atMost(15, SECONDS).until(() -> !letsIn(trial, good));
      assertThat(warnings()).hasSize(1);
      assertThat(warnings().getFirst())
          .contains("clients with certificates are refused")
          .contains(crl() + ": not found");
      Files.writeString(crl(), Authority.pem(authority.revoked(tomorrow)));
      await().atMost(10, SECONDS).until(() -> letsIn(trial, good));
    }
  }

  @Test
  void a_list_of_another_authority_says_nothing_of_this_one() throws IOException {
    Files.writeString(crl(), Authority.pem(new Authority("Others").revoked(tomorrow)));

    try (Trial trial = serve(ClientCertificate.REQUIRED)) {
      assertThat(letsIn(trial, good)).isFalse();
    }
  }

  @Test
  void a_list_that_somebody_else_signed_counts_for_nothing() throws IOException {
    Files.writeString(crl(), Authority.pem(new Authority("Tests").revoked(tomorrow)));

    try (Trial trial = serve(ClientCertificate.REQUIRED)) {
      assertThat(letsIn(trial, good)).isFalse();
    }
  }

  @Test
  void a_file_that_is_no_list_is_named_when_binding() throws IOException, GeneralSecurityException {
    assertThatThrownBy(() -> serve(ClientCertificate.REQUIRED))
        .isInstanceOf(IOException.class)
        .hasMessage("listener trial: " + crl() + ": not found");
    Files.writeString(crl(), Authority.pem(good.certificate()));
    assertThatThrownBy(() -> serve(ClientCertificate.REQUIRED))
        .hasMessageContaining(crl() + ": ")
        .hasMessageContaining("revoked certificates");
    Files.writeString(crl(), "");
    assertThatThrownBy(() -> serve(ClientCertificate.REQUIRED)).hasMessageContaining(crl() + ": ");
  }
}
