package io.relais.benchmarks;

import com.google.gson.JsonObject;
import com.microsoft.playwright.Browser;
import com.microsoft.playwright.BrowserContext;
import com.microsoft.playwright.CDPSession;
import com.microsoft.playwright.Locator;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.options.WaitForSelectorState;
import java.io.IOException;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// The dashboard in a browser with a fresh profile: nothing in its cache, nobody signed in unless
/// it is given a session. Counts what it fetches, and sees when something is drawn.
///
/// Owner: the main thread, which Playwright wants to be one: events come only while it waits here.
/// Limits: a page has [#PATIENCE] to come to rest.
final class Tab implements AutoCloseable {
  private static final Duration PATIENCE = Duration.ofSeconds(60);
  private static final Duration REST = Duration.ofMillis(500);

  private static final String WATCH =
      """
      window.seen = { paint: null, longest: 0, long: 0 };
      new PerformanceObserver((list) => {
        for (const one of list.getEntries()) {
          const of = one.element;
          seen.paint = {
            at: one.startTime,
            of: of ? of.tagName.toLowerCase() + (of.className ? '.' + of.className : '') : '',
          };
        }
      }).observe({ type: 'largest-contentful-paint', buffered: true });
      new PerformanceObserver((list) => {
        for (const one of list.getEntries()) {
          seen.long++;
          seen.longest = Math.max(seen.longest, one.duration);
        }
      }).observe({ type: 'longtask', buffered: true });
      // Until something is there and the frame that shows it has been made.
      window.drawn = async (isThere) => {
        const begun = performance.now();
        const frame = () => new Promise(requestAnimationFrame);
        for (let there; !(there = isThere()); await frame()) {
          if (performance.now() - begun > 60000) {
            throw new Error('not drawn after 60 s: ' + isThere);
          }
        }
        await frame();
        await frame();
        return performance.now() - begun;
      };
      """;

  private static final String TURN =
      """
      history.pushState(null, '', to);
      dispatchEvent(new PopStateEvent('popstate'));
      """;

  /// What a page may be slowed down to: a phone on a line that is not the best.
  record Slowed(double processor, double megabits, int latencyMillis) {}

  /// What was fetched, compressed and with the headers of the answers.
  record Fetched(long fileBytes, long apiBytes, int requests) {
    Fetched since(Fetched before) {
      return new Fetched(
          fileBytes - before.fileBytes, apiBytes - before.apiBytes, requests - before.requests);
    }
  }

  /// @param of the element that it is
  record Paint(double millis, String of) {}

  /// Tasks that kept a page from answering for more than 50 ms.
  record LongTasks(int count, double longestMillis) {}

  /// @param heapBytes what is alive after a collection
  /// @param busySeconds see [#busySeconds]
  record Held(long heapBytes, int nodes, int listeners, double busySeconds) {}

  private final BrowserContext context;
  private final Page page;
  private final CDPSession tools;
  private final Map<String, String> underWay = new HashMap<>(); // paths by request
  private final Set<String> streams = new HashSet<>();
  private long quietSince = System.nanoTime();
  private long fileBytes;
  private long apiBytes;
  private long streamBytes;
  private int requests;

  private Tab(Browser browser, String base, @Nullable String session, @Nullable Slowed slowed) {
    context =
        browser.newContext(
            new Browser.NewContextOptions()
                .setBaseURL(base)
                .setLocale("en-GB")
                .setViewportSize(1_440, 900));
    context.setDefaultTimeout((double) PATIENCE.toMillis());
    context.addInitScript(WATCH);
    if (session != null) {
      context.addInitScript(
          "sessionStorage.setItem('relais.session', " + ResultFile.quoted(session) + ");");
    }
    page = context.newPage();
    tools = context.newCDPSession(page);
    tools.on("Network.requestWillBeSent", this::onRequest);
    tools.on("Network.responseReceived", this::onAnswer);
    tools.on("Network.dataReceived", this::onBytes);
    tools.on("Network.loadingFinished", this::onFinished);
    tools.on("Network.loadingFailed", this::onFailed);
    tools.send("Network.enable");
    JsonObject clock = new JsonObject();
    clock.addProperty("timeDomain", "threadTicks"); // what it works, however long it waits to
    tools.send("Performance.enable", clock);
    if (slowed != null) {
      JsonObject processor = new JsonObject();
      processor.addProperty("rate", slowed.processor());
      tools.send("Emulation.setCPUThrottlingRate", processor);
      JsonObject line = new JsonObject();
      line.addProperty("offline", false);
      line.addProperty("latency", slowed.latencyMillis());
      line.addProperty("downloadThroughput", slowed.megabits() * 1e6 / 8);
      line.addProperty("uploadThroughput", slowed.megabits() * 1e6 / 8);
      tools.send("Network.emulateNetworkConditions", line);
    }
  }

  /// @param session what the dashboard keeps of one, as [#session] gives it
  static Tab of(Browser browser, String base, @Nullable String session, @Nullable Slowed slowed) {
    return new Tab(browser, base, session, slowed);
  }

  // ---- what somebody does

  Tab load(String path) throws IOException {
    page.navigate(path);
    settle();
    return this;
  }

  Tab reload() throws IOException {
    page.reload();
    settle();
    return this;
  }

  /// @return milliseconds from the click until the selector is drawn
  double signIn(String username, String password, String selector) {
    page.locator("input[autocomplete=username]").fill(username);
    page.locator("input[autocomplete=current-password]").fill(password);
    return millis(
        """
        async (selector) => {
          document.querySelector('button[type=submit]').click();
          return drawn(() => document.querySelector(selector));
        }
        """,
        selector);
  }

  /// What the dashboard keeps of the session that was begun here.
  String session() {
    return String.valueOf(page.evaluate("sessionStorage.getItem('relais.session')"));
  }

  /// To another page without loading the dashboard again, as its links do.
  ///
  /// @return milliseconds until the selector is drawn
  double turn(String path, String selector) {
    return millis(
        "async ([to, selector]) => { "
            + TURN
            + " return drawn(() => document.querySelector(selector)); }",
        List.of(path, selector));
  }

  /// The same, until the page has all that it asks for.
  void turn(String path) throws IOException {
    page.evaluate("async (to) => { " + TURN + " await drawn(() => true); }", path);
    settle();
  }

  /// Where the navigation leads to.
  List<String> navigation() {
    return page.locator("nav a.nav-item").all().stream()
        .map(link -> String.valueOf(link.getAttribute("href")))
        .toList();
  }

  Locator find(String selector) {
    return page.locator(selector);
  }

  /// Until nothing has been asked for or answered for a while, streams aside, and nothing says that
  /// it is loading.
  void settle() throws IOException {
    long begun = System.nanoTime();
    quietSince = begun;
    while (!underWay.isEmpty()
        || System.nanoTime() - quietSince < REST.toNanos()
        || page.locator(".loading").count() > 0) {
      if (System.nanoTime() - begun > PATIENCE.toNanos()) {
        throw new IOException(
            "%s did not come to rest in %d s; under way: %s"
                .formatted(page.url(), PATIENCE.toSeconds(), underWay.values()));
      }
      page.waitForTimeout(20);
    }
  }

  /// Looks on.
  void watch(Duration time) {
    page.waitForTimeout((double) time.toMillis());
  }

  void await(String selector) {
    page.locator(selector)
        .first()
        .waitFor(new Locator.WaitForOptions().setState(WaitForSelectorState.VISIBLE));
  }

  /// @param script a function that gives a number
  double millis(String script, Object argument) {
    return number(page.evaluate(script, argument));
  }

  /// @param script a function that gives numbers
  List<Double> all(String script, Object argument) {
    return ((List<?>) page.evaluate(script, argument)).stream().map(Tab::number).toList();
  }

  // ---- what is measured

  Fetched fetched() {
    return new Fetched(fileBytes, apiBytes, requests);
  }

  /// Of streams that are open, without headers.
  long streamBytes() {
    return streamBytes;
  }

  /// Of the last load, up to now or to the first key.
  Paint largestPaint() throws IOException {
    if (!(page.evaluate("seen.paint") instanceof Map<?, ?> paint)) {
      throw new IOException(page.url() + " has painted nothing that counts");
    }
    return new Paint(number(paint.get("at")), String.valueOf(paint.get("of")));
  }

  /// Since the last time that it was asked.
  LongTasks longTasks() {
    List<Double> found =
        all(
            "() => { const { long, longest } = seen; seen.long = seen.longest = 0; return [long, longest]; }",
            0);
    return new LongTasks(found.get(0).intValue(), found.get(1));
  }

  /// Collects garbage first, which keeps the page from working: what that takes is not among its
  /// long tasks.
  Held held() {
    tools.send("HeapProfiler.collectGarbage");
    long heap = tools.send("Runtime.getHeapUsage").get("usedSize").getAsLong();
    Map<String, Double> figures = figures();
    page.evaluate("drawn(() => true)");
    longTasks();
    return new Held(
        heap,
        (int) figure(figures, "Nodes"),
        (int) figure(figures, "JSEventListeners"),
        figure(figures, "TaskDuration"));
  }

  /// Of a processor, that the thread of the page has worked since it was loaded.
  double busySeconds() {
    return figure(figures(), "TaskDuration");
  }

  private Map<String, Double> figures() {
    Map<String, Double> figures = new HashMap<>();
    for (var one : tools.send("Performance.getMetrics").getAsJsonArray("metrics")) {
      JsonObject figure = one.getAsJsonObject();
      figures.put(figure.get("name").getAsString(), figure.get("value").getAsDouble());
    }
    return figures;
  }

  private static double figure(Map<String, Double> figures, String name) {
    Double value = figures.get(name);
    if (value == null) {
      throw new IllegalStateException("the browser gives no figure " + name + ": " + figures);
    }
    return value;
  }

  private static double number(@Nullable Object value) {
    if (value instanceof Number number) {
      return number.doubleValue();
    }
    throw new IllegalStateException("the page gave " + value + " and no number");
  }

  // ---- what the browser tells

  private void onRequest(JsonObject event) {
    String url = event.getAsJsonObject("request").get("url").getAsString();
    if (url.startsWith("http")) {
      underWay.put(id(event), url.replaceFirst("^https?://[^/]*", ""));
      quietSince = System.nanoTime();
    }
  }

  private void onAnswer(JsonObject event) {
    JsonObject answer = event.getAsJsonObject("response");
    if (answer.get("mimeType").getAsString().equals("text/event-stream")) {
      underWay.remove(id(event));
      streams.add(id(event));
      requests++;
      apiBytes += answer.get("encodedDataLength").getAsLong();
    }
  }

  private void onBytes(JsonObject event) {
    if (streams.contains(id(event))) {
      streamBytes += event.get("dataLength").getAsLong();
    }
  }

  private void onFinished(JsonObject event) {
    String path = underWay.remove(id(event));
    long bytes = event.get("encodedDataLength").getAsLong();
    if (path != null && bytes > 0) { // nothing comes from the network where the cache has it
      requests++;
      if (path.startsWith("/api/")) {
        apiBytes += bytes;
      } else {
        fileBytes += bytes;
      }
      quietSince = System.nanoTime();
    }
  }

  private void onFailed(JsonObject event) {
    underWay.remove(id(event));
    streams.remove(id(event));
  }

  private static String id(JsonObject event) {
    return event.get("requestId").getAsString();
  }

  @Override
  public void close() {
    context.close();
  }
}
