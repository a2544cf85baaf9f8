package io.relais.benchmarks;

import com.microsoft.playwright.Browser;
import com.microsoft.playwright.BrowserType;
import com.microsoft.playwright.Playwright;
import com.microsoft.playwright.PlaywrightException;
import io.relais.benchmarks.Broker.Relais;
import java.io.IOException;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.ToDoubleFunction;
import org.jspecify.annotations.Nullable;

/// `benchmarks/dashboard`: how soon the dashboard is there on a fresh profile, what its pages hold
/// in memory while messages come, and how its list of clients does beside many sessions.
///
/// Owner: the main thread.
final class DashboardLoad {
  static final String USAGE =
      """
      benchmarks/dashboard [OPTION]...
      What somebody meets who opens the dashboard, in a headless Chromium: largest contentful paint and bytes on
      a fresh profile; memory and long tasks of pages beside 1,000 messages a second; and the page of clients
      beside many sessions.

        --only A,B            of paint, overview, topics (memory of these pages), clients (default all)
        --rounds N            of paint and clients, each on a fresh profile (default 5)
        --minutes N           each page of these two is looked at (default 5)
        --sessions N          that are stored, for the page of clients (default 100000)
        --quick               one round, one minute, 10,000 sessions
        --save                writes what is printed to benchmarks/results/DATE-dashboard.txt as well; never over another
        --help                this text

      Ends with 0; 1 if something failed; 2 if the command line is wrong.
      """;

  private static final List<Path> CHROMIUM =
      List.of(
          Path.of("/usr/bin/chromium"),
          Path.of("/usr/bin/chromium-browser"),
          Path.of("/usr/bin/google-chrome"));

  private static final String PASSWORD = "for-this-run-0nly";
  private static final Tab.Slowed SLOWED = new Tab.Slowed(4, 10, 40);
  private static final String FIGURES = ".stat-value";
  private static final String ROW = "table[aria-rowcount] tbody tr";

  private static final int PER_SECOND = 1_000;
  private static final int TOPICS = 100;
  private static final Duration TO_SETTLE = Duration.ofSeconds(30);

  private static final int SCROLLED = 2_000;
  private static final Duration REFRESHES = Duration.ofSeconds(12); // two of them

  enum Part {
    PAINT,
    OVERVIEW,
    TOPICS,
    CLIENTS;

    static Part named(String word) {
      for (Part part : values()) {
        if (part.name().toLowerCase(Locale.ROOT).equals(word)) {
          return part;
        }
      }
      throw new UsageError("--only knows paint, overview, topics and clients, not '" + word + "'");
    }
  }

  record Asked(Set<Part> parts, int rounds, int minutes, int sessions, boolean save, boolean help) {
    Asked {
      parts = Set.copyOf(parts);
    }

    static Asked parse(List<String> words) {
      Set<Part> parts = EnumSet.allOf(Part.class);
      boolean quick = words.contains("--quick");
      int rounds = quick ? 1 : 5;
      int minutes = quick ? 1 : 5;
      int sessions = quick ? 10_000 : 100_000;
      boolean save = false;
      boolean help = false;
      for (int at = 0; at < words.size(); at++) {
        String option = words.get(at);
        switch (option) {
          case "--quick" -> {} // above: it changes what the others begin with
          case "--save" -> save = true;
          case "--help", "-h" -> help = true;
          case "--only" -> parts = parts(Options.value(words, ++at));
          case "--rounds" -> rounds = whole(option, Options.value(words, ++at), 100);
          case "--minutes" -> minutes = whole(option, Options.value(words, ++at), 1_440);
          case "--sessions" -> sessions = whole(option, Options.value(words, ++at), 1_000_000);
          default -> throw new UsageError("unknown option '" + option + "'; --help lists them");
        }
      }
      return new Asked(parts, rounds, minutes, sessions, save, help);
    }

    private static Set<Part> parts(String text) {
      Set<Part> parts = EnumSet.noneOf(Part.class);
      Options.list(text).forEach(word -> parts.add(Part.named(word)));
      if (parts.isEmpty()) {
        throw new UsageError("--only needs one of paint, overview, topics and clients");
      }
      return parts;
    }

    private static int whole(String option, String value, int most) {
      return (int) Options.number(option, value, 1, most);
    }
  }

  private final Bench bench;
  private final Asked asked;
  private final Browser browser;
  private final Path directory;
  private final StringBuilder text = new StringBuilder();

  private DashboardLoad(Bench bench, Asked asked, Browser browser) throws IOException {
    this.bench = bench;
    this.asked = asked;
    this.browser = browser;
    this.directory = bench.newRunDirectory();
  }

  public static void main(String[] args) throws InterruptedException {
    Program.run(
        "benchmarks/dashboard",
        args,
        (root, options, children) -> {
          Asked asked = Asked.parse(options);
          if (asked.help()) {
            System.out.print(USAGE);
            return 0;
          }
          try (Playwright playwright = playwright();
              Browser browser = chromium(playwright)) {
            return new DashboardLoad(new Bench(root, children), asked, browser).measure(options);
          } catch (PlaywrightException e) {
            throw new IOException("the browser: " + e.getMessage(), e);
          }
        });
  }

  private static Playwright playwright() {
    return Playwright.create(
        new Playwright.CreateOptions().setEnv(Map.of("PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD", "1")));
  }

  private static Browser chromium(Playwright playwright) {
    Path executable =
        CHROMIUM.stream()
            .filter(Files::isExecutable)
            .findFirst()
            .orElseThrow(
                () ->
                    new UsageError(
                        "there is no Chromium: "
                            + CHROMIUM
                            + "; install one (Debian: apt-get install chromium)"));
    return playwright
        .chromium()
        .launch(
            new BrowserType.LaunchOptions()
                .setExecutablePath(executable)
                .setArgs(
                    List.of(
                        "--disable-gpu",
                        "--disable-quic",
                        "--disable-background-networking",
                        "--disable-component-update",
                        "--disable-sync")));
  }

  private int measure(List<String> options) throws IOException, InterruptedException {
    Relais relais = (Relais) bench.broker("relais");
    String version = bench.version(relais);
    Machine machine = Machine.here(bench.root(), bench.children());
    tell("Command: benchmarks/dashboard " + String.join(" ", options));
    if (asked.parts().contains(Part.PAINT)) {
      try (RunningBroker running = start(relais, "paint")) {
        paint(running, null, "as it is");
        paint(
            running,
            SLOWED,
            "the browser's processor slowed %.0f times, a line of %.0f Mbit/s and %d ms"
                .formatted(SLOWED.processor(), SLOWED.megabits(), SLOWED.latencyMillis()));
      }
    }
    if (asked.parts().contains(Part.OVERVIEW)) {
      memory(relais, "the overview", "/", FIGURES);
    }
    if (asked.parts().contains(Part.TOPICS)) {
      String chosen = URLEncoder.encode(Plant.topic(TOPICS / 2), StandardCharsets.UTF_8);
      memory(
          relais,
          "the tree of topics, one of them chosen",
          "/topics?filter=%23&topic=" + chosen,
          "canvas");
    }
    if (asked.parts().contains(Part.CLIENTS)) {
      try (RunningBroker running = start(relais, "clients")) {
        clients(running);
      }
    }
    tell(
        "\nrelais: %s\nChromium %s, headless\n%sLoad at the end: %s"
            .formatted(
                version,
                browser.version(),
                machine.text(),
                Files.readString(Path.of("/proc/loadavg")).strip()));
    if (asked.save()) {
      System.out.println("written to " + bench.save("dashboard", machine, text.toString()));
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

  private static String base(RunningBroker running) {
    return "http://127.0.0.1:" + running.adminPort().orElseThrow();
  }

  private String session(RunningBroker running) throws IOException {
    try (Tab tab = Tab.of(browser, base(running), null, null).load("/")) {
      tab.signIn("admin", PASSWORD, FIGURES);
      return tab.session();
    }
  }

  // ---- paint

  /// What was seen of one page, round by round.
  private record Seen(
      List<Double> paintMillis,
      List<Double> drawnMillis,
      List<Tab.Fetched> fetched,
      Set<String> of) {
    static Seen nothing() {
      return new Seen(new ArrayList<>(), new ArrayList<>(), new ArrayList<>(), new TreeSet<>());
    }

    void add(Tab.Paint paint) {
      paintMillis.add(paint.millis());
      of.add(paint.of());
    }

    List<String> row(String title) {
      return List.of(
          title,
          spread(paintMillis),
          spread(drawnMillis),
          spread(fetched.stream().map(one -> one.fileBytes() / 1024.0).toList()),
          spread(fetched.stream().map(one -> one.apiBytes() / 1024.0).toList()),
          spread(fetched.stream().map(one -> (double) one.requests()).toList()),
          String.join(", ", of));
    }
  }

  private void paint(RunningBroker running, Tab.@Nullable Slowed slowed, String how)
      throws IOException {
    Seen signIn = Seen.nothing();
    Seen behind = Seen.nothing();
    Seen overview = Seen.nothing();
    Seen again = Seen.nothing();
    Seen every = Seen.nothing();
    int pages = 0;
    for (int round = 1; round <= asked.rounds(); round++) {
      System.err.printf("%s: round %d%n", how, round);
      String session;
      try (Tab tab = Tab.of(browser, base(running), null, slowed).load("/")) {
        signIn.add(tab.largestPaint());
        Tab.Fetched before = tab.fetched();
        signIn.fetched().add(before);
        behind.drawnMillis().add(tab.signIn("admin", PASSWORD, FIGURES));
        tab.settle();
        behind.fetched().add(tab.fetched().since(before));
        session = tab.session();
      }
      try (Tab tab = Tab.of(browser, base(running), session, slowed).load("/")) {
        tab.await(FIGURES);
        overview.add(tab.largestPaint());
        overview.fetched().add(tab.fetched());
        if (slowed == null && round == 1) { // bytes are the same each time
          List<String> navigation = tab.navigation();
          for (String path : navigation) {
            tab.turn(path);
          }
          pages = navigation.size();
          every.fetched().add(tab.fetched());
          tab.turn("/");
        }
        Tab.Fetched before = tab.fetched();
        tab.reload();
        again.add(tab.largestPaint());
        again.fetched().add(tab.fetched().since(before));
      }
    }
    List<List<String>> rows = new ArrayList<>();
    rows.add(signIn.row("sign-in"));
    rows.add(behind.row("overview, from the click on sign-in"));
    rows.add(overview.row("overview, who is signed in"));
    rows.add(again.row("the same, loaded again"));
    if (!every.fetched().isEmpty()) {
      rows.add(every.row("all %d pages of the navigation, once".formatted(pages)));
    }
    tell(
        "\nA fresh profile, %s; %d rounds: median (lowest-highest)".formatted(how, asked.rounds()));
    tell(
        new Table(
                List.of(
                    "page",
                    "largest paint ms",
                    "drawn after ms",
                    "files KiB",
                    "API KiB",
                    "requests",
                    "what is largest"),
                rows,
                1,
                1)
            .text()
            .stripTrailing());
  }

  // ---- memory

  /// One look at a page, and how its thread did since the one before.
  ///
  /// @param minute since the page was opened
  record Look(
      double minute,
      Tab.Held held,
      double busyPercent,
      Tab.LongTasks tasks,
      double streamedKiB,
      double sentPerSecond) {
    List<String> row() {
      return List.of(
          "%.1f".formatted(minute),
          "%.2f".formatted(held.heapBytes() / 1024.0 / 1024),
          Integer.toString(held.nodes()),
          Integer.toString(held.listeners()),
          "%.1f".formatted(busyPercent),
          Integer.toString(tasks.count()),
          "%.0f".formatted(tasks.longestMillis()),
          Table.figure(streamedKiB),
          "%.0f".formatted(sentPerSecond));
    }
  }

  private void memory(Relais relais, String title, String path, String selector)
      throws IOException, InterruptedException {
    System.err.println("memory of " + title);
    List<Look> looks = new ArrayList<>();
    List<String> notices;
    try (RunningBroker running = start(relais, "memory");
        Plant plant = Plant.start(running, TOPICS, PER_SECOND);
        Tab tab = Tab.of(browser, base(running), session(running), null)) {
      tab.load(path).await(selector);
      long opened = System.nanoTime();
      Tab.Held before = tab.held();
      long since = System.nanoTime();
      long streamed = tab.streamBytes();
      long sent = plant.sent();
      for (int at = 0; at <= asked.minutes(); at++) {
        tab.watch(at == 0 ? TO_SETTLE : Duration.ofMinutes(1));
        double seconds = (System.nanoTime() - since) / 1e9;
        Tab.LongTasks tasks = tab.longTasks();
        double streamedKiB = (tab.streamBytes() - streamed) / 1024.0 / seconds;
        double perSecond = (plant.sent() - sent) / seconds;
        Tab.Held held = tab.held();
        double busy = 100 * (held.busySeconds() - before.busySeconds()) / seconds;
        double minute = (System.nanoTime() - opened) / 60e9;
        Look look = new Look(minute, held, busy, tasks, streamedKiB, perSecond);
        looks.add(look);
        System.err.println("  " + String.join("  ", look.row()));
        before = held;
        since = System.nanoTime();
        streamed = tab.streamBytes();
        sent = plant.sent();
        Optional<IOException> failure = plant.failure();
        if (failure.isPresent()) {
          throw new IOException("the messages ended: " + failure.get().getMessage());
        }
      }
      notices = tab.find("main .notice").allInnerTexts();
    }
    tell("\n%s, beside %,d messages a second on %d topics".formatted(title, PER_SECOND, TOPICS));
    tell(
        new Table(
                List.of(
                    "minute",
                    "heap MiB",
                    "DOM nodes",
                    "listeners",
                    "busy %",
                    "long tasks",
                    "longest ms",
                    "streamed KiB/s",
                    "sent/s"),
                looks.stream().map(Look::row).toList(),
                0,
                0)
            .text()
            .stripTrailing());
    tell(
        "growth: %.0f KiB a minute, in the second half %.0f; DOM nodes %.1f, in the second half %.1f"
            .formatted(
                perMinute(looks, 0, Tab.Held::heapBytes) / 1024,
                perMinute(looks, looks.size() / 2, Tab.Held::heapBytes) / 1024,
                perMinute(looks, 0, Tab.Held::nodes),
                perMinute(looks, looks.size() / 2, Tab.Held::nodes)));
    notices.forEach(notice -> tell("the page says: " + notice.replaceAll("\\s+", " ").strip()));
  }

  /// The slope of the straight line that is nearest to the looks from one on; 0 for a single one.
  static double perMinute(List<Look> looks, int from, ToDoubleFunction<Tab.Held> figure) {
    List<Look> counted = looks.subList(from, looks.size());
    double minutes = counted.stream().mapToDouble(Look::minute).average().orElse(0);
    double middle =
        counted.stream().mapToDouble(look -> figure.applyAsDouble(look.held())).average().orElse(0);
    double across = 0;
    double along = 0;
    for (Look look : counted) {
      across += (look.minute() - minutes) * (figure.applyAsDouble(look.held()) - middle);
      along += (look.minute() - minutes) * (look.minute() - minutes);
    }
    return along == 0 ? 0 : across / along;
  }

  // ---- clients

  private void clients(RunningBroker running) throws IOException, InterruptedException {
    String session = session(running);
    try (Crowd crowd = new Crowd(running)) {
      long begun = System.nanoTime();
      crowd.store(asked.sessions());
      System.err.printf(
          "%d sessions stored in %.0f s%n", asked.sessions(), (System.nanoTime() - begun) / 1e9);
    }
    List<Double> first = new ArrayList<>();
    List<Double> second = new ArrayList<>();
    List<Double> further = new ArrayList<>();
    List<Double> slowest = new ArrayList<>();
    List<Double> processor = new ArrayList<>();
    List<Double> longest = new ArrayList<>();
    List<Double> refreshing = new ArrayList<>();
    List<Double> found = new ArrayList<>();
    for (int round = 1; round <= asked.rounds(); round++) {
      System.err.printf("the page of clients: round %d%n", round);
      try (Tab tab = Tab.of(browser, base(running), session, null).load("/")) {
        first.add(tab.turn("/clients", ROW));
        tab.turn("/");
        second.add(tab.turn("/clients", ROW));
        tab.longTasks();
        double busy = tab.busySeconds();
        List<Double> pages = tab.all(SCROLL, Math.min(SCROLLED, asked.sessions()));
        Spread spread = Spread.of(pages).orElseThrow();
        further.add(spread.median());
        slowest.add(spread.max());
        processor.add((tab.busySeconds() - busy) * 1_000 / pages.size());
        longest.add(tab.longTasks().longestMillis());
        tab.watch(REFRESHES);
        refreshing.add(tab.longTasks().longestMillis());
        int someone = asked.sessions() / (asked.rounds() + 1) * round;
        found.add(tab.millis(SEARCH, Crowd.clientId(someone)));
      }
    }
    tell(
        "\nThe page of clients beside %,d stored sessions, milliseconds; %d rounds: median (lowest-highest)"
            .formatted(asked.sessions(), asked.rounds()));
    tell(
        new Table(
                List.of("from", "ms"),
                List.of(
                    List.of(
                        "the link to the first rows, its code being fetched too", spread(first)),
                    List.of("the link to the first rows again", spread(second)),
                    List.of(
                        "the end of the list to the next 100 rows, up to %,d: median of a round"
                            .formatted(SCROLLED),
                        spread(further)),
                    List.of("the same: the slowest of a round", spread(slowest)),
                    List.of(
                        "the same: time of a processor in the page, mean of a round",
                        spread(processor)),
                    List.of("longest task meanwhile (0: none above 50 ms)", spread(longest)),
                    List.of(
                        "longest task while %,d rows are refreshed".formatted(SCROLLED),
                        spread(refreshing)),
                    List.of(
                        "the last letter of a client id to its row (250 of them wait for more letters)",
                        spread(found))),
                1,
                0)
            .text()
            .stripTrailing());
  }

  /// At the end of the list the next page comes. Moves a little where the end stays the end, as a
  /// hand does.
  private static final String SCROLL =
      """
      async (rows) => {
        const there = () => Number(document.querySelector('table[aria-rowcount]').ariaRowCount) - 1;
        const millis = [];
        for (let before; (before = there()) < rows; ) {
          let turn = 0;
          millis.push(await drawn(() => {
            const list = document.querySelector('.table-wrap');
            list.scrollTop = list.scrollHeight - list.clientHeight - (turn++ % 2) * 40;
            return there() > before;
          }));
        }
        return millis;
      }
      """;

  private static final String SEARCH =
      """
      async (clientId) => {
        const field = document.querySelector('main input[type=search]');
        field.focus();
        field.value = clientId;
        field.dispatchEvent(new InputEvent('input', { bubbles: true }));
        return drawn(() => {
          const rows = document.querySelectorAll('table[aria-rowcount] tbody tr');
          return rows.length === 1 && rows[0].textContent.includes(clientId);
        });
      }
      """;

  private static String spread(List<Double> values) {
    return Table.spread(Spread.of(values));
  }
}
