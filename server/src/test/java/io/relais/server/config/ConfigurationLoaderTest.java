package io.relais.server.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.relais.server.config.ConfigurationLoader.Sources;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ConfigurationLoaderTest {
  private static final RateConfiguration NO_RATE = new RateConfiguration(0, 0, 0, 0);

  @TempDir Path folder;

  @Test
  void without_sources_every_key_has_its_default() {
    Loaded loaded = ConfigurationLoader.load(Sources.none());

    Configuration c = loaded.configuration();
    assertThat(c.node().id()).isNotBlank();
    assertThat(c.data()).isEqualTo(Path.of("./data"));
    assertThat(c.store()).isEqualTo(StoreKind.DISK);
    assertThat(c.listeners()).hasSize(2);
    ListenerConfiguration tcp = c.listeners().getFirst();
    assertThat(tcp)
        .isEqualTo(
            new ListenerConfiguration(
                "127.0.0.1:1883",
                Transport.TCP,
                true,
                "",
                1_000_000,
                0,
                0,
                Duration.ofSeconds(10),
                false,
                List.of("127.0.0.0/8", "::1/128"),
                List.of(),
                null,
                null));
    assertThat(c.listeners().getLast().name()).isEqualTo("websocket://127.0.0.1:8083/mqtt");
    assertThat(c.admin())
        .isEqualTo(new AdminConfiguration(new HostPort("127.0.0.1", 18083), null, null));
    assertThat(c.limits())
        .isEqualTo(
            new LimitsConfiguration(
                1 << 20,
                100_000,
                256L << 20,
                QueueFull.DROP_OLDEST,
                50_000,
                65_535,
                200,
                64,
                1024,
                1024,
                LimitsConfiguration.NEVER,
                Duration.ZERO,
                100_000,
                1_000_000,
                64L << 30,
                512L << 20,
                64L << 20,
                1_000_000,
                new FlappingConfiguration(0, Duration.ofMinutes(1), Duration.ofMinutes(5)),
                new RatesConfiguration(NO_RATE, NO_RATE, NO_RATE, NO_RATE)));
    assertThat(c.authentication()).isEqualTo(new AuthenticationConfiguration(null, null, null));
    assertThat(c.mqtt())
        .isEqualTo(
            new MqttConfiguration(
                SharedSubscriptionPolicy.ROUND_ROBIN,
                Duration.ofSeconds(10),
                true,
                2,
                null,
                null,
                Acknowledge.PERSISTED,
                List.of()));
    assertThat(c.threads().loops())
        .isEqualTo(Math.max(1, Runtime.getRuntime().availableProcessors() - 1));
    assertThat(c.log()).isEqualTo(new LogConfiguration(LogLevel.INFO));
    assertThat(loaded.warnings()).isEmpty();
    assertThat(loaded.settings()).allMatch(setting -> setting.origin() instanceof Origin.Standard);
  }

  @Test
  void a_file_may_set_every_key() throws IOException {
    for (String name : List.of("server.crt", "server.key", "ca.crt", "crl.pem", "users")) {
      Files.createFile(folder.resolve(name));
    }
    Path file =
        file(
            """
            node: {id: n7}
            data: /var/lib/relais
            store: memory
            listeners:
              - bind: "[::]:8884"
                transport: secure-websocket
                allow-anonymous: true
                path: /ws
                max-connections: 10
                connection-rate: 20
                payload-bytes: 64KiB
                connect-timeout: 1500ms
                proxy-protocol: true
                trusted-proxies: [10.0.0.0/8, "fd00::/8"]
                allowed-origins:
                  - https://example.com
                tls:
                  certificate: FOLDER/server.crt
                  key: FOLDER/server.key
                  ca: FOLDER/ca.crt
                  client-certificate: required
                  versions: [1.3]
                  username-from: cn
                  crl: [FOLDER/crl.pem]
                acknowledge: replicated
              - {bind: /run/relais.sock, transport: unix}
            admin: {bind: "localhost:9000"}
            limits:
              payload-bytes: 268435455
              queue-messages: 5
              queue-bytes: 1GiB
              store-bytes: 14MiB
              disk-reserve-bytes: 15MiB
              store-cache-bytes: 16MiB
              queue-full: reject
              subscriptions: 6
              client-id-bytes: 64
              topic-levels: 8
              topic-alias: 0
              receive-maximum: 9
              max-inflight: 10
              session-expiry: 30d
              keep-alive: 5m
              delayed-messages: 11
              retained-messages: 12
              connections: 13
              flapping: {attempts: 14, window: 15s, ban: 16h}
              rates:
                client: {connections: 1, messages: 2, message-bytes: 3KiB, subscribes: 4}
                user: {connections: 5}
                address: {messages: 6}
                listener: {subscribes: 7}
            authentication:
              password-file: FOLDER/users
              jwt:
                from: username
                jwks: https://example.com/keys
                jwks-refresh: 1m
                insecure: true
                issuer: https://example.com
                audience: mqtt
                username-claim: email
                acl-claim: topics
                groups-claim: teams
                require-expiry: false
              http:
                url: http://example.com/login
                timeout: 2s
                insecure: true
            mqtt:
              shared-subscription-policy: least-in-flight
              sys-interval: 0
              events: false
              max-qos: 1
              redirect: {to: "other:1883", permanent: true}
              response-information: replies
              acknowledge: received
              acknowledge-topics:
                - {filter: orders/+, level: replicated}
                - {filter: "#", level: persisted}
            rewrite:
              - {action: publish, source-topic: "a/#", regex: "^a/(.*)", destination: "b/$1"}
              - {source-topic: c, regex: c, destination: "%u/%c"}
            threads: {loops: 3}
            log: {level: debug}
            """
                .replace("FOLDER", folder.toString()));

    Configuration c = load(file).configuration();

    assertThat(c.node().id()).isEqualTo("n7");
    assertThat(c.data()).isEqualTo(Path.of("/var/lib/relais"));
    assertThat(c.store()).isEqualTo(StoreKind.MEMORY);
    assertThat(c.listeners())
        .containsExactly(
            new ListenerConfiguration(
                "[::]:8884",
                Transport.SECURE_WEBSOCKET,
                true,
                "/ws",
                10,
                20,
                65_536,
                Duration.ofMillis(1500),
                true,
                List.of("10.0.0.0/8", "fd00::/8"),
                List.of("https://example.com"),
                new TlsConfiguration(
                    folder.resolve("server.crt"),
                    folder.resolve("server.key"),
                    folder.resolve("ca.crt"),
                    ClientCertificate.REQUIRED,
                    List.of("1.3"),
                    UsernameFrom.CN,
                    List.of(folder.resolve("crl.pem"))),
                Acknowledge.REPLICATED),
            new ListenerConfiguration(
                "/run/relais.sock",
                Transport.UNIX,
                true,
                "",
                1_000_000,
                0,
                0,
                Duration.ofSeconds(10),
                false,
                List.of("127.0.0.0/8", "::1/128"),
                List.of(),
                null,
                null));
    assertThat(c.admin().bind()).isEqualTo(new HostPort("localhost", 9000));
    assertThat(c.limits())
        .isEqualTo(
            new LimitsConfiguration(
                268_435_455,
                5,
                1L << 30,
                QueueFull.REJECT,
                6,
                64,
                8,
                0,
                9,
                10,
                Duration.ofDays(30),
                Duration.ofMinutes(5),
                11,
                12,
                14L << 20,
                15L << 20,
                16L << 20,
                13,
                new FlappingConfiguration(14, Duration.ofSeconds(15), Duration.ofHours(16)),
                new RatesConfiguration(
                    new RateConfiguration(1, 2, 3 << 10, 4),
                    new RateConfiguration(5, 0, 0, 0),
                    new RateConfiguration(0, 6, 0, 0),
                    new RateConfiguration(0, 0, 0, 7))));
    assertThat(c.rewrite())
        .containsExactly(
            new RewriteConfiguration(RewriteAction.PUBLISH, "a/#", "^a/(.*)", "b/$1"),
            new RewriteConfiguration(RewriteAction.ALL, "c", "c", "%u/%c"));
    assertThat(c.authentication().passwordFile()).isEqualTo(folder.resolve("users"));
    assertThat(c.mqtt())
        .isEqualTo(
            new MqttConfiguration(
                SharedSubscriptionPolicy.LEAST_IN_FLIGHT,
                Duration.ZERO,
                false,
                1,
                new RedirectConfiguration(new HostPort("other", 1883), true),
                "replies",
                Acknowledge.RECEIVED,
                List.of(
                    new AcknowledgeTopics("orders/+", Acknowledge.REPLICATED),
                    new AcknowledgeTopics("#", Acknowledge.PERSISTED))));
    assertThat(c.threads().loops()).isEqualTo(3);
    assertThat(c.log().level()).isEqualTo(LogLevel.DEBUG);
  }

  @Test
  void all_problems_are_reported_at_once_with_their_places_and_the_nearest_key()
      throws IOException {
    Path file =
        file(
            """
            node:
              id: n1
            limits:
              payload-byte: 1MiB
              queue-full: drop-newest
              queue-messages: many
              topic-levels: 7
            listeners:
              - bind: 1883
              - bind: 127.0.0.1:1884
                path: /mqtt
            cluster: {}
            payload-bytes: 3
            """);

    List<String> problems = problems(new Sources(file, Map.of(), List.of(), List.of("stor=disk")));

    assertThat(problems)
        .containsExactly(
            file + ":4:3: limits.payload-byte is not a key; did you mean limits.payload-bytes?",
            file
                + ":5:15: limits.queue-full is 'drop-newest'; choose one of drop-oldest, reject; did you mean drop-oldest?",
            file + ":6:19: limits.queue-messages is 'many'; write a whole number",
            file + ":7:3: limits.topic-levels is 7; it must be 8 to 1024",
            file
                + ":9:5: listeners.0.bind is '1883'; write HOST:PORT, like 127.0.0.1:1883 or [::1]:1883",
            file
                + ":11:5: listeners.1.path is for the transports websocket and secure-websocket; this one is tcp",
            file + ":12:1: cluster is not in this version of Relais; take it out",
            file + ":13:1: payload-bytes is not a key; did you mean limits.payload-bytes?",
            "--set stor: stor is not a key; did you mean store?");
  }

  @Test
  void each_source_overrides_the_one_before_and_the_origin_is_kept() throws IOException {
    Path file = file("limits:\n  queue-messages: 1\n  subscriptions: 2\n  connections: 3\n");

    Loaded loaded =
        ConfigurationLoader.load(
            new Sources(
                file,
                Map.of(
                    "RELAIS_LIMITS_SUBSCRIPTIONS",
                    "20",
                    "RELAIS_LIMITS_CONNECTIONS",
                    "30",
                    "HOME",
                    "/"),
                List.of(),
                List.of("limits.connections=300")));

    assertThat(loaded.settings())
        .contains(
            new Setting("limits.queue-messages", "1", new Origin.InFile(file.toString(), 2, 19)),
            new Setting(
                "limits.subscriptions",
                "20",
                new Origin.Environment("RELAIS_LIMITS_SUBSCRIPTIONS")),
            new Setting("limits.connections", "300", new Origin.Option("--set limits.connections")),
            new Setting("limits.payload-bytes", "1MiB", new Origin.Standard()));
    assertThat(loaded.configuration().limits().connections()).isEqualTo(300);
  }

  @Test
  void entries_of_lists_are_set_by_index_and_appended_at_the_end() {
    Map<String, String> environment =
        Map.of(
            "RELAIS_LISTENERS_0_BIND", "0.0.0.0:2883", "RELAIS_LISTENERS_2_BIND", "127.0.0.1:2884");

    Configuration c =
        ConfigurationLoader.load(
                new Sources(
                    null,
                    environment,
                    List.of(),
                    List.of("listeners.2.trusted-proxies=[10.0.0.1, 10.1.0.0/16]")))
            .configuration();

    assertThat(c.listeners())
        .extracting(ListenerConfiguration::bind)
        .containsExactly("0.0.0.0:2883", "127.0.0.1:8083", "127.0.0.1:2884");
    assertThat(c.listeners().getFirst().allowAnonymous()).isFalse();
    assertThat(c.listeners().getLast().trustedProxies()).containsExactly("10.0.0.1", "10.1.0.0/16");
    assertThat(
            problems(
                new Sources(null, Map.of(), List.of(), List.of("listeners.7.bind=127.0.0.1:1"))))
        .containsExactly(
            "--set listeners.7.bind: listeners is a list of 2; after it comes an index from 0 to 2, not '7'");
  }

  @Test
  void listen_replaces_the_whole_list() throws IOException {
    Path file = file("listeners: [{bind: 127.0.0.1:1}]\n");

    Configuration c =
        ConfigurationLoader.load(
                new Sources(
                    file,
                    Map.of(),
                    List.of("127.0.0.1:0", "websocket://[::1]:0/x", "unix:///run/r.sock"),
                    List.of()))
            .configuration();

    assertThat(c.listeners())
        .extracting(ListenerConfiguration::name)
        .containsExactly("tcp://127.0.0.1:0", "websocket://[::1]:0/x", "unix:///run/r.sock");
    assertThat(problems(new Sources(null, Map.of(), List.of("mqtt://127.0.0.1:1"), List.of())))
        .containsExactly(
            "--listen mqtt://127.0.0.1:1: listeners.0.transport is 'mqtt'; choose one of tcp, tls, websocket,"
                + " secure-websocket, unix");
  }

  @Test
  void anonymous_is_allowed_by_default_only_on_loopback_and_never_behind_a_proxy()
      throws IOException {
    Path file =
        file(
            """
            listeners:
              - bind: 127.0.0.1:1
              - bind: "[::1]:2"
              - bind: localhost:3
              - bind: 0.0.0.0:4
              - bind: 192.168.1.5:5
              - {bind: 127.0.0.1:6, proxy-protocol: true}
            """);

    assertThat(load(file).configuration().listeners())
        .extracting(ListenerConfiguration::allowAnonymous)
        .containsExactly(true, true, true, false, false, false);
  }

  @Test
  void variables_of_kubernetes_and_of_the_launcher_are_no_keys() {
    Map<String, String> environment =
        Map.of(
            "RELAIS_SERVICE_HOST", "10.0.0.1",
            "RELAIS_MQTT_PORT_1883_TCP_ADDR", "10.0.0.1",
            "RELAIS_MQTT_SERVICE_PORT_MQTTS", "8883",
            "RELAIS_PORT", "tcp://10.0.0.1:1883",
            "RELAIS_JVM_OPTIONS", "-Xmx1g",
            "RELAIS_KEY", "rk_x",
            "RELAIS_MANAGER_HOME", "/",
            "RELAIS_JAVA_HOME", "/");

    Loaded loaded = ConfigurationLoader.load(new Sources(null, environment, List.of(), List.of()));

    assertThat(loaded.warnings()).isEmpty();
  }

  @Test
  void the_first_password_comes_from_the_environment_and_is_shown_to_nobody() {
    Map<String, String> environment = Map.of("RELAIS_ADMIN_PASSWORD", "a first password");

    Loaded loaded = ConfigurationLoader.load(new Sources(null, environment, List.of(), List.of()));

    assertThat(loaded.configuration().admin().password()).isEqualTo("a first password");
    assertThat(loaded.settings().toString()).doesNotContain("a first password");
    assertThat(
            problems(new Sources(null, Map.of("RELAIS_ADMIN_PASSWORD", "x"), List.of(), List.of())))
        .containsExactly(
            "environment RELAIS_ADMIN_PASSWORD: admin.password has fewer than 8 characters");
  }

  @Test
  void a_misspelt_variable_is_a_problem_where_its_section_is_known_else_a_warning() {
    Map<String, String> misspelt =
        Map.of("RELAIS_LIMITS_PAYLOAD_BYTE", "1", "RELAIS_CLUSTER_BIND", "127.0.0.1:7883");

    assertThat(problems(new Sources(null, misspelt, List.of(), List.of())))
        .containsExactlyInAnyOrder(
            "environment RELAIS_LIMITS_PAYLOAD_BYTE: stands for no key; did you mean RELAIS_LIMITS_PAYLOAD_BYTES?",
            "environment RELAIS_CLUSTER_BIND: is for a part that is not in this version of Relais; unset it");
    assertThat(
            ConfigurationLoader.load(
                    new Sources(null, Map.of("RELAIS_LIMIT_QUEUE_FULL", "x"), List.of(), List.of()))
                .warnings())
        .containsExactly(
            "environment RELAIS_LIMIT_QUEUE_FULL stands for no key and is ignored; did you mean"
                + " RELAIS_LIMITS_QUEUE_FULL?");
  }

  @Test
  void a_value_of_the_wrong_shape_says_what_was_found_and_what_is_expected() throws IOException {
    Path file =
        file(
            """
            node: n1
            store: [disk]
            listeners: {bind: x}
            data:
            limits:
            log: {level: {a: b}}
            """);

    assertThat(problems(file))
        .containsExactly(
            file + ":1:7: node is the text 'n1'; expected is a section with keys like id",
            file + ":2:8: store is a list; expected is a single value",
            file
                + ":3:12: listeners is a section; expected is a list; begin each entry with a dash",
            file + ":4:6: data has no value; expected is a single value",
            file + ":6:14: log.level is a section; expected is a single value");
  }

  @Test
  void contradictions_are_found() throws IOException {
    Path file =
        file(
            """
            limits: {payload-bytes: 2MiB, queue-bytes: 1MiB}
            listeners:
              - {bind: 127.0.0.1:8883, transport: tls}
              - bind: 127.0.0.1:8884
                transport: tls
                tls: {certificate: /dev/null, client-certificate: optional, ca: nowhere.crt, versions: [1.1]}
              - {bind: 127.0.0.1:1, tls: {certificate: /dev/null, key: /dev/null}}
            """);

    assertThat(problems(file))
        .containsExactly(
            file
                + ":1:31: limits.queue-bytes is 1MiB, less than one payload of limits.payload-bytes (2MiB)",
            file
                + ":3:28: listeners.0.transport is tls, which needs the section tls with certificate and key",
            file + ":6:10: listeners.1.tls.key is missing",
            file
                + ":6:69: listeners.1.tls.ca is "
                + Path.of("nowhere.crt").toAbsolutePath()
                + ", which does not exist",
            file
                + ":7:25: listeners.2.tls is for the transports tls and secure-websocket; this one is tcp");
  }

  @Test
  void two_listeners_on_one_address_are_refused_unless_the_port_is_free_to_choose()
      throws IOException {
    Path same =
        file("listeners: [{bind: 127.0.0.1:1}, {bind: 127.0.0.1:1}, {bind: 127.0.0.1:18083}]\n");

    assertThat(problems(same))
        .containsExactly(
            same
                + ":1:35: listeners.1.bind is 127.0.0.1:1, as is listeners.0.bind; give one of them another port",
            same
                + ":1:56: listeners.2.bind is 127.0.0.1:18083, as is admin.bind; give one of them another port");
    assertThat(
            load(file("listeners: [{bind: 127.0.0.1:0}, {bind: 127.0.0.1:0}]\n"))
                .configuration()
                .listeners())
        .hasSize(2);
  }

  @Test
  void broken_yaml_names_the_place() throws IOException {
    Path file = file("node: {id: n1\nstore: disk\n");

    assertThat(problems(file))
        .hasSize(1)
        .first()
        .asString()
        .startsWith(file + ":2:")
        .contains("is not YAML");
    assertThat(problems(file("store: disk\nstore: memory\n")))
        .first()
        .asString()
        .contains(":2:1: store stands here a second time");
    assertThat(problems(file("data: &d x\nnode: {id: *d}\n")))
        .first()
        .asString()
        .contains("aliases are not supported");
    assertThat(problems(file("- a\n"))).first().asString().contains("is not a table of keys");
    assertThat(problems(file("store: disk\n---\nstore: disk\n")))
        .first()
        .asString()
        .contains("second document");
    assertThat(problems(folder.resolve("absent.yaml")))
        .first()
        .asString()
        .endsWith("absent.yaml: no such file");
    assertThat(load(file("# nothing\n")).configuration().store()).isEqualTo(StoreKind.DISK);
  }

  @Test
  void a_set_without_a_value_or_on_a_section_says_how_to_write_it() {
    assertThat(
            problems(
                new Sources(
                    null, Map.of(), List.of(), List.of("limits", "limits=1", "store.kind=disk"))))
        .containsExactly(
            "--set limits: needs KEY=VALUE, like --set limits.payload-bytes=2MiB",
            "--set limits: limits is a section; set one of its keys, like limits.payload-bytes",
            "--set store.kind: store has no keys below it; set store itself");
  }

  private Loaded load(Path file) {
    return ConfigurationLoader.load(new Sources(file, Map.of(), List.of(), List.of()));
  }

  @Test
  void levels_of_acknowledgements_are_checked_where_they_stand() throws IOException {
    Path file =
        file(
            """
            listeners:
              - {bind: 127.0.0.1:1, acknowledge: persistd}
            mqtt:
              acknowledge: disk
              acknowledge-topics:
                - {filter: a/#/b, level: received}
                - {filter: $share/g/a, level: received}
                - {filter: a}
                - {filter: "#", level: none}
            """);

    List<String> found = problems(file);

    assertThat(found)
        .containsExactlyInAnyOrder(
            file
                + ":2:38: listeners.0.acknowledge is 'persistd';"
                + " choose one of received, persisted, replicated; did you mean persisted?",
            file
                + ":4:16: mqtt.acknowledge is 'disk';"
                + " choose one of received, persisted, replicated",
            file
                + ":6:8: mqtt.acknowledge-topics.0.filter is 'a/#/b':"
                + " '#' is the last level of a filter, but levels follow the one at index 2",
            file
                + ":7:8: mqtt.acknowledge-topics.1.filter is '$share/g/a';"
                + " it is compared with topics, so leave the first part out",
            file + ":8:7: mqtt.acknowledge-topics.2.level is missing",
            file
                + ":9:28: mqtt.acknowledge-topics.3.level is 'none';"
                + " choose one of received, persisted, replicated");
  }

  @Test
  void levels_of_acknowledgements_may_come_from_the_environment_and_from_options() {
    var sources =
        new Sources(
            null,
            Map.of(
                "RELAIS_MQTT_ACKNOWLEDGE", "received",
                "RELAIS_MQTT_ACKNOWLEDGE_TOPICS_0_FILTER", "a/#",
                "RELAIS_MQTT_ACKNOWLEDGE_TOPICS_0_LEVEL", "persisted"),
            List.of(),
            List.of("listeners.0.bind=127.0.0.1:1", "listeners.0.acknowledge=replicated"));

    Loaded loaded = ConfigurationLoader.load(sources);

    assertThat(loaded.configuration().mqtt().acknowledgeTopics())
        .containsExactly(new AcknowledgeTopics("a/#", Acknowledge.PERSISTED));
    assertThat(loaded.settings())
        .contains(
            new Setting(
                "mqtt.acknowledge", "received", new Origin.Environment("RELAIS_MQTT_ACKNOWLEDGE")),
            new Setting(
                "mqtt.acknowledge-topics.0.level",
                "persisted",
                new Origin.Environment("RELAIS_MQTT_ACKNOWLEDGE_TOPICS_0_LEVEL")),
            new Setting(
                "listeners.0.acknowledge",
                "replicated",
                new Origin.Option("--set listeners.0.acknowledge")));
  }

  @Test
  void sources_of_tokens_and_services_are_checked() throws IOException {
    Path secret = Files.writeString(folder.resolve("secret"), "a secret");
    Path none =
        file(
            """
            authentication:
              jwt: {issuer: me}
              http: {url: "http://example.com/login"}
            """);
    Path both =
        file(
            """
            authentication:
              jwt:
                hmac-secret-file: SECRET
                jwks: ftp://example.com/keys
                jwks-refresh: 1s
              http: {url: "https://ann:secret@example.com/"}
            """
                .replace("SECRET", secret.toString()));
    Path right =
        file(
            """
            authentication:
              jwt: {hmac-secret-file: SECRET}
              http: {url: "http://localhost:8080/login"}
            """
                .replace("SECRET", secret.toString()));

    assertThat(problems(none))
        .hasSize(2)
        .anyMatch(it -> it.contains("authentication.jwt.public-key is missing; give this"))
        .anyMatch(
            it -> it.contains("authentication.http.url is http and leads to another machine"));
    assertThat(problems(both))
        .hasSize(4)
        .anyMatch(it -> it.contains("authentication.jwt.public-key is one key of several"))
        .anyMatch(it -> it.contains("authentication.jwt.jwks is no URL like https://"))
        .anyMatch(it -> it.contains("authentication.jwt.jwks-refresh is 1s"))
        .anyMatch(it -> it.contains("authentication.http.url has a user name or password"));
    JwtConfiguration jwt =
        Objects.requireNonNull(load(right).configuration().authentication().jwt());
    assertThat(jwt)
        .isEqualTo(
            new JwtConfiguration(
                TokenFrom.PASSWORD,
                secret,
                null,
                null,
                Duration.ofMinutes(5),
                false,
                null,
                null,
                "sub",
                "acl",
                "groups",
                true));
  }

  @Test
  void what_is_wrong_with_metrics_and_alarms_is_said_at_their_keys() {
    List<String> problems =
        problems(
            new Sources(
                null,
                Map.of(),
                List.of(),
                List.of(
                    "metrics.otlp.url=ftp://collector",
                    "metrics.otlp.headers.0=a secret without a name",
                    "metrics.slow-subscribers.window=1s",
                    "alarms.heap-percent=101",
                    "alarms.stall=2m")));

    assertThat(problems)
        .anyMatch(one -> one.contains("metrics.otlp.url is 'ftp://collector'; write it like"))
        .anyMatch(one -> one.contains("metrics.otlp.headers.0 is no header"))
        .anyMatch(
            one -> one.contains("metrics.slow-subscribers.window is 1s; it must be 10s to 1h"))
        .anyMatch(one -> one.contains("alarms.heap-percent is 101; it must be 0 to 100"))
        .anyMatch(one -> one.contains("alarms.stall is 2m; it must be 0s to 1m"))
        .noneMatch(one -> one.contains("a secret"));
  }

  private List<String> problems(Path file) {
    return problems(new Sources(file, Map.of(), List.of(), List.of()));
  }

  private static List<String> problems(Sources sources) {
    return catchThrowableOfType(InvalidConfiguration.class, () -> ConfigurationLoader.load(sources))
        .problems()
        .stream()
        .map(Problem::toString)
        .toList();
  }

  private Path file(String text) throws IOException {
    return Files.writeString(Files.createTempFile(folder, "relais", ".yaml"), text);
  }

  @Test
  void webhooks_are_read_whole_and_what_is_wrong_is_said_at_its_key() throws IOException {
    Path file =
        file(
            """
            webhooks:
              - name: a
                url: https://example.com/in
                events: [client.connected, message.published]
                topics: ["a/#"]
                headers: [{name: X-Key, value: secret}]
                batch-events: 5
                batch-time: 1s
                queue-events: 6
                timeout: 2s
                attempts: 7
                retry-wait: 3s
            """);

    Loaded loaded = load(file);

    assertThat(loaded.configuration().webhooks())
        .containsExactly(
            new WebhookConfiguration(
                "a",
                "https://example.com/in",
                List.of("client.connected", "message.published"),
                List.of("a/#"),
                List.of(new WebhookHeaderConfiguration("X-Key", "secret", null)),
                5,
                Duration.ofSeconds(1),
                6,
                Duration.ofSeconds(2),
                7,
                Duration.ofSeconds(3),
                null,
                false));
    assertThat(loaded.settings().toString()).doesNotContain("secret");
    Path wrong =
        file(
            """
            mqtt: {events: false}
            webhooks:
              - {name: b, url: "http://example.com", events: [client.connected]}
              - {name: "b b", url: "https://x", events: [client.gone], topics: [a]}
              - {name: b, url: "https://x", events: [message.published]}
            """);
    assertThat(String.join("\n", problems(wrong)))
        .contains("webhooks.0.url is http and leads to another machine")
        .contains("webhooks.1.name is 'b b'")
        .contains("webhooks.1.events has 'client.gone'")
        .contains("webhooks.2.topics goes with the event message.published");
    Path together =
        file(
            """
            mqtt: {events: false}
            webhooks:
              - {name: b, url: "https://x", events: [client.connected]}
              - {name: b, url: "https://x", events: [message.published], topics: ["#"]}
            """);
    assertThat(String.join("\n", problems(together)))
        .contains("webhooks.0.events asks for events that are not made")
        .contains("webhooks.1.name is 'b', as that of another");
    var ofEnvironment = Map.of("RELAIS_WEBHOOKS_0_HEADERS_0_VALUE", "another");
    assertThat(
            ConfigurationLoader.load(new Sources(file, ofEnvironment, List.of(), List.of()))
                .configuration()
                .webhooks()
                .getFirst()
                .headers())
        .containsExactly(new WebhookHeaderConfiguration("X-Key", "another", null));
  }
}
