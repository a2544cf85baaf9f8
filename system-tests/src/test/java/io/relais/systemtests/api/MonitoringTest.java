package io.relais.systemtests.api;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.relais.api.Json;
import io.relais.systemtests.EmbeddedRelais;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/// Metrics as Prometheus reads them, and the files for it and for Grafana that come with Relais.
class MonitoringTest {
  private static final Path MONITORING = Path.of("..", "monitoring").toAbsolutePath().normalize();
  private static final Pattern METRIC = Pattern.compile("\\brelais_[a-z_]+");

  @TempDir private Path folder;

  private static String metrics() {
    try (EmbeddedRelais relais = EmbeddedRelais.start();
        Api api = new Api(relais.api())) {
      return api.get("/metrics").is(200).body();
    }
  }

  private String promtool(Path input, String... arguments)
      throws IOException, InterruptedException {
    Path said = folder.resolve("said");
    List<String> command = new java.util.ArrayList<>(List.of("promtool"));
    command.addAll(List.of(arguments));
    Process process =
        new ProcessBuilder(command)
            .redirectInput(input.toFile())
            .redirectErrorStream(true)
            .redirectOutput(said.toFile())
            .start();
    assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
    String output = Files.readString(said);
    assertThat(process.exitValue()).as(output).isZero();
    return output;
  }

  @Test
  void promtool_finds_nothing_wrong_with_the_metrics_and_the_alert_rules() throws Exception {
    Path scraped = Files.writeString(folder.resolve("metrics"), metrics());

    assertThat(promtool(scraped, "check", "metrics")).isEmpty();
    Path rules = MONITORING.resolve("prometheus-alerts.yml");
    assertThat(promtool(rules, "check", "rules", rules.toString())).contains("9 rules found");
  }

  @Test
  void each_metric_that_rules_and_dashboard_ask_for_is_there() throws IOException {
    Set<String> there = new HashSet<>();
    metrics().lines().filter(line -> !line.startsWith("#")).forEach(line -> names(line, there));
    Set<String> asked = new HashSet<>();
    names(Files.readString(MONITORING.resolve("prometheus-alerts.yml"), UTF_8), asked);
    String dashboard = Files.readString(MONITORING.resolve("grafana-dashboard.json"), UTF_8);
    names(dashboard, asked);
    JsonNode panels = Json.MAPPER.readTree(dashboard).get("panels");

    assertThat(asked).hasSizeGreaterThan(15);
    assertThat(there).containsAll(asked);
    assertThat(panels).hasSize(10);
    Set<Integer> ids = new HashSet<>();
    for (JsonNode panel : panels) {
      assertThat(ids.add(panel.get("id").intValue())).isTrue();
      assertThat(panel.get("targets")).isNotEmpty();
    }
  }

  private static void names(String text, Set<String> to) {
    Matcher found = METRIC.matcher(text);
    while (found.find()) {
      to.add(found.group());
    }
  }
}
