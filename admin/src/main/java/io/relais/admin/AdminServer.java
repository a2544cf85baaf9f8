package io.relais.admin;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpHandler;
import com.sun.net.httpserver.HttpServer;
import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsParameters;
import com.sun.net.httpserver.HttpsServer;
import io.relais.api.Role;
import io.relais.broker.Administration;
import io.relais.broker.access.BuiltInUsers;
import io.relais.broker.access.Client;
import io.relais.broker.access.Loopback;
import io.relais.broker.access.Passwords;
import io.relais.broker.listener.ServerTls;
import io.relais.broker.listener.TlsSettings;
import io.relais.broker.webhook.Webhook;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.time.Instant;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The admin listener: dashboard, REST API, metrics and health.
///
/// Owner: whoever started it closes it. Limits: [#CONNECTIONS_MAX] connections; a request must be
/// there within [#REQUEST_SECONDS_MAX] seconds.
public final class AdminServer implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(AdminServer.class);
  private static final int CONNECTIONS_MAX = 2_000;
  private static final int REQUEST_SECONDS_MAX = 30;
  private static final int PASSWORD_BYTES = 18;
  private static final String PASSWORD_FILE = "admin-password";

  static {
    // The JDK's server is told by properties, once for all of its servers.
    System.setProperty("sun.net.httpserver.nodelay", "true");
    System.setProperty("sun.net.httpserver.maxReqTime", Integer.toString(REQUEST_SECONDS_MAX));
    System.setProperty("jdk.httpserver.maxConnections", Integer.toString(CONNECTIONS_MAX));
  }

  private final HttpServer server;
  private final @Nullable ServerTls tls;
  private final ExecutorService requests = Executors.newVirtualThreadPerTaskExecutor();
  private final ScheduledExecutorService timer =
      Executors.newSingleThreadScheduledExecutor(
          Thread.ofPlatform().daemon().name("relais-admin-timer").factory());
  private final Administration broker;
  private final Tokens tokens;
  private final Metrics metrics;
  private final Bans bans;
  private final Traces traces;
  private final Pulse pulse;
  private final @Nullable Otlp otlp;
  private volatile boolean ready;

  /// Binds and serves; not ready until [#ready].
  ///
  /// @throws IOException naming the address and what is in the way
  public AdminServer(
      AdminSettings settings,
      Administration broker,
      BuiltInUsers users,
      Passwords passwords,
      Authorization authorization,
      Rewriting rewriting,
      List<Webhook> webhooks)
      throws IOException {
    this.broker = broker;
    var dashboard = new Dashboard(Dashboard.class.getClassLoader());
    var accounts = new Accounts(broker, passwords);
    this.tokens = new Tokens(broker, accounts);
    var alarmLog = new AlarmLog(broker);
    var alarms = new Alarms(broker::logTimeMillis, alarmLog);
    this.metrics = new Metrics(broker, alarms, settings.version());
    webhooks.forEach(metrics::add);
    var audit = new Audit(broker);
    boolean loopback = Loopback.isHost(settings.host());
    firstPassword(settings, accounts, loopback);
    tls = settings.tls() == null ? null : tls(settings.tls());
    try {
      server = bind(settings, tls);
    } catch (IOException e) {
      if (tls != null) {
        tls.close();
      }
      throw e;
    }
    bans = new Bans(broker);
    traces = new Traces(broker, settings.data());
    var _ = timer.scheduleWithFixedDelay(this::sweepTraces, 1, 1, TimeUnit.HOURS);
    var operations = new Operations();
    new SessionCalls(accounts, tokens, audit, loopback && settings.firstPassword() == null)
        .addTo(operations);
    new NodeCalls(broker, settings.version(), this::address, settings.listeners())
        .addTo(operations);
    new ClientCalls(broker, audit).addTo(operations);
    new MessageCalls(broker, audit).addTo(operations);
    new AccessCalls(accounts, tokens, new Scopes(operations.all()), authorization, audit)
        .addTo(operations);
    new UserCalls(broker, users, audit).addTo(operations);
    new StoreCalls(broker, settings.data(), audit).addTo(operations);
    new BanCalls(broker, bans, audit).addTo(operations);
    new DropCalls(broker).addTo(operations);
    rewriting.addTo(operations, audit);
    new WebhookCalls(webhooks).addTo(operations);
    new TimelineCalls(broker).addTo(operations);
    new TraceCalls(traces, audit).addTo(operations);
    new PastMessageCalls(broker).addTo(operations);
    new ConfigurationCalls(settings.configuration(), broker, audit).addTo(operations);
    new ExplainCalls(broker, authorization, users, settings.listeners()).addTo(operations);
    var topics = new TopicWatch(broker);
    new InsightCalls(broker, topics, alarms, alarmLog, audit).addTo(operations);
    var watch =
        new AlarmWatch(
            broker,
            settings.watching(),
            settings.data(),
            settings.listeners(),
            () -> ready,
            alarms);
    pulse = new Pulse(broker, new Measures(broker), List.of(topics, watch));
    new PulseCalls(pulse).addTo(operations);
    var document = new OpenApi.Document(operations, settings.version());
    operations
        .open("GET", "/api/v1/openapi.json", "This document")
        .givesOther("application/json")
        .by(
            call -> {
              Front.send(call.exchange(), 200, document.json(), "application/json");
              return null;
            });
    server.createContext("/api/v1/", new Front(operations.all(), tokens, timer));
    server.createContext("/metrics", guarded(this::metrics));
    server.createContext("/health/live", guarded(exchange -> health(exchange, true)));
    server.createContext("/health/ready", guarded(exchange -> health(exchange, ready)));
    server.createContext("/", dashboard);
    server.setExecutor(requests);
    server.start();
    pulse.start();
    OtlpSettings to = settings.watching().otlp();
    otlp = to == null ? null : new Otlp(to, metrics.registry(), broker.node(), settings.version());
  }

  /// It waits for the store, so not on the timer.
  private void sweepTraces() {
    var _ = Thread.ofVirtual().start(() -> traces.sweep(Instant.now()));
  }

  private static ServerTls tls(TlsSettings settings) throws IOException {
    try {
      return new ServerTls("admin", settings);
    } catch (IOException e) {
      throw new IOException("admin.tls: " + e.getMessage(), e);
    }
  }

  private static HttpServer bind(AdminSettings settings, @Nullable ServerTls tls)
      throws IOException {
    String where = settings.host() + ":" + settings.port();
    InetAddress address;
    try {
      address = InetAddress.getByName(settings.host());
    } catch (UnknownHostException e) {
      throw new IOException("admin.bind: there is no host '" + settings.host() + "'", e);
    }
    try {
      var there = new InetSocketAddress(address, settings.port());
      if (tls == null) {
        return HttpServer.create(there, 0);
      }
      HttpsServer secure = HttpsServer.create(there, 0);
      secure.setHttpsConfigurator(
          new HttpsConfigurator(tls.context()) {
            @Override
            public void configure(HttpsParameters connection) {
              connection.setSSLParameters(tls.parameters());
            }
          });
      return secure;
    } catch (IOException e) {
      throw new IOException(
          "The API cannot listen on %s (admin.bind): %s".formatted(where, e.getMessage()), e);
    }
  }

  /// Sees to it that somebody can sign in to a fresh node, and that nobody else can.
  private static void firstPassword(AdminSettings settings, Accounts accounts, boolean loopback)
      throws IOException {
    if (!accounts.isFresh()) {
      return;
    }
    String given = settings.firstPassword();
    if (given != null) {
      if (given.length() < Check.PASSWORD_MIN) {
        throw new IOException(
            "RELAIS_ADMIN_PASSWORD has fewer than " + Check.PASSWORD_MIN + " characters");
      }
      accounts.create(Accounts.FIRST, Role.ADMINISTRATOR, given, Instant.now());
      return;
    }
    if (loopback) {
      return; // admin/public, and then another one
    }
    byte[] bits = new byte[PASSWORD_BYTES];
    new SecureRandom().nextBytes(bits);
    String made = Base64.getUrlEncoder().withoutPadding().encodeToString(bits);
    accounts.create(Accounts.FIRST, Role.ADMINISTRATOR, made, Instant.now());
    Path data = settings.data();
    if (data == null) {
      LOG.warn("The first password of the account 'admin' is {}", made);
    } else {
      LOG.info("The first password of the account 'admin' is in {}", write(data, made));
    }
  }

  private static Path write(Path data, String password) throws IOException {
    Path file = data.resolve(PASSWORD_FILE).toAbsolutePath();
    Files.deleteIfExists(file);
    Set<java.nio.file.attribute.PosixFilePermission> ownerOnly =
        PosixFilePermissions.fromString("rw-------");
    if (Files.getFileStore(data).supportsFileAttributeView("posix")) {
      Files.createFile(file, PosixFilePermissions.asFileAttribute(ownerOnly));
    }
    Files.writeString(file, password + "\n", StandardOpenOption.CREATE, StandardOpenOption.WRITE);
    return file;
  }

  /// Where it serves, with the port that port 0 became.
  public InetSocketAddress bound() {
    return server.getAddress();
  }

  private String address() {
    return Client.written(bound());
  }

  /// All listeners of the node are open.
  public void ready() {
    ready = true;
  }

  // ---- what is not the API

  private static HttpHandler guarded(HttpHandler handler) {
    return exchange -> {
      try (exchange) {
        Front.protect(exchange);
        String method = exchange.getRequestMethod();
        if (!method.equals("GET") && !method.equals("HEAD")) {
          problem(exchange, Failure.methodNotAllowed("GET"));
        } else if (!exchange
            .getHttpContext()
            .getPath()
            .equals(exchange.getRequestURI().getPath())) {
          problem(exchange, Failure.notFound("There is no " + exchange.getRequestURI().getPath()));
        } else {
          handler.handle(exchange);
        }
      } catch (IOException e) {
        LOG.debug("A client of the admin listener went away: {}", e.toString());
      }
    };
  }

  private static void problem(HttpExchange exchange, Failure failure) throws IOException {
    failure.headers().forEach(exchange.getResponseHeaders()::set);
    Front.send(exchange, failure.status(), failure.problem(), "application/problem+json");
  }

  private void metrics(HttpExchange exchange) throws IOException {
    if (!Locality.isLocal(exchange)) {
      Caller caller = caller(exchange);
      if (caller == null) {
        problem(
            exchange,
            Failure.unauthorized(
                "Metrics want a token, unless they are asked for on this machine"));
        return;
      }
      try {
        caller.needs(Role.VIEWER, Scopes.METRICS);
      } catch (Failure e) {
        problem(exchange, e);
        return;
      }
    }
    Front.send(
        exchange,
        200,
        metrics.scrape().getBytes(StandardCharsets.UTF_8),
        "text/plain; version=0.0.4; charset=utf-8");
  }

  private @Nullable Caller caller(HttpExchange exchange) {
    String token = Tokens.shown(exchange);
    Caller caller = token == null ? null : tokens.caller(token, Instant.now());
    return caller == null || caller.mustChange() ? null : caller;
  }

  private void health(HttpExchange exchange, boolean well) throws IOException {
    Map<String, String> state = Map.of("status", well ? "up" : "starting", "node", broker.node());
    Front.send(exchange, well ? 200 : 503, state, "application/json");
  }

  @Override
  public void close() {
    ready = false;
    server.stop(0);
    if (tls != null) {
      tls.close();
    }
    bans.close();
    pulse.close();
    if (otlp != null) {
      otlp.close();
    }
    traces.close();
    requests.shutdownNow();
    timer.shutdownNow();
  }
}
