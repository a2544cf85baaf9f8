package io.relais.systemtests.dashboard;

import static org.assertj.core.api.Assertions.assertThat;

import com.microsoft.playwright.Page;
import com.microsoft.playwright.options.ColorScheme;
import io.relais.protocol.ProtocolVersion;
import io.relais.systemtests.EmbeddedRelais;
import io.relais.systemtests.api.Api;
import io.relais.testkit.Clients;
import io.relais.testkit.MqttSocket;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// What holds for every page: it is there, says all it says in each language, fits a phone, and can
/// be used without seeing it.
@ExtendWith(Chromium.class)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class EveryPageTest {
  /// All that the navigation leads to, and what those lead to.
  static final List<String> PAGES =
      List.of(
          "/",
          "/clients",
          "/clients/boiler-1",
          "/clients/boiler-1?tab=queue",
          "/clients/boiler-1?tab=timeline",
          "/subscriptions",
          "/topics",
          "/topic-metrics",
          "/retained",
          "/delayed",
          "/slow-subscribers",
          "/drops",
          "/alarms",
          "/authentication",
          "/authorization",
          "/users",
          "/bans",
          "/explain",
          "/traces",
          "/websocket",
          "/listeners",
          "/configuration",
          "/rewrite",
          "/webhooks",
          "/accounts",
          "/keys",
          "/audit",
          "/reference",
          "/settings",
          "/no-such-page");

  private static final Path AXE = Path.of("../dashboard/node_modules/axe-core/axe.min.js");

  private final EmbeddedRelais relais = EmbeddedRelais.start();
  private final Clients clients = new Clients(relais);
  private final Api api = Api.ready(relais);

  @BeforeAll
  void something_to_see() {
    MqttSocket boiler = clients.open(ProtocolVersion.MQTT_5);
    boiler.connect("boiler-1", how -> how.sessionExpiry(3_600));
    boiler.subscribe("plant/#", 1);
    api.post(
            "/api/v1/publish",
            Api.json("{'topic': 'plant/boiler/temperature', 'payload': '21.5', 'retain': true}"))
        .is(200);
    api.post(
            "/api/v1/publish",
            Api.json("{'topic': '$delayed/3600/plant/late', 'payload': 'later'}"))
        .is(200);
    api.post("/api/v1/users", Api.json("{'username': 'ann', 'password': 'anns password'}")).is(201);
    api.post("/api/v1/bans", Api.json("{'kind': 'client', 'value': 'rogue', 'reason': 'floods'}"))
        .is(201);
    api.post("/api/v1/keys", Api.json("{'name': 'grafana', 'role': 'viewer'}")).is(201);
    api.post("/api/v1/topic-metrics", Api.json("{'filter': 'plant/#'}")).is(201);
  }

  @AfterAll
  void close() {
    api.close();
    clients.close();
    relais.close();
  }

  @ParameterizedTest
  @CsvSource({
    "light, 'wcag2a wcag2aa wcag21a wcag21aa best-practice'",
    "dark, 'color-contrast link-in-text-block'",
  })
  void no_page_breaks_a_rule_of_accessibility(String colours, String rules) throws IOException {
    String axe = Files.readString(AXE);
    try (Visitor visitor =
        Visitor.of(relais.api(), "en-GB", scheme(colours), 1_440, 900).signedIn()) {
      List<String> broken = new ArrayList<>();
      visitor.page().evaluate(axe);
      for (String path : PAGES) {
        visitor.turn(path);
        settle(visitor.page());
        Object found =
            visitor
                .page()
                .evaluate(
                    """
                    async rules => (await axe.run(document, {
                      runOnly: rules.split(' '),
                    })).violations.map((one) => one.id + ': ' + one.nodes.slice(0, 3)
                      .map((node) => node.target.join(' ') + ' ' + node.failureSummary).join(' | '))
                    """,
                    rules);
        for (Object violation : (List<?>) found) {
          broken.add(path + " " + violation);
        }
      }
      assertThat(broken).isEmpty();
    }
  }

  @ParameterizedTest
  @CsvSource({"en-GB, 1440", "fr-FR, 360", "es-ES, 360"})
  void every_page_is_there_in_each_language_and_fits_the_window(String locale, int width) {
    try (Visitor visitor =
        Visitor.of(relais.api(), locale, ColorScheme.LIGHT, width, 740).signedIn()) {
      List<String> wrong = new ArrayList<>();
      for (String path : PAGES) {
        visitor.turn(path);
        settle(visitor.page());
        Map<?, ?> seen =
            (Map<?, ?>)
                visitor
                    .page()
                    .evaluate(
                        """
                        () => ({
                          wide: document.documentElement.scrollWidth - innerWidth,
                          lang: document.documentElement.lang,
                          title: document.title,
                          h1: document.querySelectorAll('h1').length,
                          text: document.body.innerText,
                        })
                        """);
        String text = String.valueOf(seen.get("text"));
        if (seen.get("wide") instanceof Integer wide && wide > 0) {
          wrong.add(path + " is wider than the window by " + seen.get("wide"));
        }
        if (!locale.startsWith(String.valueOf(seen.get("lang")))) {
          wrong.add(path + " is in " + seen.get("lang"));
        }
        if (!Integer.valueOf(1).equals(seen.get("h1"))) {
          wrong.add(path + " has not one heading of level 1 but " + seen.get("h1"));
        }
        for (String hole : List.of("undefined", "NaN", "[object", "Infinity", "function")) {
          if (text.contains(hole)) {
            wrong.add(path + " says " + hole);
          }
        }
        if (text.contains("This page has met an error")) {
          wrong.add(path + " broke: " + text);
        }
      }
      assertThat(wrong).isEmpty();
    }
  }

  private static ColorScheme scheme(String name) {
    return name.equals("dark") ? ColorScheme.DARK : ColorScheme.LIGHT;
  }

  /// What a page asks for first was answered.
  static void settle(Page page) {
    page.waitForCondition(
        () -> page.locator("h1").count() == 1 && page.locator(".loading").count() == 0);
  }
}
