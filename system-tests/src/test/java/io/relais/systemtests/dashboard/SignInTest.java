package io.relais.systemtests.dashboard;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;

import io.relais.systemtests.EmbeddedRelais;
import io.relais.systemtests.api.Api;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/// From a fresh node to a session of one's own, and out of it again.
@ExtendWith(Chromium.class)
class SignInTest {
  private final EmbeddedRelais relais = EmbeddedRelais.start();

  @AfterEach
  void close() {
    relais.close();
  }

  @Test
  void the_first_sign_in_leads_to_a_password_of_ones_own() {
    try (Visitor visitor = Visitor.of(relais).expecting(fault -> fault.contains("status of 401"))) {
      visitor.go("/").signIn("admin", "public");
      assertThat(visitor.heading("Choose a password")).isVisible();

      visitor.page().getByLabel("Current password").fill("public");
      visitor.page().getByLabel("New password", exact()).fill("correct horse");
      visitor.page().getByLabel("New password again").fill("correct horse");
      visitor.button("Change password").click();

      assertThat(visitor.heading("Overview")).isVisible();
      assertThat(visitor.page().locator(".live")).containsText("Live");
    }
    try (Visitor again = Visitor.of(relais).expecting(fault -> fault.contains("status of 401"))) {
      again.go("/").signIn("admin", "public");
      assertThat(again.page().getByRole(com.microsoft.playwright.options.AriaRole.ALERT))
          .containsText("is wrong");

      again.signIn("admin", "correct horse");

      assertThat(again.heading("Overview")).isVisible();
    }
  }

  @Test
  void a_password_that_the_node_refuses_is_said_at_its_field() {
    try (Visitor visitor = Visitor.of(relais).expecting(fault -> fault.contains("status of 400"))) {
      visitor.go("/").signIn("admin", "public");
      visitor.page().getByLabel("Current password").fill("public");
      visitor.page().getByLabel("New password", exact()).fill("short");
      visitor.page().getByLabel("New password again").fill("short");

      visitor.button("Change password").click();

      assertThat(visitor.page().getByLabel("New password", exact()))
          .hasAttribute("aria-invalid", "true");
      assertThat(visitor.page().locator(".field-error")).containsText("8");
    }
  }

  @Test
  void a_token_that_ends_leads_to_the_sign_in_and_back_to_the_same_place() {
    try (Api api = Api.ready(relais);
        Visitor visitor = Visitor.of(relais).expecting(fault -> fault.contains("status of 401"))) {
      visitor.signedIn().go("/clients?filter=boiler");
      assertThat(visitor.heading("Clients")).isVisible();
      String token =
          (String)
              visitor.page().evaluate("JSON.parse(sessionStorage.getItem('relais.session')).token");

      api.as(token).delete("/api/v1/session").is(204);

      assertThat(visitor.page().getByText("Your session was over")).isVisible();
      visitor.signIn("admin", Api.PASSWORD);
      assertThat(visitor.heading("Clients")).isVisible();
      assertThat(visitor.page()).hasURL(Pattern.compile("/clients\\?filter=boiler$"));
    }
  }

  @Test
  void who_signs_out_is_out_in_every_tab() {
    try (Api api = Api.ready(relais);
        Visitor visitor = Visitor.of(relais).expecting(fault -> fault.contains("status of 401"))) {
      visitor.signedIn();
      var second = visitor.page().context().newPage();
      second.navigate("/listeners");
      assertThat(second.locator("#content")).isVisible(); // of itself: the other tab was asked

      visitor.button("Account").click();
      visitor.button("Sign out").click();

      assertThat(visitor.heading("Sign in")).isVisible();
      assertThat(second.locator("button[type=submit]")).isVisible();
      api.get("/api/v1/nodes").is(200); // another session is another's
    }
  }

  private static com.microsoft.playwright.Page.GetByLabelOptions exact() {
    return new com.microsoft.playwright.Page.GetByLabelOptions().setExact(true);
  }
}
