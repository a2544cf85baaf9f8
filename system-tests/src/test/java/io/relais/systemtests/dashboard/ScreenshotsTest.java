package io.relais.systemtests.dashboard;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;

import com.microsoft.playwright.Page;
import com.microsoft.playwright.options.ColorScheme;
import io.relais.systemtests.EmbeddedRelais;
import io.relais.systemtests.api.Api;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/// Pictures of the dashboard beside a plant that runs. In CI those that the documents show, to see
/// that they still can be taken; by hand with
///
///     ./relais test -pl system-tests -am -Dtest=ScreenshotsTest -Dsurefire.failIfNoSpecifiedTests=false -Drelais.screenshots=docs/images
///
/// into a folder, counted from the repository's root, and with `-Drelais.screenshots.all=true` every
/// page in both themes, three languages and two widths.
@ExtendWith(Chromium.class)
class ScreenshotsTest {
  private static final Path ROOT = Path.of("..");
  private static final Path FOLDER =
      ROOT.resolve(System.getProperty("relais.screenshots", "system-tests/target/screenshots"));
  private static final boolean ALL = Boolean.getBoolean("relais.screenshots.all");

  /// What the documents show.
  private static final Map<String, String> SHOWN =
      Map.of(
          "overview", "/",
          "topics", "/topics?topic=plant%2Flyon%2Fpress%2Fstate",
          "explain", "/explain?topic=plant%2Flyon%2Fboiler%2Fstate",
          "client", "/clients/scada?tab=timeline");

  private final EmbeddedRelais relais = EmbeddedRelais.start();
  private final Api api = Api.ready(relais);
  private final Plant plant = new Plant(relais.tcp());

  @AfterEach
  void close() {
    plant.close();
    api.close();
    relais.close();
  }

  @Test
  void pages_can_be_taken_as_pictures() throws IOException {
    Plant.settings()
        .forEach((call, body) -> api.post(call, body).is(call.endsWith("publish") ? 200 : 201));
    Files.createDirectories(FOLDER);
    // So that charts have a line to show.
    Awaitility.await()
        .atMost(Duration.ofSeconds(60))
        .until(
            () ->
                api.get("/api/v1/metrics").get("counters").get("messagesReceived").asLong() > 600);

    try (Visitor visitor = Visitor.of(relais).signedIn()) {
      // High enough for the chart below a payload.
      visitor.page().setViewportSize(1_440, 1_100);
      SHOWN.forEach(
          (name, path) ->
              take(visitor, path, name.equals("topics") ? 12 : 2, FOLDER.resolve(name + ".png")));
    }
    if (ALL) {
      for (ColorScheme colours : List.of(ColorScheme.LIGHT, ColorScheme.DARK)) {
        for (String locale : List.of("en-GB", "fr-FR", "es-ES")) {
          for (int width : new int[] {1_440, 390}) {
            every(locale, colours, width);
          }
        }
      }
    }

    for (String name : SHOWN.keySet()) {
      assertThat(FOLDER.resolve(name + ".png")).exists();
      assertThat(Files.size(FOLDER.resolve(name + ".png"))).isBetween(20_000L, 1_000_000L);
    }
  }

  private void every(String locale, ColorScheme colours, int width) {
    try (Visitor visitor =
        Visitor.of(relais.api(), locale, colours, width, width < 500 ? 844 : 900).signedIn()) {
      for (String page : EveryPageTest.PAGES) {
        String path = page.replace("boiler-1", "scada"); // who is there in this plant
        String name =
            "%s-%s-%s-%d.png"
                .formatted(
                    path.replaceAll("[^a-z0-9]+", "_"),
                    colours.name().toLowerCase(java.util.Locale.ROOT),
                    locale.substring(0, 2),
                    width);
        take(visitor, path, 1, FOLDER.resolve(name));
      }
    }
  }

  /// @param liveSeconds how long it shows live values before
  private static void take(Visitor visitor, String path, int liveSeconds, Path to) {
    visitor.turn(path);
    EveryPageTest.settle(visitor.page());
    assertThat(visitor.page().locator(".live .dot")).hasClass("dot dot-good");
    visitor.page().waitForTimeout(1_000 * liveSeconds);
    visitor.page().screenshot(new Page.ScreenshotOptions().setPath(to));
  }
}
