package io.relais.systemtests.dashboard;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;

import com.microsoft.playwright.Locator;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.options.AriaRole;
import io.relais.protocol.Packet;
import io.relais.protocol.ProtocolVersion;
import io.relais.protocol.ReasonCode;
import io.relais.systemtests.EmbeddedRelais;
import io.relais.systemtests.api.Api;
import io.relais.testkit.Clients;
import io.relais.testkit.MqttSocket;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/// What people come to the dashboard for, from the first click to what it changed.
@ExtendWith(Chromium.class)
class JourneysTest {
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
  void a_client_is_found_by_typing_and_cut_off() {
    MqttSocket rogue = clients.open(ProtocolVersion.MQTT_5);
    rogue.connect("pump-13");
    for (int i = 0; i < 3; i++) {
      clients.open(ProtocolVersion.MQTT_5).connect("boiler-" + i);
    }
    // Its page asks for the client once more, which is gone.
    try (Visitor visitor =
        Visitor.of(relais).expecting(fault -> fault.contains("status of 404")).signedIn()) {
      Page page = visitor.page();
      page.keyboard().press("/");
      visitor.dialog().getByRole(AriaRole.COMBOBOX).fill("PUMP");
      assertThat(visitor.dialog().getByText("Client pump-13")).isVisible();
      visitor.dialog().getByText("Client pump-13").click();
      assertThat(page).hasURL(Pattern.compile("/clients/pump-13$"));
      assertThat(page.locator("main")).containsText("connected");

      visitor.button("Disconnect").click();
      assertThat(visitor.dialog()).containsText("pump-13");
      visitor.dialog().getByRole(AriaRole.BUTTON, named("Disconnect")).click();

      rogue.expectRefused(ReasonCode.ADMINISTRATIVE_ACTION);
      assertThat(visitor.dialog()).hasCount(0);
      visitor.turn("/clients");
      Locator table = page.getByRole(AriaRole.TABLE);
      assertThat(table).containsText("boiler-2");
      assertThat(table).not().containsText("pump-13");
    }
  }

  @Test
  void a_topic_is_followed_and_its_chart_moves() {
    try (Visitor visitor = Visitor.of(relais).signedIn()) {
      Page page = visitor.page();
      visitor.turn("/topics");
      assertThat(page.locator("main")).containsText("Listening");
      MqttSocket boiler = clients.connected(ProtocolVersion.MQTT_5);

      boiler.publish("plant/boiler/state", "{\"temperature\": 21.5, \"running\": true}", 0);

      Locator rows = page.getByRole(AriaRole.TREEGRID).or(page.getByRole(AriaRole.TREE));
      rows.getByText("state", exact()).click();
      assertThat(page.locator(".topics-panel")).containsText("21.5");
      boiler.publish("plant/boiler/state", "{\"temperature\": 42.25, \"running\": false}", 0);
      assertThat(page.locator(".topics-panel .chart"))
          .hasAttribute(
              "aria-label", Pattern.compile("temperature: now 42.25, between 21.5 and 42.25"));
      boiler.publish("plant/boiler/state", "{\"temperature\": 17, \"running\": false}", 0);
      assertThat(page.locator(".topics-panel .chart"))
          .hasAttribute("aria-label", Pattern.compile("temperature: now 17, between 17 and "));
    }
  }

  @Test
  void a_rule_is_tried_before_it_is_saved_and_changes_what_explain_says() {
    MqttSocket panel = clients.open(ProtocolVersion.MQTT_5);
    panel.connect("panel-1");
    panel.subscribe("plant/#", 1);
    try (Visitor visitor = Visitor.of(relais).signedIn()) {
      Page page = visitor.page();
      visitor.turn("/explain?topic=plant%2Fboiler");
      assertThat(page.locator("main")).containsText("It would be delivered.");

      visitor.turn("/authorization");
      visitor.button("Add rule").click();
      visitor.dialog().getByLabel("Effect").selectOption("deny");
      visitor.dialog().getByLabel("Action").selectOption("all");
      visitor.dialog().getByLabel("Topic filter").fill("plant/#");
      visitor.dialog().locator("button[type=submit]").click();

      assertThat(page.locator("main")).containsText("1 would be refused");
      assertThat(page.getByRole(AriaRole.TABLE)).containsText("panel-1");
      api.post("/api/v1/explain/publish", Api.json("{'topic': 'plant/boiler'}")).is(200);
      assertThat(page.locator(".draft-bar")).isVisible();
      visitor.button("Save…").click();
      visitor.dialog().getByRole(AriaRole.BUTTON, named("Save the rules")).click();
      assertThat(page.locator(".draft-bar")).hasCount(0);
      assertThat(visitor.dialog()).hasCount(0);
      visitor.turn("/explain?topic=plant%2Fboiler");
      assertThat(page.locator("main")).containsText("It would be refused.");
      assertThat(page.locator("main")).containsText("rule 1 of 1 decides");
    }
  }

  @Test
  void what_is_recorded_stays_when_it_is_stopped_and_what_is_retained_goes_when_confirmed() {
    MqttSocket boiler = clients.open(ProtocolVersion.MQTT_5);
    boiler.connect("boiler");
    try (Visitor visitor = Visitor.of(relais).signedIn()) {
      Page page = visitor.page();
      visitor.turn("/traces?clientId=boiler");
      visitor.dialog().getByLabel("Name").fill("monday");
      visitor.dialog().locator("button[type=submit]").click();
      assertThat(visitor.dialog()).hasCount(0);
      assertThat(page.getByRole(AriaRole.TABLE)).containsText("running");
      boiler.publishRetained("plant/1", "x", 1);
      boiler.publishRetained("plant/2", "x", 1);
      boiler.publishRetained("office/1", "x", 1);

      visitor.turn("/retained?filter=plant%2F%23");
      visitor.button("Remove all…").click();
      assertThat(visitor.dialog()).containsText("2 retained messages that plant/# takes in");
      visitor.dialog().getByRole(AriaRole.BUTTON, named("Remove")).click();

      assertThat(page.locator("main")).containsText("Nothing is retained");
      visitor.turn("/retained");
      assertThat(page.getByRole(AriaRole.TABLE)).containsText("office/1");
      visitor.turn("/traces");
      visitor.button("Stop monday").click();
      assertThat(page.getByRole(AriaRole.TABLE)).containsText("stopped");
      page.locator("main table").getByText("monday", exact()).click();
      assertThat(page.locator("main")).containsText("PUBLISH");
    }
  }

  @Test
  void a_message_is_published_and_received_in_the_page() {
    MqttSocket other = clients.connected(ProtocolVersion.MQTT_5);
    other.subscribe("plant/#", 0);
    try (Visitor visitor = Visitor.of(relais).signedIn()) {
      Page page = visitor.page();
      visitor.turn("/websocket");
      visitor.button("Connect").click();
      assertThat(page.locator(".ws-title")).containsText("Connected");

      page.getByLabel("Topic filter").fill("plant/#");
      visitor.button("Subscribe").click();
      assertThat(page.locator(".ws-subscription")).containsText("granted");
      page.getByLabel("Topic", new Page.GetByLabelOptions().setExact(true)).fill("plant/boiler");
      page.getByLabel("Payload", new Page.GetByLabelOptions().setExact(true)).fill("{\"v\": 21.5}");
      visitor.button("Publish").click();

      Packet.Publish received = other.expect(Packet.Publish.class);
      org.assertj.core.api.Assertions.assertThat(MqttSocket.text(received))
          .isEqualTo("{\"v\": 21.5}");
      assertThat(page.locator(".ws-topic").first()).containsText("plant/boiler");
      visitor.turn("/");
      visitor.turn("/websocket"); // nothing is lost by looking at another page
      assertThat(page.locator(".ws-title")).containsText("Connected");
      assertThat(page.locator(".ws-topic").first()).containsText("plant/boiler");
    }
  }

  private static Locator.GetByRoleOptions named(String name) {
    return new Locator.GetByRoleOptions().setName(name).setExact(true);
  }

  private static Locator.GetByTextOptions exact() {
    return new Locator.GetByTextOptions().setExact(true);
  }
}
