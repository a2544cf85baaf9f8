package io.relais.server;

import io.relais.admin.AdminServer;
import io.relais.admin.AdminSettings;
import io.relais.admin.Authorization;
import io.relais.admin.Revisions;
import io.relais.admin.Rewriting;
import io.relais.admin.RunningConfiguration;
import io.relais.api.ConfigurationRevision;
import io.relais.api.Listener;
import io.relais.broker.AckLevel;
import io.relais.broker.AckRule;
import io.relais.broker.Administration;
import io.relais.broker.Broker;
import io.relais.broker.BrokerSettings;
import io.relais.broker.FlappingLimits;
import io.relais.broker.Rewrites;
import io.relais.broker.SharedPolicy;
import io.relais.broker.TraceLimits;
import io.relais.broker.access.AuthenticationSource;
import io.relais.broker.access.CertificateName;
import io.relais.broker.access.Passwords;
import io.relais.broker.access.Policy;
import io.relais.broker.access.Rules;
import io.relais.broker.listener.ClientCertificate;
import io.relais.broker.listener.ListenerSettings;
import io.relais.broker.listener.TlsSettings;
import io.relais.broker.listener.Transport;
import io.relais.broker.webhook.Webhook;
import io.relais.server.config.Acknowledge;
import io.relais.server.config.AdminConfiguration;
import io.relais.server.config.Configuration;
import io.relais.server.config.ConfigurationLoader;
import io.relais.server.config.HostPort;
import io.relais.server.config.InvalidConfiguration;
import io.relais.server.config.LimitsConfiguration;
import io.relais.server.config.ListenerConfiguration;
import io.relais.server.config.Loaded;
import io.relais.server.config.LogLevel;
import io.relais.server.config.QueueFull;
import io.relais.server.config.RewriteConfiguration;
import io.relais.server.config.RuleConfiguration;
import io.relais.server.config.SharedSubscriptionPolicy;
import io.relais.server.config.StoreKind;
import io.relais.server.config.Stored;
import io.relais.server.config.TlsConfiguration;
import io.relais.server.log.StderrLog;
import io.relais.storage.Command;
import io.relais.storage.DataDirectory;
import io.relais.storage.Documents;
import io.relais.storage.StoreLimits;
import io.relais.storage.table.HeapTables;
import io.relais.storage.table.StoreFailure;
import io.relais.storage.table.Tables;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeSet;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.databind.JsonNode;

/// A running node: what the configuration says becomes objects here, and nowhere else.
///
/// Owner: whoever started it closes it.
public final class Relais implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Relais.class);
  private static final int PASSWORD_THREADS = 2;

  /// A listener that serves.
  ///
  /// @param address with the port that port 0 became
  /// @param connections that are open
  public record Serving(ListenerConfiguration listener, SocketAddress address, int connections) {}

  /// What code that embeds a node may bring along; the program itself uses [#NONE].
  ///
  /// @param sources asked before those of the configuration
  /// @param policy what clients may do
  public record Extensions(List<AuthenticationSource> sources, Policy policy) {
    public static final Extensions NONE = new Extensions(List.of(), Policy.OPEN);

    public Extensions {
      sources = List.copyOf(sources);
    }
  }

  private final Broker broker;
  private final @Nullable AdminServer admin;
  private final List<AutoCloseable> closedAfter;
  private final Listeners listeners;
  private final @Nullable LiveConfiguration configuration;
  private final boolean apiSecure;

  private Relais(
      Broker broker,
      @Nullable AdminServer admin,
      List<AutoCloseable> closedAfter,
      Listeners listeners,
      @Nullable LiveConfiguration configuration,
      boolean apiSecure) {
    this.broker = broker;
    this.admin = admin;
    this.closedAfter = List.copyOf(closedAfter);
    this.listeners = listeners;
    this.configuration = configuration;
    this.apiSecure = apiSecure;
  }

  /// Starts a node and opens its listeners.
  ///
  /// @param given with what the API changed laid below it, if the store has such changes
  /// @param failed told if the state cannot be kept any more: the process must end
  /// @throws IOException naming the address or file that is in the way; nothing runs then
  public static Relais start(
      Loaded given, Extensions extensions, String version, Consumer<Throwable> failed)
      throws IOException {
    List<AutoCloseable> closedAfter = new ArrayList<>();
    boolean onDisk = given.configuration().store() == StoreKind.DISK;
    Tables tables = onDisk ? openTables(given.configuration(), closedAfter) : new HeapTables();
    var passwords = new Passwords(PASSWORD_THREADS);
    closedAfter.add(passwords);
    Stored stored;
    Loaded loaded;
    AuthenticationSources sources;
    List<Webhook> webhooks;
    try {
      stored = stored(tables);
      loaded = stored == Stored.NONE ? given : withChanges(given, stored);
      sources =
          new AuthenticationSources(
              extensions.sources(), passwords, loaded.configuration().authentication());
      webhooks = Webhooks.make(loaded.configuration().webhooks(), closedAfter);
    } catch (IOException | InvalidConfiguration e) {
      tables.close();
      closeAll(closedAfter);
      throw e;
    }
    closedAfter.add(sources);
    Configuration configuration = loaded.configuration();
    Broker broker;
    try {
      broker =
          new Broker(
              brokerSettings(configuration),
              tables,
              configuration.limits().diskReserveBytes(),
              storeLimits(configuration.limits(), onDisk),
              sources::begin,
              extensions.policy(),
              version,
              failed);
    } catch (StoreFailure e) {
      tables.close();
      closeAll(closedAfter);
      throw new IOException("The store cannot be read: " + e.getMessage(), e);
    }
    sources
        .users()
        .renewHashesBy(
            (name, before, hash) -> renewHash(broker.administration(), name, before, hash));
    var listeners = new Listeners(broker);
    LiveConfiguration live = null;
    AdminServer admin = null;
    try {
      Authorization authorization =
          Authorization.begin(
              broker.administration(), rules(configuration), LiveConfiguration.rulesOrigin(loaded));
      Rewriting rewriting =
          Rewriting.begin(
              broker.administration(),
              rewrites(configuration),
              LiveConfiguration.rewriteOrigin(loaded));
      broker.administration().insight().watch(Watched.slow(configuration));
      if (extensions.policy() != Policy.OPEN) {
        broker.administration().setPolicy(extensions.policy());
      }
      live =
          new LiveConfiguration(
              loaded, stored, onDisk, broker, listeners, sources, authorization, rewriting);
      admin =
          new AdminServer(
              adminSettings(loaded, onDisk, version, listeners, live),
              broker.administration(),
              sources.users(),
              passwords,
              authorization,
              rewriting,
              webhooks);
      for (Webhook one : webhooks) {
        one.start(broker.administration()::tap);
      }
      listeners.follow(configuration, configuration);
    } catch (IOException | RuntimeException e) {
      new Relais(broker, admin, closedAfter, listeners, live, false).close();
      throw e;
    }
    admin.ready();
    Thread memory = MemoryReturn.start(broker);
    closedAfter.add(memory::interrupt);
    return new Relais(
        broker, admin, closedAfter, listeners, live, configuration.admin().tls() != null);
  }

  /// What the API changed, of which a part must be known before the state is open.
  private static Stored stored(Tables tables) throws IOException {
    try {
      ConfigurationRevision newest = Revisions.newest(Documents.kept(tables, Revisions.COLLECTION));
      if (newest == null) {
        return Stored.NONE;
      }
      Map<String, JsonNode> values = newest.values();
      return new Stored(newest.number(), values == null ? Map.of() : values);
    } catch (StoreFailure e) {
      throw new IOException("The store cannot be read: " + e.getMessage(), e);
    }
  }

  private static Loaded withChanges(Loaded given, Stored stored) {
    Loaded loaded = ConfigurationLoader.load(given.sources(), stored);
    loaded.warnings().stream()
        .filter(warning -> !given.warnings().contains(warning))
        .forEach(LOG::warn);
    LogLevel level = loaded.configuration().log().level();
    if (level != given.configuration().log().level()) {
      StderrLog.setLevel(level);
    }
    if (!stored.values().isEmpty()) {
      LOG.info(
          "Revision {} of the configuration holds: the API set {}",
          stored.revision(),
          String.join(", ", new TreeSet<>(stored.values().keySet())));
    }
    return loaded;
  }

  /// Reads the configuration again and brings into effect what needs no restart. What is wrong with
  /// it is logged, and then nothing has changed. Any thread that may wait.
  public void reload() {
    if (configuration == null) {
      return;
    }
    try {
      RunningConfiguration.Plan plan = configuration.reload();
      plan.apply();
      LOG.info("The configuration was read again: {} keys changed", plan.changes().size());
    } catch (RunningConfiguration.Unfit e) {
      e.errors()
          .forEach(
              error ->
                  LOG.error(
                      "The configuration stays as it was: {}: {}", error.field(), error.message()));
    } catch (IOException e) {
      LOG.error("The configuration stays as it was: {}", e.getMessage());
    }
  }

  /// What does not come to pass is made up for at the next log-in.
  private static void renewHash(
      Administration administration, String username, String before, String hash) {
    try {
      var _ = administration.submit(new Command.ChangeUser(username, before, hash, null));
    } catch (IllegalStateException e) {
      LOG.debug("The node ends before a hash is renewed: {}", e.getMessage());
    }
  }

  private static AdminSettings adminSettings(
      Loaded loaded, boolean onDisk, String version, Listeners listeners, LiveConfiguration live) {
    Configuration configuration = loaded.configuration();
    HostPort bind = configuration.admin().bind();
    return new AdminSettings(
        bind.host(),
        bind.port(),
        onDisk ? configuration.data() : null,
        configuration.admin().password(),
        version,
        tls(configuration.admin().tls()),
        () -> listeners.serving().stream().map(Relais::told).toList(),
        live,
        Watched.of(live::configuration, onDisk));
  }

  private static Listener told(Serving serving) {
    ListenerConfiguration listener = serving.listener();
    return new Listener(
        listener.name(),
        listener.transport().name().toLowerCase(Locale.ROOT).replace('_', '-'),
        listener.bind(),
        serving.address() instanceof InetSocketAddress internet
            ? new HostPort(internet.getAddress().getHostAddress(), internet.getPort()).toString()
            : listener.bind(),
        listener.allowAnonymous(),
        serving.connections());
  }

  /// Where the API is served.
  public InetSocketAddress api() {
    if (admin == null) {
      throw new IllegalStateException("The node did not start");
    }
    return admin.bound();
  }

  /// Whether the API is served over HTTPS.
  public boolean isApiSecure() {
    return apiSecure;
  }

  public List<Serving> serving() {
    return listeners.serving();
  }

  public Broker broker() {
    return broker;
  }

  static BrokerSettings brokerSettings(Configuration configuration) {
    LimitsConfiguration limits = configuration.limits();
    var mqtt = configuration.mqtt();
    var redirect = mqtt.redirect();
    var flapping = limits.flapping();
    var traces = configuration.traces();
    return new BrokerSettings(
        configuration.node().id(),
        configuration.threads().loops(),
        limits.receiveMaximum(),
        limits.maxInflight(),
        limits.topicAlias(),
        limits.topicLevels(),
        limits.clientIdBytes(),
        limits.subscriptions(),
        limits.queueMessages(),
        limits.queueBytes(),
        limits.sessionExpiry().toSeconds(),
        Math.toIntExact(limits.keepAlive().toSeconds()),
        limits.connections(),
        mqtt.maxQos(),
        policy(mqtt.sharedSubscriptionPolicy()),
        Math.toIntExact(mqtt.sysInterval().toSeconds()),
        mqtt.responseInformation(),
        redirect == null ? null : redirect.to().toString(),
        redirect != null && redirect.permanent(),
        mqtt.events(),
        new FlappingLimits(flapping.attempts(), flapping.window(), flapping.ban()),
        limits.rates().settings(),
        new TraceLimits(traces.controlPackets(), traces.messages(), traces.messagesPerSecond()),
        mqtt.acknowledgeTopics().stream()
            .map(topics -> new AckRule(topics.filter(), ackLevel(topics.level())))
            .toList());
  }

  static Rules rules(Configuration configuration) {
    return new Rules(
        configuration.authorization().rules().stream().map(RuleConfiguration::rule).toList());
  }

  static Rewrites rewrites(Configuration configuration) {
    return new Rewrites(configuration.rewrite().stream().map(RewriteConfiguration::rule).toList());
  }

  static AckLevel ackLevel(Acknowledge level) {
    return switch (level) {
      case RECEIVED -> AckLevel.RECEIVED;
      case PERSISTED -> AckLevel.PERSISTED;
      case REPLICATED -> AckLevel.REPLICATED;
    };
  }

  private static SharedPolicy policy(SharedSubscriptionPolicy policy) {
    return switch (policy) {
      case ROUND_ROBIN -> SharedPolicy.ROUND_ROBIN;
      case RANDOM -> SharedPolicy.RANDOM;
      case STICKY -> SharedPolicy.STICKY;
      case HASH_CLIENT -> SharedPolicy.HASH_CLIENT;
      case HASH_TOPIC -> SharedPolicy.HASH_TOPIC;
      case LEAST_IN_FLIGHT -> SharedPolicy.LEAST_IN_FLIGHT;
    };
  }

  private static Tables openTables(Configuration configuration, List<AutoCloseable> closedAfter)
      throws IOException {
    var directory = DataDirectory.open(configuration.data());
    try {
      long start = System.nanoTime();
      Tables tables = directory.openTables(configuration.limits().storeCacheBytes());
      LOG.debug("The store was opened in {} ms", (System.nanoTime() - start) / 1_000_000);
      closedAfter.add(directory);
      return tables;
    } catch (IOException e) {
      directory.close();
      throw e;
    } catch (StoreFailure e) {
      directory.close();
      throw new IOException(e.getMessage(), e);
    }
  }

  static StoreLimits storeLimits(LimitsConfiguration limits, boolean onDisk) {
    return new StoreLimits(
        limits.queueMessages(),
        limits.queueBytes(),
        limits.queueFull() == QueueFull.REJECT,
        limits.retainedMessages(),
        limits.delayedMessages(),
        onDisk
            ? limits.storeBytes()
            : Math.min(limits.storeBytes(), StoreLimits.defaults().totalBytes()));
  }

  /// @param admin where the dashboard is
  static ListenerSettings listenerSettings(
      ListenerConfiguration listener, Configuration configuration, AdminConfiguration admin) {
    List<String> origins = new ArrayList<>(listener.allowedOrigins());
    if (listener.transport().isWebSocket()) {
      String scheme = admin.tls() == null ? "http" : "https";
      origins.add(scheme + "://*:" + admin.bind().port()); // pages of the dashboard
    }
    return new ListenerSettings(
        listener.name(),
        transport(listener.transport()),
        listener.bind(),
        listener.allowAnonymous(),
        listener.path(),
        listener.maxConnections(),
        listener.connectionRate(),
        LimitsConfiguration.maximumPacketBytes(listener.payloadBytes(configuration.limits())),
        listener.connectTimeout(),
        listener.proxyProtocol(),
        listener.trustedProxies(),
        origins,
        tls(listener.tls()));
  }

  private static @Nullable TlsSettings tls(@Nullable TlsConfiguration tls) {
    if (tls == null) {
      return null;
    }
    return new TlsSettings(
        tls.certificate(),
        tls.key(),
        tls.ca(),
        switch (tls.clientCertificate()) {
          case NONE -> ClientCertificate.NONE;
          case OPTIONAL -> ClientCertificate.OPTIONAL;
          case REQUIRED -> ClientCertificate.REQUIRED;
        },
        tls.versions().stream().map(v -> "TLSv" + v).toList(),
        switch (tls.usernameFrom()) {
          case NONE -> CertificateName.NONE;
          case CN -> CertificateName.COMMON_NAME;
          case DNS -> CertificateName.DNS;
          case URI -> CertificateName.URI;
          case EMAIL -> CertificateName.EMAIL;
        },
        tls.crl());
  }

  private static Transport transport(io.relais.server.config.Transport transport) {
    return switch (transport) {
      case TCP -> Transport.TCP;
      case TLS -> Transport.TLS;
      case WEBSOCKET -> Transport.WEBSOCKET;
      case SECURE_WEBSOCKET -> Transport.SECURE_WEBSOCKET;
      case UNIX -> Transport.UNIX;
    };
  }

  /// Says goodbye to the clients and ends; at most a few seconds.
  @Override
  public void close() {
    if (admin != null) {
      admin.close();
    }
    broker.close();
    closeAll(closedAfter);
  }

  static void closeAll(List<AutoCloseable> all) {
    for (AutoCloseable closed : all) {
      try {
        closed.close();
      } catch (Exception e) {
        LOG.warn("At the end: {}", e.toString());
      }
    }
  }
}
