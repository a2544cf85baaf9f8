package io.relais.cli.mosquitto;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.relais.server.config.ClientCertificate;
import io.relais.server.config.Configuration;
import io.relais.server.config.ConfigurationLoader;
import io.relais.server.config.ConfigurationLoader.Sources;
import io.relais.server.config.ListenerConfiguration;
import io.relais.server.config.RuleConfiguration;
import io.relais.server.config.StoreKind;
import io.relais.server.config.TlsConfiguration;
import io.relais.server.config.Transport;
import io.relais.server.config.UsernameFrom;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class MosquittoImportTest {
  @TempDir private Path folder;

  private Path file(String name, String content) throws IOException {
    return Files.writeString(folder.resolve(name), content.replace("DIR", folder.toString()));
  }

  private Imported imported(String conf) throws IOException {
    return MosquittoImport.of(file("mosquitto.conf", conf));
  }

  /// What `relais config check` would say OK to.
  private Configuration checked(Imported imported) throws IOException {
    Path yaml = file("relais.yaml", imported.yaml());
    return ConfigurationLoader.load(new Sources(yaml, Map.of(), List.of(), List.of()))
        .configuration();
  }

  private List<String> notes(Imported imported) {
    return imported.notes().stream()
        .map(note -> note.toString().replace(folder.toString(), "DIR"))
        .toList();
  }

  @Test
  void a_file_of_a_plant_becomes_listeners_limits_users_and_rules() throws IOException {
    for (String name : List.of("ca.crt", "server.crt", "server.key", "passwd")) {
      file(name, "");
    }
    file(
        "acl",
        """
        # everybody without a name
        topic read public/#

        user ann
        topic plant/#
        topic deny plant/secret
        topic write in/ann

        user bob
        topic read plant/+/state

        pattern readwrite devices/%c/#
        pattern write users/%u
        pattern read logs/%u-all
        """);

    Imported imported =
        imported(
            """
            # /etc/mosquitto/mosquitto.conf
            persistence true
            persistence_location DIR/
            autosave_interval 300
            log_dest file /var/log/mosquitto/mosquitto.log
            log_type error
            log_type notice
            allow_anonymous false
            password_file DIR/passwd
            acl_file DIR/acl
            max_queued_messages 0
            max_inflight_messages 40
            max_keepalive 600
            message_size_limit 65536
            persistent_client_expiration 14d
            sys_interval 30
            retain_available false

            listener 1883 10.0.0.1
            max_connections 500
            listener 8883
            cafile DIR/ca.crt
            certfile DIR/server.crt
            keyfile DIR/server.key
            require_certificate true
            use_identity_as_username true
            tls_version tlsv1.2
            listener 9001
            protocol websockets
            listener 0 DIR/mqtt.sock

            connection upstream
            address broker.example.com:8883
            remote_username site7
            topic plant/# out 1
            """);

    Configuration configuration = checked(imported);
    assertThat(configuration.data()).isEqualTo(folder.resolve("relais"));
    assertThat(configuration.store()).isEqualTo(StoreKind.DISK);
    assertThat(configuration.listeners())
        .extracting(ListenerConfiguration::bind)
        .containsExactly("10.0.0.1:1883", "0.0.0.0:8883", "0.0.0.0:9001", folder + "/mqtt.sock");
    assertThat(configuration.listeners())
        .extracting(ListenerConfiguration::transport)
        .containsExactly(Transport.TCP, Transport.TLS, Transport.WEBSOCKET, Transport.UNIX);
    assertThat(configuration.listeners())
        .noneMatch(ListenerConfiguration::allowAnonymous)
        .first()
        .extracting(ListenerConfiguration::maxConnections)
        .isEqualTo(500);
    assertThat(configuration.listeners().get(1).tls())
        .isNotNull()
        .extracting(TlsConfiguration::clientCertificate, TlsConfiguration::usernameFrom)
        .containsExactly(ClientCertificate.REQUIRED, UsernameFrom.CN);
    assertThat(configuration.limits().queueMessages()).isEqualTo(100_000_000);
    assertThat(configuration.limits().maxInflight()).isEqualTo(40);
    assertThat(configuration.limits().keepAlive()).isEqualTo(Duration.ofMinutes(10));
    assertThat(configuration.limits().payloadBytes()).isEqualTo(65_536);
    assertThat(configuration.limits().sessionExpiry()).isEqualTo(Duration.ofDays(14));
    assertThat(configuration.mqtt().sysInterval()).isEqualTo(Duration.ofSeconds(30));
    assertThat(configuration.authentication().passwordFile()).isEqualTo(folder.resolve("passwd"));
    assertThat(configuration.authorization().rules())
        .extracting(MosquittoImportTest::brief)
        .containsExactly(
            "DENY ALL plant/secret of ann",
            "ALLOW SUBSCRIBE public/# of ",
            "ALLOW ALL plant/# of ann",
            "ALLOW PUBLISH in/ann of ann",
            "ALLOW SUBSCRIBE plant/+/state of bob",
            "ALLOW ALL devices/%c/# of null",
            "ALLOW PUBLISH users/%u of null");
    assertThat(notes(imported))
        .anyMatch(note -> note.startsWith("DIR/mosquitto.conf:4: autosave_interval is not needed"))
        .anyMatch(note -> note.startsWith("DIR/mosquitto.conf:5: log_dest file"))
        .contains("DIR/mosquitto.conf:17: retain_available has no counterpart")
        .contains(
            "DIR/mosquitto.conf:32: connection upstream: bridges are not taken over (3 lines)")
        .anyMatch(
            note -> note.startsWith("DIR/acl:14: 'pattern read logs/%u-all' has %u or %c as"));
  }

  private static String brief(RuleConfiguration rule) {
    return "%s %s %s of %s".formatted(rule.effect(), rule.action(), rule.filter(), rule.username());
  }

  @Test
  void an_empty_file_is_a_broker_for_this_machine_and_a_port_one_for_all() throws IOException {
    Configuration local = checked(imported("# nothing\n"));
    Configuration open = checked(imported("port 1884\n"));
    Configuration told = checked(imported("listener 1885 ::1\nallow_anonymous true\n"));

    assertThat(local.listeners())
        .singleElement()
        .satisfies(
            one -> {
              assertThat(one.bind()).isEqualTo("127.0.0.1:1883");
              assertThat(one.allowAnonymous()).isTrue();
            });
    assertThat(open.listeners())
        .singleElement()
        .satisfies(
            one -> {
              assertThat(one.bind()).isEqualTo("0.0.0.0:1884");
              assertThat(one.allowAnonymous()).isFalse();
            });
    assertThat(told.listeners())
        .singleElement()
        .satisfies(
            one -> {
              assertThat(one.bind()).isEqualTo("[::1]:1885");
              assertThat(one.allowAnonymous()).isTrue();
            });
  }

  @Test
  void settings_by_listener_are_told_apart_as_far_as_they_can_be() throws IOException {
    file("a", "");
    file("b", "");

    Imported imported =
        imported(
            """
            per_listener_settings true
            listener 1883 127.0.0.1
            allow_anonymous true
            password_file DIR/a
            listener 1884
            password_file DIR/b
            """);

    assertThat(checked(imported).listeners())
        .extracting(ListenerConfiguration::allowAnonymous)
        .containsExactly(true, false);
    assertThat(notes(imported))
        .contains(
            "DIR/mosquitto.conf:6: password_file DIR/b: users and rules hold for all listeners here,"
                + " and those of DIR/mosquitto.conf:4 are taken");
  }

  @Test
  void an_access_file_without_a_line_forbids_everything() throws IOException {
    file("acl", "# nothing\n");

    Configuration configuration = checked(imported("listener 1883\nacl_file DIR/acl\n"));

    assertThat(configuration.authorization().rules())
        .extracting(MosquittoImportTest::brief)
        .containsExactly("DENY ALL # of null");
  }

  @Test
  void files_of_a_folder_are_included_and_one_that_is_not_there_is_named() throws IOException {
    Files.createDirectory(folder.resolve("conf.d"));
    file("conf.d/b.conf", "max_topic_alias 5\n");
    file("conf.d/a.conf", "listener 1890\nno_such_key 1\n");
    file("conf.d/c.txt", "listener 1891\n");

    Imported imported = imported("include_dir DIR/conf.d\n");

    assertThat(checked(imported).listeners()).hasSize(1);
    assertThat(checked(imported).limits().topicAlias()).isEqualTo(5);
    assertThat(notes(imported)).contains("DIR/conf.d/a.conf:2: no_such_key has no counterpart");
    assertThatThrownBy(() -> imported("acl_file /no/such/file\n"))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("mosquitto.conf:1: acl_file /no/such/file cannot be read");
  }
}
