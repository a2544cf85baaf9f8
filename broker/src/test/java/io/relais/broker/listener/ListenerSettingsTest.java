package io.relais.broker.listener;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.relais.broker.access.CertificateName;
import io.relais.broker.listener.Trial.Options;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ListenerSettingsTest {
  private static final Options TCP = Options.of(Transport.TCP);

  private static void refused(Options options, String why) {
    assertThatThrownBy(options::settings)
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith("listener trial: ")
        .hasMessageContaining(why);
  }

  @Test
  void contradictions_are_named() {
    TlsSettings tls =
        new TlsSettings(
            Path.of("c"),
            Path.of("k"),
            null,
            ClientCertificate.NONE,
            List.of(),
            CertificateName.NONE,
            List.of());

    refused(TCP.withTls(tls), "transport TCP takes no certificate");
    refused(Options.of(Transport.TLS), "transport TLS needs a certificate and a key");
    refused(TCP.withProxies(true), "proxy-protocol without trusted-proxies refuses everyone");
    refused(TCP.withProxies(true, "here"), "'here' is no range of addresses");
    refused(TCP.withOrigins("here"), "allowed origin 'here'");
    refused(TCP.withLimits(0, 0, Duration.ofSeconds(1)), "maximum-connections is 0");
    refused(TCP.withLimits(1, -1, Duration.ofSeconds(1)), "connection-rate is -1");
    refused(TCP.withLimits(1, 0, Duration.ZERO), "connect-timeout is PT0S");
    refused(Options.of(Transport.UNIX).withBind("/" + "x".repeat(107)), "has 108 bytes");
  }

  @ParameterizedTest
  @CsvSource({
    "127.0.0.1:1883, 127.0.0.1, 1883, true",
    "localhost:0, localhost, 0, true",
    "[::1]:1883, ::1, 1883, true",
    "*:1883, *, 1883, false",
    ":1883, *, 1883, false",
    "broker.example.com:65535, broker.example.com, 65535, false"
  })
  void bind_addresses_are_read(String text, String host, int port, boolean loopback) {
    BindAddress bind = BindAddress.parse(text);

    assertThat(bind).isEqualTo(new BindAddress(host, port));
    assertThat(bind.isLoopback()).isEqualTo(loopback);
  }

  @ParameterizedTest
  @CsvSource({
    "1883, it has no port",
    "127.0.0.1:mqtt, the port is no number",
    "::1:1883, an IPv6 address stands in brackets",
    "127.0.0.1:65536, port 65536 is not between 0 and 65535"
  })
  void bind_addresses_that_are_none_are_named(String text, String why) {
    refused(TCP.withBind(text), why);
  }

  @Test
  void tls_settings_that_contradict_themselves_are_named() {
    Path file = Path.of("file");

    assertThatThrownBy(
            () ->
                new TlsSettings(
                    file,
                    file,
                    null,
                    ClientCertificate.REQUIRED,
                    List.of(),
                    CertificateName.NONE,
                    List.of()))
        .hasMessageContaining("there is no ca file");
    assertThatThrownBy(
            () ->
                new TlsSettings(
                    file,
                    file,
                    file,
                    ClientCertificate.NONE,
                    List.of(),
                    CertificateName.COMMON_NAME,
                    List.of()))
        .hasMessageContaining("cannot come from a certificate");
    assertThatThrownBy(
            () ->
                new TlsSettings(
                    file,
                    file,
                    null,
                    ClientCertificate.NONE,
                    List.of("TLSv1.1"),
                    CertificateName.NONE,
                    List.of()))
        .hasMessage("TLS version 'TLSv1.1' is not one of TLSv1.2, TLSv1.3");
  }
}
