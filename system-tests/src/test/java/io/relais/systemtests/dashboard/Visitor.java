package io.relais.systemtests.dashboard;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;

import com.microsoft.playwright.Browser;
import com.microsoft.playwright.BrowserContext;
import com.microsoft.playwright.Locator;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.options.AriaRole;
import com.microsoft.playwright.options.ColorScheme;
import io.relais.systemtests.EmbeddedRelais;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;

/// Somebody with a browser of their own in front of a node's dashboard. Notes what a page must not
/// do: ask another machine, write an error to the console, run into its content security policy.
///
/// Owner: the thread of the test.
final class Visitor implements AutoCloseable {
  private final BrowserContext context;
  private final Page page;
  private final String base;
  private final List<String> faults = new ArrayList<>();
  private Predicate<String> expected = fault -> false;

  private Visitor(InetSocketAddress at, Browser.NewContextOptions options) {
    base = "http://127.0.0.1:" + at.getPort();
    context = Chromium.browser().newContext(options.setBaseURL(base));
    context.setDefaultTimeout(Chromium.PATIENCE_MILLIS);
    page = context.newPage();
    page.onPageError(error -> faults.add("error in the page: " + error));
    page.onConsoleMessage(
        message -> {
          if (message.type().equals("error") || message.type().equals("warning")) {
            faults.add("console: " + message.text());
          }
        });
    page.onRequest(
        request -> {
          if (!request.url().startsWith(base + "/") && !request.url().startsWith("data:")) {
            faults.add("asked elsewhere: " + request.url());
          }
        });
  }

  /// With a large window, English, light.
  static Visitor of(EmbeddedRelais relais) {
    return of(relais.api(), "en-GB", ColorScheme.LIGHT, 1_440, 900);
  }

  static Visitor of(
      InetSocketAddress api, String locale, ColorScheme colours, int width, int height) {
    return new Visitor(
        api,
        new Browser.NewContextOptions()
            .setLocale(locale)
            .setColorScheme(colours)
            .setReducedMotion(com.microsoft.playwright.options.ReducedMotion.REDUCE)
            .setViewportSize(width, height));
  }

  /// Some faults belong to what is tested, such as a refused sign-in.
  Visitor expecting(Predicate<String> fault) {
    expected = expected.or(fault);
    return this;
  }

  Page page() {
    return page;
  }

  String base() {
    return base;
  }

  Visitor go(String path) {
    page.navigate(path);
    return this;
  }

  /// To another page without loading the dashboard again, as its links do.
  Visitor turn(String path) {
    page.evaluate(
        """
        async to => {
          history.pushState(null, '', to);
          dispatchEvent(new PopStateEvent('popstate'));
          // What is there until then is the page before.
          await new Promise(drawn => requestAnimationFrame(() => requestAnimationFrame(drawn)));
        }
        """,
        path);
    return this;
  }

  /// At the sign-in, whatever page it hides. Ends where the frame is, or the form of the new
  /// password.
  Visitor signIn(String username, String password) {
    page.locator("input[autocomplete=username]").fill(username);
    page.locator("input[autocomplete=current-password]").fill(password);
    page.locator("button[type=submit]").click();
    return this;
  }

  /// As the first administrator of a node whose password was changed by the API.
  Visitor signedIn() {
    go("/").signIn("admin", io.relais.systemtests.api.Api.PASSWORD);
    assertThat(page.locator("#content")).isVisible();
    return this;
  }

  Locator button(String name) {
    return page.getByRole(
        AriaRole.BUTTON, new Page.GetByRoleOptions().setName(name).setExact(true));
  }

  Locator heading(String name) {
    return page.getByRole(
        AriaRole.HEADING, new Page.GetByRoleOptions().setName(name).setExact(true).setLevel(1));
  }

  /// The dialog that is open.
  Locator dialog() {
    return page.getByRole(AriaRole.DIALOG);
  }

  List<String> faults() {
    return faults.stream().filter(expected.negate()).toList();
  }

  @Override
  public void close() {
    context.close();
    if (!faults().isEmpty()) {
      throw new AssertionError("the page did what it must not: " + faults());
    }
  }
}
