package io.relais.systemtests.dashboard;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;

import io.relais.systemtests.EmbeddedRelais;
import io.relais.systemtests.api.Api;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/// A node that goes and comes back under a page that is open.
@ExtendWith(Chromium.class)
class RestartTest {
  /// That of the last page is fetched last.
  private static final String ALL_CODE_IS_THERE =
      "performance.getEntriesByType('resource').some(one => one.name.includes('/settings-'))";

  @TempDir private Path data;

  private EmbeddedRelais start(int port) {
    return EmbeddedRelais.start("store=disk", "data=" + data, "admin.bind=127.0.0.1:" + port);
  }

  @Test
  void a_node_that_restarts_is_shown_as_away_and_comes_back_without_a_reload() {
    EmbeddedRelais first = start(0);
    InetSocketAddress at = first.api();
    try (Visitor visitor = Visitor.of(first).expecting(RestartTest::isOfTheRestart)) {
      try (first;
          Api api = Api.ready(first)) {
        visitor.signedIn();
        assertThat(visitor.page().locator(".live")).containsText("Live");
        visitor.page().evaluate("window.marked = 'before the restart'");
        visitor
            .page()
            .waitForCondition(
                () -> Boolean.TRUE.equals(visitor.page().evaluate(ALL_CODE_IS_THERE)));
        api.get("/api/v1/nodes").is(200);
      }
      assertThat(visitor.page().locator(".live")).containsText("Stale");
      assertThat(visitor.page().locator("main .notice")).containsText("has not answered since");

      // A page that was not open yet.
      visitor.page().locator(".nav-item[href='/clients']").click();
      assertThat(visitor.heading("Clients")).isVisible();
      assertThat(visitor.page().locator("main .loading")).isVisible();
      assertThat(visitor.page().locator("main .notice")).hasCount(1);

      EmbeddedRelais second = start(at.getPort());

      try (second) {
        assertThat(visitor.page().locator(".live")).containsText("Live");
        assertThat(visitor.page().locator("main .notice")).hasCount(0);
        assertThat(visitor.page().locator("main .empty-title")).containsText("No client");
        org.assertj.core.api.Assertions.assertThat(
                Objects.toString(visitor.page().evaluate("window.marked")))
            .isEqualTo("before the restart");
      }
    }
  }

  private static boolean isOfTheRestart(String fault) {
    return fault.contains("ERR_CONNECTION_REFUSED")
        || fault.contains("ERR_CONNECTION_RESET")
        || fault.contains("ERR_EMPTY_RESPONSE")
        || fault.contains("ERR_INCOMPLETE_CHUNKED_ENCODING")
        || fault.contains("ERR_SOCKET_NOT_CONNECTED");
  }
}
