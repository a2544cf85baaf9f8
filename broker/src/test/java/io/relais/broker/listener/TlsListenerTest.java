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
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLSession;
import javax.net.ssl.SSLSocket;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.slf4j.LoggerFactory;

class TlsListenerTest {
  @TempDir Path directory;
  private final Authority authority = new Authority("Tests");

  private Path certificate() {
    return directory.resolve("server.pem");
  }

  private Path key() {
    return directory.resolve("server.key");
  }

  private TlsSettings tls(ClientCertificate clientCertificate) {
    Path ca = clientCertificate == ClientCertificate.NONE ? null : directory.resolve("ca.pem");
    return new TlsSettings(
        certificate(), key(), ca, clientCertificate, List.of(), CertificateName.NONE, List.of());
  }

  private Trial serve(ClientCertificate clientCertificate) throws IOException {
    authority.write(directory.resolve("ca.pem"));
    return new Trial(Options.of(Transport.TLS).withTls(tls(clientCertificate)));
  }

  private static SSLSession session(Wire secure) {
    return ((SSLSocket) secure.socket()).getSession();
  }

  @ParameterizedTest
  @ValueSource(strings = {"RSA", "EC", "Ed25519"})
  void every_kind_of_key_serves(String kind) throws IOException {
    authority.issue("localhost", kind).write(certificate(), key());

    try (Trial trial = serve(ClientCertificate.NONE);
        Wire plain = trial.connect();
        Wire client = plain.secured(authority.client(null))) {
      assertThat(client.send("hello").readText(5)).isEqualTo("hello");
      Trial.Begun begun = trial.begun();
      assertThat(begun.peer().secure()).isTrue();
      assertThat(begun.peer().certificate()).isNull();
      assertThat(begun.active()).isTrue();
      assertThat(begun.hasDeadline()).isTrue();
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"RSA", "EC"})
  void keys_in_their_old_forms_serve(String kind) throws IOException {
    Issued issued = authority.issue("localhost", kind);
    issued.write(certificate(), key());
    Files.writeString(key(), issued.oldKeyPem());
    assertThat(key()).content().startsWith("-----BEGIN " + kind + " PRIVATE KEY-----");

    try (Trial trial = serve(ClientCertificate.NONE);
        Wire plain = trial.connect();
        Wire client = plain.secured(authority.client(null))) {
      assertThat(client.send("hello").readText(5)).isEqualTo("hello");
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"TLSv1.2", "TLSv1.3"})
  void both_versions_are_spoken(String version) throws IOException {
    authority.issue("localhost", "EC").write(certificate(), key());

    try (Trial trial = serve(ClientCertificate.NONE);
        Wire plain = trial.connect();
        Wire client = plain.secured(authority.client(null), version)) {
      assertThat(session(client).getProtocol()).isEqualTo(version);
    }
  }

  @Test
  void a_version_that_is_not_configured_is_refused_and_counted() throws IOException {
    authority.issue("localhost", "EC").write(certificate(), key());
    TlsSettings newest =
        new TlsSettings(
            certificate(),
            key(),
            null,
            ClientCertificate.NONE,
            List.of("TLSv1.3"),
            CertificateName.NONE,
            List.of());

    try (Trial trial = new Trial(Options.of(Transport.TLS).withTls(newest));
        Wire plain = trial.connect()) {
      assertThatThrownBy(() -> plain.secured(authority.client(null), "TLSv1.2"))
          .isInstanceOf(SSLException.class);

      await().atMost(10, SECONDS).until(() -> trial.counters().get(Refusal.TLS) == 1);
      assertThat(trial.noneBegan()).isTrue();
    }
  }

  @Test
  void a_client_certificate_becomes_part_of_the_peer() throws IOException {
    authority.issue("localhost", "EC").write(certificate(), key());
    Issued own = authority.issue("sensor-7", "EC");

    try (Trial trial = serve(ClientCertificate.REQUIRED);
        Wire plain = trial.connect();
        Wire client = plain.secured(authority.client(own))) {
      client.send("a").read(1);

      Peer peer = trial.begun().peer();
      assertThat(peer.certificate()).isEqualTo(own.certificate());
      assertThat(peer.commonName()).isEqualTo("sensor-7");
    }
  }

  @Test
  void without_a_required_certificate_or_with_a_foreign_one_nobody_gets_in() throws IOException {
    authority.issue("localhost", "EC").write(certificate(), key());
    Authority other = new Authority("Tests");
    Issued foreign = other.issue("sensor-7", "EC");

    try (Trial trial = serve(ClientCertificate.REQUIRED)) {
      for (Issued shown : new Issued[] {null, foreign}) {
        try (Wire plain = trial.connect()) {
          assertThatThrownBy(
                  () -> {
                    Wire client = plain.secured(authority.client(shown));
                    client.send("a").read(1); // with 1.3 the client hears of it here
                  })
              .isInstanceOf(IOException.class);
        }
      }

      await().atMost(10, SECONDS).until(() -> trial.counters().get(Refusal.TLS) == 2);
      assertThat(trial.noneBegan()).isTrue();
    }
  }

  @Test
  void an_optional_certificate_may_be_missing() throws IOException {
    authority.issue("localhost", "EC").write(certificate(), key());

    try (Trial trial = serve(ClientCertificate.OPTIONAL);
        Wire plain = trial.connect();
        Wire client = plain.secured(authority.client(null))) {
      assertThat(client.send("a").readText(1)).isEqualTo("a");
      assertThat(trial.begun().peer().commonName()).isNull();
    }
  }

  @Test
  void bytes_that_are_no_tls_are_refused_and_counted() throws IOException {
    authority.issue("localhost", "EC").write(certificate(), key());

    try (Trial trial = serve(ClientCertificate.NONE);
        Wire client = trial.connect()) {
      client.send("GET / HTTP/1.1\r\n\r\n");

      await().atMost(10, SECONDS).until(() -> trial.counters().get(Refusal.TLS) == 1);
      assertThat(trial.noneBegan()).isTrue();
    }
  }

  @Test
  void a_client_that_says_nothing_is_closed_after_the_connect_timeout() throws IOException {
    authority.issue("localhost", "EC").write(certificate(), key());
    Options options =
        Options.of(Transport.TLS)
            .withTls(tls(ClientCertificate.NONE))
            .withLimits(10, 0, Duration.ofMillis(200));

    try (Trial trial = new Trial(options);
        Wire client = trial.connect()) {
      assertThat(client.readToEnd()).isEmpty();

      assertThat(trial.counters().get(Refusal.TIMEOUT)).isEqualTo(1);
    }
  }

  @Test
  void a_client_that_leaves_amid_the_handshake_is_counted_as_such() throws IOException {
    authority.issue("localhost", "EC").write(certificate(), key());

    try (Trial trial = serve(ClientCertificate.NONE)) {
      trial.connect().close();

      await().atMost(10, SECONDS).until(() -> trial.counters().get(Refusal.ABANDONED) == 1);
      assertThat(trial.counters().get(Refusal.TLS)).isZero();
    }
  }

  @Test
  void a_new_certificate_is_shown_within_ten_seconds() throws IOException {
    authority.issue("localhost", "EC").write(certificate(), key());
    Issued next = authority.issue("localhost", "RSA");

    try (Trial trial = serve(ClientCertificate.NONE);
        Wire before = trial.connect();
        Wire old = before.secured(authority.client(null))) {
      next.write(certificate(), key());

      await().atMost(10, SECONDS).until(() -> shows(trial, next));
      assertThat(old.send("a").readText(1)).isEqualTo("a");
    }
  }

  @Test
  void a_link_that_is_switched_above_the_files_is_noticed() throws IOException {
    Issued first = authority.issue("localhost", "EC");
    Issued second = authority.issue("localhost", "EC");
    Path one = Files.createDirectory(directory.resolve("..one"));
    Path two = Files.createDirectory(directory.resolve("..two"));
    first.write(one.resolve("tls.crt"), one.resolve("tls.key"));
    second.write(two.resolve("tls.crt"), two.resolve("tls.key"));
    Path current = Files.createSymbolicLink(directory.resolve("..data"), one.getFileName());
    Path certificate =
        Files.createSymbolicLink(directory.resolve("tls.crt"), Path.of("..data/tls.crt"));
    Path key = Files.createSymbolicLink(directory.resolve("tls.key"), Path.of("..data/tls.key"));
    TlsSettings settings =
        new TlsSettings(
            certificate,
            key,
            null,
            ClientCertificate.NONE,
            List.of(),
            CertificateName.NONE,
            List.of());

    try (Trial trial = new Trial(Options.of(Transport.TLS).withTls(settings))) {
      assertThat(shows(trial, first)).isTrue();
      Path link = Files.createSymbolicLink(directory.resolve("..next"), two.getFileName());
      Files.move(link, current, StandardCopyOption.ATOMIC_MOVE);

      await().atMost(10, SECONDS).until(() -> shows(trial, second));
    }
  }

  @Test
  void a_broken_new_file_keeps_the_old_one_and_is_logged_once() throws IOException {
    Issued good = authority.issue("localhost", "EC");
    Issued better = authority.issue("localhost", "EC");
    good.write(certificate(), key());
    Logger logger = (Logger) LoggerFactory.getLogger(TlsIdentity.class);
    ListAppender<ILoggingEvent> log = new ListAppender<>();
    log.start();
    logger.addAppender(log);

    try (Trial trial = serve(ClientCertificate.NONE)) {
      Files.writeString(certificate(), "what is this?");
      await().atMost(10, SECONDS).until(() -> warnings(log).size() == 1);
      assertThat(shows(trial, good)).isTrue();
      assertThat(warnings(log).getFirst())
          .contains(certificate() + ": no certificate in it")
          .contains("the old ones stay in use");

      better.write(certificate(), key());
      await().atMost(10, SECONDS).until(() -> shows(trial, better));
      assertThat(warnings(log)).hasSize(1);
    } finally {
      logger.detachAppender(log);
    }
  }

  private static List<String> warnings(ListAppender<ILoggingEvent> log) {
    return List.copyOf(log.list).stream()
        .filter(event -> event.getLevel() == Level.WARN)
        .map(ILoggingEvent::getFormattedMessage)
        .toList();
  }

  private boolean shows(Trial trial, Issued issued) throws IOException {
    try (Wire plain = trial.connect();
        Wire client = plain.secured(authority.client(null))) {
      return session(client).getPeerCertificates()[0].equals(issued.certificate());
    }
  }

  @Test
  void what_is_wrong_with_the_files_is_said_when_binding() throws IOException {
    Issued one = authority.issue("localhost", "EC");
    Issued other = authority.issue("localhost", "EC");
    Issued rsa = authority.issue("localhost", "RSA");
    Issued old = authority.issue("localhost", "EC", Instant.now().minusSeconds(86_400));

    assertThatThrownBy(() -> serve(ClientCertificate.NONE))
        .isInstanceOf(IOException.class)
        .hasMessage("listener trial: " + certificate() + ": not found");

    one.write(certificate(), key());
    Files.delete(key());
    assertThatThrownBy(() -> serve(ClientCertificate.NONE))
        .hasMessage("listener trial: " + key() + ": not found");

    Files.writeString(key(), Authority.pem(one.certificate()));
    assertThatThrownBy(() -> serve(ClientCertificate.NONE))
        .hasMessageContaining(key() + ": no private key in it");

    other.write(directory.resolve("unused"), key());
    assertThatThrownBy(() -> serve(ClientCertificate.NONE))
        .hasMessageContaining(key() + ": the key does not match the first certificate in");

    rsa.write(directory.resolve("unused"), key());
    assertThatThrownBy(() -> serve(ClientCertificate.NONE))
        .hasMessageContaining(key() + ": the private key is damaged, or does not match");

    Files.writeString(key(), rsa.oldKeyPem());
    assertThatThrownBy(() -> serve(ClientCertificate.NONE))
        .hasMessageContaining(key() + ": the key does not match the certificate, which is for EC");

    old.write(certificate(), key());
    assertThatThrownBy(() -> serve(ClientCertificate.NONE))
        .hasMessageContaining(
            certificate() + ": expired on " + old.certificate().getNotAfter().toInstant());
  }
}
