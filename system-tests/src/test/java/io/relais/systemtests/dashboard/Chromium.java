package io.relais.systemtests.dashboard;

import com.microsoft.playwright.Browser;
import com.microsoft.playwright.BrowserType;
import com.microsoft.playwright.Playwright;
import com.microsoft.playwright.assertions.PlaywrightAssertions;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ExtensionContext.Namespace;

/// One headless Chromium for all classes that name it with `@ExtendWith`; it ends with the run.
///
/// Owner: the thread of the tests, which Playwright wants to be one.
final class Chromium implements BeforeAllCallback {
  private static final List<Path> WHERE =
      List.of(
          Path.of("/usr/bin/chromium"),
          Path.of("/usr/bin/chromium-browser"),
          Path.of("/usr/bin/google-chrome"));

  /// How long a page may take to look as a test wants it: two processors may be busy otherwise.
  static final int PATIENCE_MILLIS = 20_000;

  private static @Nullable Started started;

  private record Started(Playwright playwright, Browser browser) implements AutoCloseable {
    @Override
    public void close() {
      browser.close();
      playwright.close();
    }
  }

  @Override
  public void beforeAll(ExtensionContext context) {
    context
        .getRoot()
        .getStore(Namespace.create(Chromium.class))
        .computeIfAbsent(Chromium.class, key -> start(), AutoCloseable.class);
  }

  static Browser browser() {
    Started now = started;
    if (now == null) {
      throw new IllegalStateException("the test class lacks @ExtendWith(Chromium.class)");
    }
    return now.browser();
  }

  private static AutoCloseable start() {
    Path chromium =
        WHERE.stream()
            .filter(Files::isExecutable)
            .findFirst()
            .orElseThrow(
                () -> new AssertionError("there is no Chromium: " + WHERE + "; install chromium"));
    Playwright playwright =
        Playwright.create(
            new Playwright.CreateOptions().setEnv(Map.of("PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD", "1")));
    Browser browser =
        playwright
            .chromium()
            .launch(
                new BrowserType.LaunchOptions()
                    .setExecutablePath(chromium)
                    .setArgs(
                        List.of(
                            "--disable-gpu",
                            "--disable-quic",
                            "--disable-background-networking",
                            "--disable-component-update",
                            "--disable-sync")));
    PlaywrightAssertions.setDefaultAssertionTimeout(PATIENCE_MILLIS);
    var now = new Started(playwright, browser);
    started = now;
    return now;
  }
}
