package io.relais.systemtests.dashboard;

import static org.assertj.core.api.Assertions.assertThat;

import io.relais.protocol.ProtocolVersion;
import io.relais.systemtests.EmbeddedRelais;
import io.relais.systemtests.api.Api;
import io.relais.testkit.Clients;
import io.relais.testkit.MqttSocket;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/// Devices may call themselves anything. What they say stays text, and breaks no layout.
@ExtendWith(Chromium.class)
class HostileNamesTest {
  private static final String MARKUP = "<img src=x onerror=\"window.broken=1\"><b>bold</b>";
  private static final String TURNED =
      "\u202Ecod.exe \u05D0\u05D1\u05D2/\u0645\u0631\u062D\u0628\u0627";
  private static final String LONG = "long/" + "x".repeat(60_000);

  private final EmbeddedRelais relais = EmbeddedRelais.start();
  private final Clients clients = new Clients(relais);
  private final Api api = Api.ready(relais);

  @AfterEach
  void close() {
    api.close();
    clients.close();
    relais.close();
  }

  @Test
  void markup_turned_and_endless_names_are_shown_as_text_and_break_no_page() {
    List<String> ids = new ArrayList<>();
    for (String name : List.of(MARKUP, TURNED, LONG)) {
      MqttSocket client = clients.open(ProtocolVersion.MQTT_5);
      client.connect(name, how -> how.sessionExpiry(600).username(name));
      client.subscribe(name, 1);
      ids.add(name);
    }
    for (String name : List.of(MARKUP, TURNED, LONG)) {
      api.post(
              "/api/v1/publish",
              io.relais.api.Json.MAPPER.writeValueAsString(
                  java.util.Map.of("topic", name, "payload", name, "retain", true, "qos", 1)))
          .is(200);
    }
    api.post(
            "/api/v1/users",
            io.relais.api.Json.MAPPER.writeValueAsString(
                java.util.Map.of("username", MARKUP, "password", "a password")))
        .is(201);
    try (Visitor visitor = Visitor.of(relais).signedIn()) {
      List<String> pages =
          new ArrayList<>(
              List.of(
                  "/",
                  "/clients",
                  "/subscriptions",
                  "/topics",
                  "/topics?tab=filters",
                  "/retained",
                  "/users",
                  "/audit",
                  "/drops",
                  "/slow-subscribers",
                  "/explain?tab=messages"));
      ids.stream()
          .limit(2) // an address of 60,000 characters is beyond what a server takes
          .map(
              id -> "/clients/" + URLEncoder.encode(id, StandardCharsets.UTF_8).replace("+", "%20"))
          .forEach(pages::add);
      pages.add("/topics?topic=" + URLEncoder.encode(MARKUP, StandardCharsets.UTF_8));
      List<String> wrong = new ArrayList<>();

      for (String path : pages) {
        for (int width : new int[] {1_440, 360}) {
          visitor.page().setViewportSize(width, 800);
          visitor.turn(path);
          EveryPageTest.settle(visitor.page());
          Object wider =
              visitor.page().evaluate("document.documentElement.scrollWidth - innerWidth");
          Object injected =
              visitor
                  .page()
                  .evaluate(
                      "document.querySelectorAll('main img, main b').length + (window.broken ?? 0)");
          if (((Number) wider).intValue() > 0) {
            wrong.add(path + " is wider than " + width + " by " + wider);
          }
          if (!Integer.valueOf(0).equals(injected)) {
            wrong.add(path + " took markup for its own");
          }
        }
      }

      assertThat(wrong).isEmpty();
      visitor.turn("/clients");
      EveryPageTest.settle(visitor.page());
      assertThat(visitor.page().locator("main table").innerText())
          .contains("<img src=x onerror=")
          .doesNotContain("\u202E")
          .hasSizeLessThan(10_000);
    }
  }
}
