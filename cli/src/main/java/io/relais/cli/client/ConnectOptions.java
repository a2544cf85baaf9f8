package io.relais.cli.client;

import com.hivemq.client.mqtt.MqttClientBuilderBase;
import io.relais.cli.client.PropertyArguments.Packet;
import java.io.Console;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/// The options that `pub`, `sub` and `rr` share: where to connect, as whom, and with which will.
///
/// Owner: the main thread; read-only once [#check] has returned.
@SuppressWarnings("CheckReturnValue") // the library's builders change themselves
final class ConnectOptions {
  private static final long NEVER_SECONDS = 0xFFFF_FFFFL;

  @Spec(Spec.Target.MIXEE)
  @Nullable CommandSpec command;

  @Option(
      names = {"-h", "--host"},
      paramLabel = "HOST",
      description = "Server to connect to (default: localhost).")
  @Nullable String host;

  @Option(
      names = {"-p", "--port"},
      paramLabel = "PORT",
      description = "Port (default: 1883; TLS 8883; WebSocket 8083, over TLS 8084).")
  @Nullable Integer port;

  @Option(
      names = {"-L", "--url"},
      paramLabel = "URL",
      description = {
        "mqtt[s]://[user[:password]@]host[:port]/topic, or",
        "ws[s]://[user[:password]@]host[:port]/path for WebSocket."
      })
  @Nullable String url;

  @Option(
      names = {"-V", "--protocol-version"},
      paramLabel = "VERSION",
      description = "311 or mqttv311, 5 or mqttv5 (default: 311; 5 for rr and with -D).")
  @Nullable String version;

  @Option(
      names = {"-i", "--id"},
      paramLabel = "ID",
      parameterConsumer = NextArgument.class,
      description = "Client identifier (default: a random one; assigned by the server in MQTT 5).")
  @Nullable String id;

  @Option(
      names = {"-I", "--id-prefix"},
      paramLabel = "PREFIX",
      parameterConsumer = NextArgument.class,
      description = "Client identifier: this prefix and the process id.")
  @Nullable String idPrefix;

  @Option(
      names = {"-u", "--username"},
      paramLabel = "USER",
      parameterConsumer = NextArgument.class,
      description = "User name.")
  @Nullable String username;

  @Option(
      names = {"-P", "--pw"},
      paramLabel = "PASSWORD",
      parameterConsumer = NextArgument.class,
      description = {
        "Password. Others on this machine may read it from the list of processes: prefer",
        "-P - to be asked for it, or the environment variable RELAIS_PASSWORD."
      })
  @Nullable String passwordOption;

  @Option(
      names = {"-k", "--keepalive"},
      paramLabel = "SECONDS",
      description = "Keep alive (default: ${DEFAULT-VALUE}).")
  int keepAlive = 60;

  @Option(
      names = {"-c", "--disable-clean-session"},
      description = "Keep the session after the connection ends; needs -i or -I.")
  boolean durable;

  @Option(
      names = {"-x", "--session-expiry-interval"},
      paramLabel = "SECONDS",
      parameterConsumer = NextArgument.class,
      description = "MQTT 5: the session ends that long after the connection; -1: never.")
  @Nullable String sessionExpiry;

  @Option(
      names = {"-A", "--bind"},
      paramLabel = "ADDRESS",
      description = "Local address to connect from.")
  @Nullable String bind;

  @Option(
      names = {"-M", "--max-inflight"},
      paramLabel = "COUNT",
      description = {
        "Messages of QoS 1 and 2 sent and not yet acknowledged, at most",
        "(default: 20; in MQTT 5 what the server allows)."
      })
  @Nullable Integer maxInFlight;

  @Option(names = "--nodelay", description = "Accepted; small packets are never held back.")
  boolean noDelay;

  @Option(names = "--quiet", description = "Print no errors after the options are read.")
  boolean quiet;

  @Option(
      names = {"-d", "--debug"},
      description = "Tell on standard error what the connection does.")
  boolean debug;

  @Option(
      names = {"-D", "--property"},
      paramLabel = "PACKET IDENTIFIER [NAME] VALUE",
      parameterConsumer = PropertyArguments.Consumer.class,
      description = {
        "MQTT 5 property of connect, publish, subscribe, unsubscribe, disconnect or will,",
        "such as: -D publish content-type text/plain, -D connect user-property key value"
      })
  PropertyArguments properties = new PropertyArguments();

  @Option(names = "--ws", description = "MQTT over WebSocket.")
  boolean webSocket;

  @Option(
      names = "--ws-path",
      paramLabel = "PATH",
      description = "Path of the WebSocket (default: /mqtt).")
  @Nullable String webSocketPath;

  @Option(
      names = "--will-topic",
      paramLabel = "TOPIC",
      parameterConsumer = NextArgument.class,
      description = "Topic of the will.")
  @Nullable String willTopic;

  @Option(
      names = "--will-payload",
      paramLabel = "PAYLOAD",
      parameterConsumer = NextArgument.class,
      description = "Payload of the will.")
  @Nullable String willPayload;

  @Option(names = "--will-qos", paramLabel = "QOS", description = "QoS of the will.")
  int willQos;

  @Option(names = "--will-retain", description = "The will is retained.")
  boolean willRetain;

  @Mixin TlsOptions tls = new TlsOptions();

  @Option(names = "--help", usageHelp = true, description = "Print this help.")
  boolean help;

  @Option(
      names = {"--unix", "--proxy", "--psk", "--psk-identity", "--tls-alpn", "--ciphers"},
      hidden = true,
      paramLabel = "VALUE",
      parameterConsumer = NextArgument.class)
  List<String> unsupported = new ArrayList<>();

  private boolean v5;
  private Optional<String> urlTopic = Optional.empty();
  private Optional<String> password = Optional.empty();

  /// Resolves what depends on several options.
  ///
  /// @throws ParameterException if options are wrong or contradict each other
  void check(boolean v5ByDefault) {
    if (!unsupported.isEmpty()) {
      throw wrong(
          "--unix, --proxy, --psk, --tls-alpn and --ciphers are not supported by this client.");
    }
    password = passwordOf();
    if (url != null) {
      readUrl(url);
    }
    v5 = versionOf(v5ByDefault);
    if (keepAlive != 0 && (keepAlive < 5 || keepAlive > 65_535)) {
      throw wrong(
          "The keep alive (-k) is from 5 to 65535 seconds, or 0 for none, not " + keepAlive + ".");
    }
    if (port != null && (port < 1 || port > 65_535)) {
      throw wrong("The port (-p) is from 1 to 65535, not " + port + ".");
    }
    if (maxInFlight != null && (maxInFlight < 1 || maxInFlight > 65_535)) {
      throw wrong("The in-flight window (-M) is from 1 to 65535, not " + maxInFlight + ".");
    }
    if (id != null && idPrefix != null) {
      throw wrong("Give either a client identifier (-i) or a prefix of one (-I), not both.");
    }
    if (durable && id == null && idPrefix == null) {
      throw wrong("A session that is kept (-c) needs a client identifier: add -i.");
    }
    if (willTopic == null && (willPayload != null || willQos != 0 || willRetain)) {
      throw wrong("A will needs a topic: add --will-topic.");
    }
    if (willTopic != null) {
      Topics.checkName(willTopic, this);
    }
    Topics.checkQos(willQos, this);
    if (!v5 && password.isPresent() && username == null) {
      throw wrong("A password needs a user name (-u) in MQTT 3.1.1.");
    }
    sessionExpirySeconds();
    tls.check(this);
  }

  ParameterException wrong(String message) {
    if (command == null) {
      throw new IllegalStateException("options used outside of a command");
    }
    return new ParameterException(command.commandLine(), message);
  }

  private boolean versionOf(boolean v5ByDefault) {
    var needed = !properties.isEmpty() || sessionExpiry != null;
    return switch (version) {
      case null -> v5ByDefault || needed;
      case "5", "mqttv5" -> true;
      case "311", "mqttv311" -> {
        if (needed) {
          throw wrong("Properties (-D) and session expiry (-x) need MQTT 5: use -V 5.");
        }
        yield false;
      }
      case "31", "mqttv31" ->
          throw wrong("This client does not speak MQTT 3.1: use -V 311 or -V 5.");
      default -> throw wrong("There is no protocol version '" + version + "': use -V 311 or -V 5.");
    };
  }

  private void readUrl(String text) {
    if (host != null || port != null) {
      throw wrong("Give either a URL (-L) or host and port (-h, -p), not both.");
    }
    URI uri;
    try {
      uri = URI.create(text);
    } catch (IllegalArgumentException e) {
      throw wrong("'" + text + "' is not a URL: use mqtt://host[:port]/topic.");
    }
    var path = uri.getPath() == null || uri.getPath().length() < 2 ? "" : uri.getPath();
    switch (uri.getScheme()) {
      case "mqtt" -> urlTopic = topicOf(path);
      case "mqtts" -> {
        tls.enabled = true;
        urlTopic = topicOf(path);
      }
      case "ws", "wss" -> {
        webSocket = true;
        tls.enabled |= uri.getScheme().equals("wss");
        webSocketPath = path.isEmpty() ? webSocketPath : path;
      }
      case null, default ->
          throw wrong(
              "A URL (-L) begins with mqtt://, mqtts://, ws:// or wss://, not '" + text + "'.");
    }
    if (uri.getHost() == null) {
      throw wrong("The URL (-L) names no host: use mqtt://host[:port]/topic.");
    }
    host = uri.getHost().replaceAll("[\\[\\]]", "");
    port = uri.getPort() < 0 ? null : Integer.valueOf(uri.getPort());
    if (uri.getUserInfo() != null) {
      var colon = uri.getUserInfo().indexOf(':');
      username = colon < 0 ? uri.getUserInfo() : uri.getUserInfo().substring(0, colon);
      if (colon >= 0) {
        password = Optional.of(uri.getUserInfo().substring(colon + 1));
      }
    }
  }

  private static Optional<String> topicOf(String path) {
    return path.isEmpty() ? Optional.empty() : Optional.of(path.substring(1));
  }

  @SuppressWarnings("SystemConsoleNull") // a Java without a terminal may still have no console
  private Optional<String> passwordOf() {
    if (passwordOption == null) {
      return username == null
          ? Optional.empty()
          : Optional.ofNullable(System.getenv("RELAIS_PASSWORD"));
    }
    if (!passwordOption.equals("-")) {
      return Optional.of(passwordOption);
    }
    Console console = System.console();
    if (console == null || !console.isTerminal()) {
      throw wrong("-P - asks for the password and needs a terminal: set RELAIS_PASSWORD instead.");
    }
    var typed = console.readPassword("Password: ");
    if (typed == null) {
      throw wrong("No password was given.");
    }
    return Optional.of(new String(typed));
  }

  /// Applies address, identity, TLS and life cycle to a client of either version.
  <B extends MqttClientBuilderBase<B>> B apply(B builder, Reconnection reconnection) {
    if (id != null) {
      builder.identifier(id);
    } else if (idPrefix != null) {
      builder.identifier(idPrefix + ProcessHandle.current().pid());
    } else if (!v5) {
      builder.identifier(
          "relais-" + HexFormat.of().toHexDigits(ThreadLocalRandom.current().nextLong()));
    }
    var transport =
        com.hivemq.client.mqtt.MqttClientTransportConfig.builder()
            .serverHost(host())
            .serverPort(port())
            .socketConnectTimeout(10, TimeUnit.SECONDS)
            .mqttConnectTimeout(30, TimeUnit.SECONDS);
    if (bind != null) {
      transport.localAddress(bind);
    }
    if (tls.isEnabled(port)) {
      transport.sslConfig(tls.config());
    }
    if (webSocket) {
      var path = webSocketPath == null ? "/mqtt" : webSocketPath;
      transport
          .webSocketConfig()
          .serverPath(path.startsWith("/") ? path.substring(1) : path)
          .applyWebSocketConfig();
    }
    return builder
        .executorConfig(
            com.hivemq.client.mqtt.MqttClientExecutorConfig.builder().nettyThreads(1).build())
        .transportConfig(transport.build())
        .addConnectedListener(reconnection)
        .addDisconnectedListener(reconnection);
  }

  Link open(Reconnection reconnection, Consumer<Message> onMessage) {
    return v5 ? new Link5(this, reconnection, onMessage) : new Link3(this, reconnection, onMessage);
  }

  Explanation explanation() {
    return new Explanation(host(), port(), tls.isEnabled(port));
  }

  private String host() {
    return host == null ? "localhost" : host;
  }

  private int port() {
    if (port != null) {
      return port;
    }
    boolean secure = tls.isEnabled(null);
    return webSocket ? (secure ? 8084 : 8083) : secure ? 8883 : 1883;
  }

  boolean v5() {
    return v5;
  }

  Optional<String> urlTopic() {
    return urlTopic;
  }

  int keepAliveSeconds() {
    return keepAlive;
  }

  boolean durable() {
    return durable;
  }

  Optional<Integer> maxInFlight() {
    return Optional.ofNullable(maxInFlight);
  }

  Optional<String> user() {
    return Optional.ofNullable(username);
  }

  Optional<String> password() {
    return password;
  }

  PropertyArguments properties() {
    return properties;
  }

  long sessionExpirySeconds() {
    if (sessionExpiry == null) {
      return properties
          .number(Packet.CONNECT, "session-expiry-interval")
          .orElse(durable ? NEVER_SECONDS : 0L);
    }
    if (sessionExpiry.equals("-1") || sessionExpiry.equals("∞")) {
      return NEVER_SECONDS;
    }
    try {
      var seconds = Long.parseLong(sessionExpiry);
      if (seconds >= 0 && seconds <= NEVER_SECONDS) {
        return seconds;
      }
    } catch (NumberFormatException e) {
      // Falls through to the one message that both mistakes get.
    }
    throw wrong(
        "The session expiry (-x) is from 0 to 4294967294 seconds, or -1, not '"
            + sessionExpiry
            + "'.");
  }

  Optional<Message> will() {
    if (willTopic == null) {
      return Optional.empty();
    }
    var payload = willPayload == null ? "" : willPayload;
    return Optional.of(
        new Message(
            willTopic,
            payload.getBytes(StandardCharsets.UTF_8),
            willQos,
            willRetain,
            properties.message(Packet.WILL)));
  }
}
