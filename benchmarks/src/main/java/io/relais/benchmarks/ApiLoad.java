package io.relais.benchmarks;

import io.relais.benchmarks.Broker.Relais;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// `benchmarks/api`: how long an operator's calls take beside many sessions, and what log-ins whose
/// passwords are hashed do to messages.
///
/// Owner: the main thread. Limits: [#CALLS] calls of each kind, one after another.
final class ApiLoad {
  static final String USAGE =
      """
      benchmarks/api [OPTION]...
      How long calls of the API take on an empty node, with stored sessions and with connected clients; and
      what messages take while clients log in whose passwords are hashed (Argon2id).

        --stored N            sessions that are stored and away (default 100000)
        --connected N         clients that are connected (default 10000)
        --rounds N            measurements of messages with log-ins and without, in turn (default 5)
        --seconds S           measured time of each of these (default 5)
        --warm S              time before it (default 10)
        --save                writes what is printed to benchmarks/results/DATE-api.txt as well; never over another
        --help                this text

      Ends with 0; 1 if something failed; 2 if the command line is wrong.
      """;

  private static final int CALLS = 500;
  private static final int CALLS_BEFORE = 100; // that are not measured
  private static final int VISITORS = 8; // that log in, one time after another
  private static final String PASSWORD = "for-this-run-0nly";
  private static final Pattern TOKEN = Pattern.compile("\"token\":\"([^\"]+)\"");
  private static final Pattern NEXT = Pattern.compile("\"next\":\"([^\"]+)\"");

  /// @param path with `%s` where the cursor of the page before goes
  private record Call(String title, String method, String path, @Nullable String body) {}

  record Asked(
      int stored,
      int connected,
      int rounds,
      double seconds,
      double warmSeconds,
      boolean save,
      boolean help) {
    static Asked parse(List<String> words) {
      int stored = 100_000;
      int connected = 10_000;
      int rounds = 5;
      double seconds = 5;
      double warmSeconds = 10;
      boolean save = false;
      boolean help = false;
      for (int at = 0; at < words.size(); at++) {
        String option = words.get(at);
        switch (option) {
          case "--save" -> save = true;
          case "--help", "-h" -> help = true;
          case "--stored" -> stored = whole(option, Options.value(words, ++at), 1_000_000);
          case "--connected" -> connected = whole(option, Options.value(words, ++at), 18_000);
          case "--rounds" -> rounds = whole(option, Options.value(words, ++at), 100);
          case "--seconds" ->
              seconds = Options.number(option, Options.value(words, ++at), 0.5, 600);
          case "--warm" -> warmSeconds = Options.number(option, Options.value(words, ++at), 0, 600);
          default -> throw new UsageError("unknown option '" + option + "'; --help lists them");
        }
      }
      return new Asked(stored, connected, rounds, seconds, warmSeconds, save, help);
    }

    private static int whole(String option, String value, int most) {
      return (int) Options.number(option, value, 1, most);
    }
  }

  private final Bench bench;
  private final Asked asked;
  private final Path directory;
  private final StringBuilder text = new StringBuilder();
  private final HttpClient http =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

  private ApiLoad(Bench bench, Asked asked) throws IOException {
    this.bench = bench;
    this.asked = asked;
    this.directory = bench.newRunDirectory();
  }

  public static void main(String[] args) throws InterruptedException {
    Program.run(
        "benchmarks/api",
        args,
        (root, options, children) -> {
          Asked asked = Asked.parse(options);
          if (asked.help()) {
            System.out.print(USAGE);
            return 0;
          }
          return new ApiLoad(new Bench(root, children), asked).measure(options);
        });
  }

  private int measure(List<String> options) throws IOException, InterruptedException {
    Relais relais = (Relais) bench.broker("relais");
    String version = bench.version(relais);
    Machine machine = Machine.here(bench.root(), bench.children());
    tell("Command: benchmarks/api " + String.join(" ", options));
    try (RunningBroker running = start(relais, "stored")) {
      String token = signIn(running);
      callTable("on an empty node", running, token, 0);
      try (Crowd crowd = new Crowd(running)) {
        long begun = System.nanoTime();
        crowd.store(asked.stored());
        System.err.printf(
            "%d sessions stored in %.0f s%n", asked.stored(), (System.nanoTime() - begun) / 1e9);
      }
      callTable(
          "with %,d sessions stored".formatted(asked.stored()), running, token, asked.stored());
    }
    try (RunningBroker running = start(relais, "connected")) {
      String token = signIn(running);
      try (Crowd crowd = new Crowd(running)) {
        crowd.connect(asked.connected());
        callTable(
            "with %,d clients connected".formatted(asked.connected()),
            running,
            token,
            asked.connected());
      }
    }
    logIns(relais);
    String circumstances = "relais: " + version + "\n" + machine.text();
    tell("\n" + circumstances.stripTrailing());
    if (asked.save()) {
      System.out.println("written to " + bench.save("api", machine, text.toString()));
    }
    return 0;
  }

  private void tell(String line) {
    System.out.println(line);
    text.append(line).append('\n');
  }

  private RunningBroker start(Relais relais, String name) throws IOException, InterruptedException {
    return RunningBroker.start(
        relais.administeredBy(PASSWORD),
        directory.resolve(name),
        RunningBroker.Stay.LONG,
        Pinning.NONE,
        bench.children());
  }

  // ---- calls

  private void callTable(String when, RunningBroker running, String token, int sessions)
      throws IOException, InterruptedException {
    int one = sessions / 2;
    List<Call> calls =
        List.of(
            new Call("GET /nodes", "GET", "/api/v1/nodes", null),
            new Call("GET /clients, pages of 100", "GET", "/api/v1/clients?limit=100%s", null),
            new Call(
                "GET /clients?filter=, pages of 100",
                "GET",
                "/api/v1/clients?filter=77&limit=100%s",
                null),
            new Call(
                "GET /clients/{clientId}", "GET", "/api/v1/clients/" + Crowd.clientId(one), null),
            new Call(
                "GET /subscriptions, pages of 100",
                "GET",
                "/api/v1/subscriptions?limit=100%s",
                null),
            new Call(
                "POST /publish, QoS 1",
                "POST",
                "/api/v1/publish",
                "{\"topic\":\"plant/1/%s/set\",\"payload\":\"1\",\"qos\":1}"
                    .formatted(Crowd.clientId(one))),
            new Call("GET /metrics", "GET", "/metrics", null));
    List<List<String>> rows = new ArrayList<>();
    for (Call call : calls) {
      System.err.println(when + ": " + call.title());
      if (sessions == 0 && call.path().contains("/clients/")) {
        continue; // nobody is there
      }
      double[] millis = times(running, token, call);
      rows.add(
          List.of(
              call.title(),
              Table.figure(at(millis, 0.5)),
              Table.figure(at(millis, 0.99)),
              Table.figure(millis[millis.length - 1])));
    }
    tell("\n%s, milliseconds for each of %d calls, one after another".formatted(when, CALLS));
    tell(new Table(List.of("call", "p50", "p99", "max"), rows, 1, 0).text().stripTrailing());
  }

  private double[] times(RunningBroker running, String token, Call call)
      throws IOException, InterruptedException {
    double[] millis = new double[CALLS];
    String cursor = null;
    for (int i = -CALLS_BEFORE; i < CALLS; i++) {
      String page = cursor == null ? "" : "&cursor=" + cursor;
      String path = call.path().contains("%s") ? call.path().formatted(page) : call.path();
      long begun = System.nanoTime();
      String answer = call(running, token, call.method(), path, call.body());
      if (i >= 0) {
        millis[i] = (System.nanoTime() - begun) / 1e6;
      }
      Matcher next = NEXT.matcher(answer);
      cursor = next.find() ? next.group(1) : null; // behind the last page the first again
    }
    Arrays.sort(millis);
    return millis;
  }

  private static double at(double[] sorted, double part) {
    return sorted[(int) Math.ceil(part * sorted.length) - 1];
  }

  private String signIn(RunningBroker running) throws IOException, InterruptedException {
    String answer =
        call(
            running,
            null,
            "POST",
            "/api/v1/session",
            "{\"username\":\"admin\",\"password\":\"%s\"}".formatted(PASSWORD));
    Matcher token = TOKEN.matcher(answer);
    if (!token.find()) {
      throw new IOException("signing in gave no token");
    }
    return token.group(1);
  }

  private String call(
      RunningBroker running,
      @Nullable String token,
      String method,
      String path,
      @Nullable String body)
      throws IOException, InterruptedException {
    URI uri = URI.create("http://127.0.0.1:" + running.adminPort().orElseThrow() + path);
    HttpRequest.Builder request =
        HttpRequest.newBuilder(uri)
            .timeout(Duration.ofSeconds(30))
            .method(method, body == null ? BodyPublishers.noBody() : BodyPublishers.ofString(body));
    if (body != null) {
      request.header("Content-Type", "application/json");
    }
    if (token != null) {
      request.header("Authorization", "Bearer " + token);
    }
    HttpResponse<String> answer = http.send(request.build(), BodyHandlers.ofString());
    if (answer.statusCode() >= 300) {
      throw new IOException(
          "%s %s was answered with %d: %s"
              .formatted(method, path, answer.statusCode(), answer.body()));
    }
    return answer.body();
  }

  // ---- log-ins

  private void logIns(Relais relais) throws IOException, InterruptedException {
    List<Double> quiet = new ArrayList<>();
    List<Double> quiet50 = new ArrayList<>();
    List<Double> busy = new ArrayList<>();
    List<Double> busy50 = new ArrayList<>();
    List<Double> logIns = new ArrayList<>();
    for (int round = 1; round <= asked.rounds(); round++) {
      for (boolean logsIn : round % 2 == 1 ? List.of(false, true) : List.of(true, false)) {
        String name = "log-ins-%d-%s".formatted(round, logsIn);
        try (RunningBroker running = start(relais, name)) {
          String token = signIn(running);
          call(
              running,
              token,
              "POST",
              "/api/v1/users",
              "{\"username\":\"visitor\",\"password\":\"%s\"}".formatted(PASSWORD));
          LoadReport report;
          if (logsIn) {
            var made = new AtomicInteger();
            long begun = System.nanoTime();
            report = whileLoggingIn(running, made, name);
            logIns.add(made.get() / ((System.nanoTime() - begun) / 1e9));
          } else {
            report = flow(running, name);
          }
          (logsIn ? busy50 : quiet50).add(report.number("p50"));
          (logsIn ? busy : quiet).add(report.number("p99"));
          System.err.printf(
              "%s: p50 %.0f us, p99 %.0f us%n", name, report.number("p50"), report.number("p99"));
        }
      }
    }
    tell(
        "\n2,000 messages a second at QoS 1, microseconds to the subscriber, %d rounds: median (lowest-highest)"
            .formatted(asked.rounds()));
    tell(
        new Table(
                List.of("beside it", "log-ins/s", "p50", "p99"),
                List.of(
                    List.of("nothing", "0", spread(quiet50), spread(quiet)),
                    List.of(
                        VISITORS + " clients that log in", // one after another
                        spread(logIns),
                        spread(busy50),
                        spread(busy))),
                1,
                0)
            .text()
            .stripTrailing());
  }

  private static String spread(List<Double> values) {
    return Table.spread(Spread.of(values));
  }

  private LoadReport flow(RunningBroker running, String name)
      throws IOException, InterruptedException {
    Generator generator = bench.generator(asked.seconds(), asked.warmSeconds(), Pinning.NONE);
    Scenario scenario = Scenario.choose(List.of("lat2k-q1")).getFirst();
    Outcome outcome = generator.run(scenario, running, directory.resolve(name + ".load"));
    return switch (outcome) {
      case Outcome.Measured measured -> measured.report();
      case Outcome.Failed failed -> throw new IOException(name + " failed: " + failed.reason());
    };
  }

  private LoadReport whileLoggingIn(RunningBroker running, AtomicInteger made, String name)
      throws IOException, InterruptedException {
    var stop = new AtomicBoolean();
    var problem = new AtomicReference<@Nullable IOException>();
    try (ExecutorService visitors = Executors.newVirtualThreadPerTaskExecutor()) {
      for (int i = 0; i < VISITORS; i++) {
        int number = i;
        visitors.execute(
            () -> {
              try {
                while (!stop.get()) {
                  Crowd.signIn(running, number, "visitor", PASSWORD);
                  made.incrementAndGet();
                }
              } catch (IOException e) {
                problem.compareAndSet(null, e);
              }
            });
      }
      try {
        return flow(running, name);
      } finally {
        stop.set(true);
        visitors.shutdown();
        visitors.awaitTermination(30, TimeUnit.SECONDS);
        Optional.ofNullable(problem.get())
            .ifPresent(e -> System.err.println("a log-in failed: " + e.getMessage()));
      }
    }
  }
}
