package io.relais.systemtests.api;

import static org.assertj.core.api.Assertions.assertThat;

import io.relais.systemtests.EmbeddedRelais;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/// The dashboard as the build made it and the admin listener serves it. What each kind of request
/// gets is tested where it is decided, beside `Dashboard`.
class DashboardTest {
  private static final Pattern ASSET = Pattern.compile("(?:src|href)=\"(/assets/[^\"]+)\"");
  private static final String[] BROWSER = {"Accept", "text/html,*/*;q=0.8"};

  private final EmbeddedRelais relais = EmbeddedRelais.start();
  private final Api nobody = new Api(relais.api());

  @AfterEach
  void close() {
    nobody.close();
    relais.close();
  }

  private static String header(Api.Answer answer, String name) {
    return answer.headers().firstValue(name).orElse("");
  }

  @Test
  void the_page_and_all_that_it_names_are_there_without_a_token() {
    Api.Answer page = nobody.get("/").is(200);

    assertThat(header(page, "Content-Type")).isEqualTo("text/html; charset=utf-8");
    assertThat(page.body()).containsIgnoringCase("<!doctype html>");
    List<String> named = new ArrayList<>();
    Matcher assets = ASSET.matcher(page.body());
    while (assets.find()) {
      named.add(assets.group(1));
      assertThat(header(nobody.get(assets.group(1)).is(200), "Cache-Control"))
          .contains("immutable");
    }
    assertThat(named).anyMatch(asset -> asset.endsWith(".js"));
  }

  @Test
  void nothing_in_the_page_breaks_its_own_policy() {
    Api.Answer page = nobody.get("/").is(200);

    assertThat(header(page, "Content-Security-Policy"))
        .contains("script-src 'self';", "ws://127.0.0.1:*");
    assertThat(page.body())
        .doesNotContainPattern("<script(?![^>]* src=\"/)")
        .doesNotContainPattern("<style|\\sstyle=|\\son[a-z]+=|https?://");
  }

  @Test
  void addresses_of_the_dashboard_are_the_page_and_those_of_the_api_are_not() {
    String page = nobody.get("/").body();

    assertThat(nobody.send("GET", "/clients/a%2Fb", null, BROWSER).is(200).body()).isEqualTo(page);
    nobody.send("GET", "/api/v1/nothing", null, BROWSER).is(401);
    nobody.send("GET", "/api/nothing", null, BROWSER).is(404);
    nobody.send("GET", "/assets/nothing.js", null, BROWSER).is(404);
    nobody.send("GET", "/health", null, BROWSER).is(404);
    nobody.send("GET", "/metrics", null, BROWSER).is(200);
    nobody.send("POST", "/clients", "{}", BROWSER).is(405);
  }

  @Test
  void answers_of_the_api_are_not_kept_nor_guessed_at() {
    Api api = Api.ready(relais);

    List<Api.Answer> answers =
        List.of(
            api.get("/api/v1/nodes").is(200),
            api.get("/api/v1/openapi.json").is(200),
            api.get("/api/v1/nothing").is(404),
            api.delete("/api/v1/session").is(204),
            nobody.get("/api/v1/nodes").is(401),
            nobody.get("/metrics").is(200),
            nobody.get("/health/ready").is(200));

    assertThat(answers)
        .allSatisfy(
            answer -> {
              assertThat(header(answer, "Cache-Control")).isEqualTo("no-store");
              assertThat(header(answer, "X-Content-Type-Options")).isEqualTo("nosniff");
            });
    api.close();
  }
}
