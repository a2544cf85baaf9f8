package io.relais.cli.bench;

import com.sun.management.UnixOperatingSystemMXBean;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslProvider;
import io.relais.protocol.ProtocolVersion;
import io.relais.protocol.Topics;
import java.io.IOException;
import java.io.PrintWriter;
import java.lang.management.ManagementFactory;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;
import tools.jackson.databind.ObjectWriter;
import tools.jackson.databind.json.JsonMapper;

/// `relais bench`.
///
/// Owner: the main thread; the hook for signals only stops the trial and waits for its report.
@Command(
    name = "bench",
    sortOptions = false,
    description = {
      "Loads a server on a schedule that does not wait for its answers, and tells what was lost,",
      "came twice or out of order, and how long it took from when it was due."
    },
    footer = {
      "",
      "Scenarios:",
      "  pub       publishers alone",
      "  sub       subscribers alone, for what a 'bench pub' elsewhere sends",
      "  p2p       pairs: each publisher has a subscriber of its own",
      "  fan-in    many publishers, each subscriber gets all",
      "  fan-out   few publishers, many subscribers, each gets all",
      "  shared    one shared group of subscribers",
      "  connect   opens --clients connections, --rate a second, and holds them",
      "  login     connects with user and password and leaves, --rate times a second",
      "  offline   pairs whose subscribers are away, then come back and drain",
      "  takeover  --clients ids connect again and again, --rate times a second",
      "",
      "Exit codes: 0 all well; 1 connections failed, a message of QoS 1 or 2 was lost, or one of",
      "QoS 2 came twice; 2 wrong usage; 130 ended by Ctrl-C, with the report so far."
    })
public final class BenchCommand implements Callable<Integer> {
  private static final int CLIENTS_MAX = 1_000_000;
  private static final long FLOWS_MAX = 2_000_000;
  private static final int SIZE_MAX = 16 * 1024 * 1024;
  private static final long RATE_MAX = 10_000_000;
  private static final long MESSAGES_RATE = 1_000;
  private static final long CONNECTIONS_RATE = 100;

  /// Files, jars, pipes: what a process has open besides its connections.
  private static final int OTHER_DESCRIPTORS = 100;

  private static final long REPORT_SECONDS_MAX = 10;
  private static final Pattern LENGTH = Pattern.compile("(\\d{1,9})(ms|s|m|h)?");

  @Spec CommandSpec spec = CommandSpec.create();

  @Parameters(arity = "1", paramLabel = "SCENARIO", description = "What to do; see below.")
  String scenario = "";

  @Option(
      names = {"-h", "--host"},
      paramLabel = "HOST",
      description = "Server to load (default: ${DEFAULT-VALUE}).")
  String host = "localhost";

  @Option(
      names = {"-p", "--port"},
      paramLabel = "PORT",
      description = "Port (default: 1883; TLS 8883; WebSocket 8083, over TLS 8084).")
  @Nullable Integer port;

  @Option(
      names = {"-V", "--protocol-version"},
      paramLabel = "VERSION",
      description = "311 or 5 (default: ${DEFAULT-VALUE}).")
  String version = "311";

  @Option(
      names = {"-u", "--username"},
      paramLabel = "USER",
      description = "User name.")
  @Nullable String username;

  @Option(
      names = {"-P", "--pw"},
      paramLabel = "PASSWORD",
      description = {
        "Password. Others on this machine may read it from the list of processes: prefer the",
        "environment variable RELAIS_PASSWORD."
      })
  @Nullable String password;

  @Option(names = "--tls", description = "TLS, with the authorities that Java trusts.")
  boolean tls;

  @Option(
      names = "--cafile",
      paramLabel = "FILE",
      description = "Trusted authorities, PEM; implies TLS.")
  @Nullable Path cafile;

  @Option(
      names = "--insecure",
      description = "Do not check that the certificate is for this host. For trials only.")
  boolean insecure;

  @Option(names = "--ws", description = "MQTT over WebSocket.")
  boolean webSocket;

  @Option(
      names = "--ws-path",
      paramLabel = "PATH",
      description = "Path of the WebSocket (default: ${DEFAULT-VALUE}).")
  String webSocketPath = "/mqtt";

  @Option(
      names = {"-q", "--qos"},
      paramLabel = "QOS",
      description = "QoS of messages and subscriptions (default: 0; offline 1).")
  @Nullable Integer qos;

  @Option(
      names = {"-s", "--size"},
      paramLabel = "BYTES",
      description = "Payload, 24 to 16777216 (default: ${DEFAULT-VALUE}).")
  int size = 256;

  @Option(
      names = "--rate",
      paramLabel = "COUNT",
      description = {
        "Messages per second of all publishers together (default: 1000);",
        "of connect, login and takeover: connections per second (default: 100)."
      })
  @Nullable Long rate;

  @Option(
      names = "--clients",
      paramLabel = "COUNT",
      description = {
        "Pairs of p2p and offline, publishers of pub, subscribers of sub, connections of connect,",
        "login (at the same time) and takeover (ids)."
      })
  @Nullable Integer clients;

  @Option(
      names = "--publishers",
      paramLabel = "COUNT",
      description = "Publishers (default: 10; fan-out 1).")
  @Nullable Integer publishers;

  @Option(
      names = "--subscribers",
      paramLabel = "COUNT",
      description = "Subscribers (default: fan-in 1, fan-out 10, shared 4).")
  @Nullable Integer subscribers;

  @Option(
      names = "--duration",
      paramLabel = "TIME",
      description = "What is measured, such as 500ms, 10s, 2m (default: ${DEFAULT-VALUE}).")
  String duration = "10s";

  @Option(
      names = "--warm-up",
      paramLabel = "TIME",
      description = "Load before that which is not counted (default: ${DEFAULT-VALUE}).")
  String warmUp = "2s";

  @Option(
      names = {"-t", "--topic"},
      paramLabel = "PREFIX",
      description = "Topics are PREFIX/RUN/NUMBER (default: ${DEFAULT-VALUE}).")
  String topic = "relais-bench";

  @Option(
      names = "--connect-rate",
      paramLabel = "COUNT",
      description = "Connections per second before the load begins (default: ${DEFAULT-VALUE}).")
  int connectRate = 500;

  @Option(
      names = {"-M", "--max-inflight"},
      paramLabel = "COUNT",
      description = {
        "Unacknowledged messages of one publisher, at most; further ones are held back",
        "(default: ${DEFAULT-VALUE}; in MQTT 5 what the server allows, if that is less)."
      })
  int maxInFlight = 1_000;

  @Option(
      names = "--loops",
      paramLabel = "COUNT",
      description = "Threads of the generator, 1 to 64 (default: the processors, at most 4).")
  int loops = Math.min(4, Runtime.getRuntime().availableProcessors());

  @Option(
      names = "--json",
      paramLabel = "FILE",
      description = "Write the report as JSON; '-' prints it instead of the text.")
  @Nullable String json;

  @Option(names = "--help", usageHelp = true, description = "Print this help.")
  boolean help;

  @Override
  public Integer call() throws IOException, InterruptedException {
    Plan plan = plan();
    Progress progress = new Progress(System.err, onTerminal());
    Trial trial = new Trial(plan, progress);
    CountDownLatch reported = new CountDownLatch(1);
    Thread hook = new Thread(() -> endBySignal(trial, reported), "relais-bench-end");
    Runtime.getRuntime().addShutdownHook(hook);
    try {
      Report report = trial.run();
      print(report);
      return report.passed() ? 0 : 1;
    } finally {
      reported.countDown();
      remove(hook);
    }
  }

  @SuppressWarnings("SystemConsoleNull") // a Java without a terminal may still have no console
  private static boolean onTerminal() {
    var console = System.console();
    return console != null && console.isTerminal();
  }

  /// The process then ends with 130, as signals have it.
  private static void endBySignal(Trial trial, CountDownLatch reported) {
    trial.stop();
    try {
      if (!reported.await(REPORT_SECONDS_MAX, TimeUnit.SECONDS)) {
        System.err.println("relais: the report is not ready in time");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private static void remove(Thread hook) {
    try {
      Runtime.getRuntime().removeShutdownHook(hook);
    } catch (IllegalStateException e) {
      System.err.println("relais: ended by a signal; this is the report so far");
    }
  }

  private void print(Report report) throws IOException {
    PrintWriter out = spec.commandLine().getOut();
    if (json != null) {
      ObjectWriter writer = JsonMapper.builder().build().writerWithDefaultPrettyPrinter();
      String text = writer.writeValueAsString(report);
      if (json.equals("-")) {
        out.println(text);
        out.flush();
        return;
      }
      Files.writeString(Path.of(json), text + System.lineSeparator());
    }
    report.print(out);
  }

  /// @throws ParameterException if options are wrong or contradict each other
  private Plan plan() throws IOException {
    Scenario wanted = Scenario.of(scenario);
    if (wanted == null) {
      throw wrong(
          "There is no scenario '%s': use one of %s."
              .formatted(scenario, String.join(", ", Scenario.labels())));
    }
    int participants = participants(wanted);
    int publishing = publishers(wanted, participants);
    int subscribing = subscribers(wanted, participants);
    int visiting = wanted.paysForConnections() ? participants : 0;
    int level = qos != null ? qos : wanted == Scenario.OFFLINE ? 1 : 0;
    within("The QoS (-q)", level, 0, 2);
    if (wanted == Scenario.OFFLINE && level == 0) {
      throw wrong("Messages of QoS 0 do not wait for who is away: offline needs -q 1 or -q 2.");
    }
    within("The size (-s)", size, Stamp.BYTES, SIZE_MAX);
    long perSecond = rate != null ? rate : visiting > 0 ? CONNECTIONS_RATE : MESSAGES_RATE;
    within("The rate (--rate)", perSecond, 1, RATE_MAX);
    within("The rate of connections (--connect-rate)", connectRate, 1, 100_000);
    within("The in-flight window (-M)", maxInFlight, 1, 65_535);
    within("The number of threads (--loops)", loops, 1, 64);
    Duration measured = length("--duration", duration, Duration.ofMillis(100));
    Duration before = length("--warm-up", warmUp, Duration.ZERO);
    if ((long) publishing * subscribing > FLOWS_MAX && !wanted.paired()) {
      throw wrong(
          "%d publishers times %d subscribers are more than the %d pairs that can be kept account of."
              .formatted(publishing, subscribing, FLOWS_MAX));
    }
    if (Topics.problemWithName(topic + "/0/0") != null || topic.length() > 1_000) {
      throw wrong(
          "The prefix (-t) '%s' makes no topic: up to 1000 characters, without + and #."
              .formatted(topic));
    }
    ProtocolVersion protocol = protocol();
    checkIdentity(wanted, protocol);
    boolean secure = tls || cafile != null || (port != null && port == 8883);
    int at = port != null ? port : webSocket ? (secure ? 8084 : 8083) : secure ? 8883 : 1883;
    within("The port (-p)", at, 1, 65_535);
    if (!webSocketPath.startsWith("/")) {
      throw wrong(
          "The path of the WebSocket (--ws-path) begins with /, not '" + webSocketPath + "'.");
    }
    InetSocketAddress address = new InetSocketAddress(host, at);
    if (address.isUnresolved()) {
      throw wrong("There is no host '" + host + "'.");
    }
    String secret =
        password != null ? password : username == null ? null : System.getenv("RELAIS_PASSWORD");
    Plan plan =
        new Plan(
            wanted,
            host,
            address,
            protocol,
            username,
            secret == null ? null : secret.getBytes(StandardCharsets.UTF_8),
            secure ? tlsContext() : null,
            webSocket ? webSocketPath : null,
            level,
            size,
            perSecond,
            publishing,
            subscribing,
            visiting,
            wanted == Scenario.CONNECT ? Duration.ZERO : before,
            measured,
            topic,
            connectRate,
            maxInFlight,
            loops,
            ThreadLocalRandom.current().nextInt());
    checkDescriptors(plan);
    return plan;
  }

  private int participants(Scenario wanted) {
    int usual =
        Math.max(
            wanted.clientsByDefault(),
            Math.max(wanted.publishersByDefault(), wanted.subscribersByDefault()));
    boolean given = clients != null;
    if (given && wanted.publishes() && wanted.subscribes() && !wanted.paired()) {
      throw wrong(
          "%s has two kinds of clients: use --publishers and --subscribers."
              .formatted(wanted.label()));
    }
    int count = clients != null ? clients : usual;
    within("The number of clients (--clients)", count, 1, CLIENTS_MAX);
    return count;
  }

  private int publishers(Scenario wanted, int participants) {
    return count(
        wanted,
        wanted.publishes(),
        publishers,
        participants,
        wanted.publishersByDefault(),
        "publishers");
  }

  private int subscribers(Scenario wanted, int participants) {
    return count(
        wanted,
        wanted.subscribes(),
        subscribers,
        participants,
        wanted.subscribersByDefault(),
        "subscribers");
  }

  private int count(
      Scenario wanted,
      boolean has,
      @Nullable Integer given,
      int participants,
      int usual,
      String what) {
    boolean oneKind = wanted.publishes() != wanted.subscribes();
    if (given != null && (!has || wanted.paired())) {
      throw wrong(
          wanted.paired()
              ? "%s has pairs: use --clients.".formatted(wanted.label())
              : "%s has no %s.".formatted(wanted.label(), what));
    }
    if (given != null && clients != null) {
      throw wrong("Give either --clients or --%s, not both.".formatted(what));
    }
    if (!has) {
      return 0;
    }
    int count = given != null ? given : wanted.paired() || oneKind ? participants : usual;
    within("The number of " + what + " (--" + what + ")", count, 1, CLIENTS_MAX);
    return count;
  }

  private Duration length(String option, String text, Duration least) {
    Matcher parts = LENGTH.matcher(text);
    if (!parts.matches()) {
      throw wrong(option + " is a time such as 500ms, 10s, 2m or 1h, not '" + text + "'.");
    }
    long number = Long.parseLong(parts.group(1));
    String unit = parts.group(2);
    Duration length =
        switch (unit == null ? "s" : unit) {
          case "ms" -> Duration.ofMillis(number);
          case "m" -> Duration.ofMinutes(number);
          case "h" -> Duration.ofHours(number);
          default -> Duration.ofSeconds(number);
        };
    if (length.compareTo(least) < 0 || length.compareTo(Duration.ofHours(24)) > 0) {
      throw wrong(option + " is from " + least.toMillis() + "ms to 24h, not '" + text + "'.");
    }
    return length;
  }

  private ProtocolVersion protocol() {
    return switch (version) {
      case "311", "mqttv311" -> ProtocolVersion.MQTT_3_1_1;
      case "5", "mqttv5" -> ProtocolVersion.MQTT_5;
      default -> throw wrong("There is no protocol version '" + version + "': use -V 311 or -V 5.");
    };
  }

  private void checkIdentity(Scenario wanted, ProtocolVersion protocol) {
    if (wanted == Scenario.LOGIN && username == null) {
      throw wrong("login needs a user (-u), and a password (RELAIS_PASSWORD or -P).");
    }
    if (password != null && username == null && !protocol.isV5()) {
      throw wrong("A password needs a user name (-u) in MQTT 3.1.1.");
    }
  }

  private SslContext tlsContext() throws IOException {
    var context = SslContextBuilder.forClient().sslProvider(SslProvider.JDK);
    if (cafile != null) {
      if (!Files.isReadable(cafile)) {
        throw wrong("--cafile " + cafile + " cannot be read.");
      }
      try {
        context.trustManager(cafile.toFile());
      } catch (IllegalArgumentException e) {
        throw wrong("--cafile " + cafile + " contains no PEM certificate.");
      }
    }
    if (insecure) {
      context.endpointIdentificationAlgorithm(null);
    }
    return context.build();
  }

  private void checkDescriptors(Plan plan) {
    if (ManagementFactory.getOperatingSystemMXBean() instanceof UnixOperatingSystemMXBean system) {
      String problem =
          problemWithFiles(
              plan.connections(),
              system.getMaxFileDescriptorCount(),
              system.getOpenFileDescriptorCount());
      if (problem != null) {
        throw wrong(problem);
      }
    }
  }

  static @Nullable String problemWithFiles(long connections, long allowed, long open) {
    long possible = Math.max(0, allowed - open - OTHER_DESCRIPTORS);
    return connections <= possible
        ? null
        : "%d connections at the same time are more than the %d that fit into the %d files which this process may open: use fewer clients, or raise the limit (ulimit -n)."
            .formatted(connections, possible, allowed);
  }

  private void within(String what, long value, long least, long most) {
    if (value < least || value > most) {
      throw wrong("%s is from %d to %d, not %d.".formatted(what, least, most, value));
    }
  }

  private ParameterException wrong(String message) {
    return new ParameterException(spec.commandLine(), message);
  }
}
