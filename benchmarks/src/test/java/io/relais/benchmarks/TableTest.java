package io.relais.benchmarks;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/// The arithmetic of the table, from lines that the generator printed in real runs.
final class TableTest {
  private static final Scenario P2P = Scenario.choose(List.of("p2p-q1")).getFirst();
  private static final Scenario FAN_IN = Scenario.choose(List.of("fanin-q1")).getFirst();
  private static final Scenario RETAINED = Scenario.choose(List.of("retained50k")).getFirst();

  @Test
  void a_median_is_the_middle_value_or_the_mean_of_the_two_middle_ones() {
    List<Double> odd = List.of(5.0, 1.0, 3.0);
    List<Double> even = List.of(8.0, 1.0, 2.0, 4.0);

    assertThat(Spread.of(odd)).contains(new Spread(3, 1, 5));
    assertThat(Spread.of(even)).contains(new Spread(3, 1, 8));
    assertThat(Spread.of(List.of())).isEmpty();
  }

  @Test
  void a_cell_has_the_median_and_the_range_of_its_runs() throws IOException {
    List<Outcome> outcomes = recorded("p2p-q1-mosquitto.jsonl");

    Cell cell = Cell.of(P2P, P2P.phases().getFirst(), "mosquitto", outcomes);

    assertThat(cell.failed()).isFalse();
    assertThat(cell.rate()).contains(new Spread(41184.5, 40620, 41749));
    assertThat(cell.cpuMicros().orElseThrow().median()).isCloseTo(24.2205, within(1e-9));
    assertThat(cell.residentMiB().orElseThrow().max()).isCloseTo(8860 / 1024.0, within(1e-9));
    assertThat(cell.latencyP99Micros().orElseThrow().min()).isEqualTo(31064.1);
  }

  @Test
  void a_ratio_is_that_of_the_medians_and_not_given_to_itself() throws IOException {
    Cell mosquitto = cell("mosquitto", recorded("p2p-q1-mosquitto.jsonl"));
    Cell floor = cell("floor", recorded("p2p-q1-floor.jsonl"));

    List<Cell> cells = List.of(mosquitto, floor);

    assertThat(floor.cpuRatioTo(mosquitto).orElseThrow()).isCloseTo(0.290 / 24.2205, within(1e-9));
    assertThat(floor.rateRatioTo(mosquitto).orElseThrow())
        .isCloseTo(3291062.5 / 41184.5, within(1e-9));
    assertThat(Cell.reference(cells, floor, "mosquitto")).contains(mosquitto);
    assertThat(Cell.reference(cells, floor, "floor")).isEmpty();
  }

  @Test
  void loss_at_qos_1_fails_the_cell_and_is_never_averaged_away() throws IOException {
    List<Outcome> outcomes = new ArrayList<>(recorded("fanin-q1-loss.jsonl"));
    outcomes.add(outcomes.getFirst());
    outcomes.addAll(recorded("p2p-q1-mosquitto.jsonl"));
    Cell good = cell("floor", recorded("p2p-q1-floor.jsonl"));

    Cell cell = Cell.of(FAN_IN, FAN_IN.phases().getFirst(), "mosquitto", outcomes);

    assertThat(cell.failed()).isTrue();
    assertThat(cell.rate()).isEmpty();
    assertThat(cell.cpuRatioTo(good)).isEmpty();
    assertThat(good.cpuRatioTo(cell)).isEmpty();
    assertThat(cell.lost()).isEqualTo(2 * 9054);
    assertThat(Table.of(List.of(cell)).text())
        .contains("FAILED", "2 of 4 runs: lost 9054 of 28797 at QoS 1");
  }

  @Test
  void loss_at_qos_0_is_shown_and_does_not_fail() throws IOException {
    String line = lines("fanin-q1-loss.jsonl").getFirst().replace("\"qos\":1", "\"qos\":0");

    Cell cell = cell("mosquitto", List.of(Outcome.of(LoadReport.parse(line))));

    assertThat(cell.failed()).isFalse();
    assertThat(cell.lost()).isEqualTo(9054);
    assertThat(cell.notes()).containsExactly("stalled: 83");
  }

  @Test
  void a_duplicate_fails_at_qos_2_only() throws IOException {
    String line = lines("p2p-q1-floor.jsonl").getFirst().replace("\"dup\":0", "\"dup\":7");

    Outcome once = Outcome.of(LoadReport.parse(line.replace("\"qos\":1", "\"qos\":2")));
    Outcome atLeastOnce = Outcome.of(LoadReport.parse(line));

    assertThat(once).isInstanceOf(Outcome.Failed.class);
    assertThat(atLeastOnce).isInstanceOf(Outcome.Measured.class);
    assertThat(cell("floor", List.of(atLeastOnce)).duplicated()).isEqualTo(7);
  }

  @Test
  void a_run_without_a_report_fails_its_cell() throws IOException {
    List<Outcome> outcomes = new ArrayList<>(recorded("p2p-q1-floor.jsonl"));
    outcomes.add(new Outcome.Failed("not done after 95 s", Optional.empty()));

    Cell cell = cell("floor", outcomes);

    assertThat(cell.failures()).containsExactly("not done after 95 s");
    assertThat(cell.rate()).isEmpty();
  }

  @Test
  void a_figure_of_zero_counts_as_not_measured() throws IOException {
    String line =
        lines("p2p-q1-floor.jsonl").getFirst().replaceAll("(cpu_us_per_recv\":)[0-9.]+", "$10.000");

    Cell cell = cell("against", List.of(Outcome.of(LoadReport.parse(line))));

    assertThat(cell.cpuMicros()).isEmpty();
    assertThat(cell.rate()).isPresent();
  }

  @Test
  void each_phase_of_a_scenario_is_a_row() throws IOException {
    List<SideBySide.Run> runs =
        recorded("retained50k-mosquitto.jsonl").stream()
            .map(outcome -> new SideBySide.Run(RETAINED, "mosquitto", 1, outcome))
            .toList();

    List<Cell> cells =
        SideBySide.cells(
            List.of(RETAINED),
            List.of(new Broker.Mosquitto("mosquitto", Broker.Mosquitto.IN_MEMORY)),
            runs);

    assertThat(cells)
        .extracting(Cell::row)
        .containsExactly("retained50k store", "retained50k deliver");
    assertThat(cells.getFirst().rate()).isNotEqualTo(cells.getLast().rate());
  }

  @Test
  void the_table_aligns_its_columns_and_says_dash_where_there_is_nothing() throws IOException {
    Cell mosquitto = cell("mosquitto", recorded("p2p-q1-mosquitto.jsonl"));
    Cell floor = cell("floor", recorded("p2p-q1-floor.jsonl"));

    String text = Table.of(List.of(mosquitto, floor)).text();

    assertThat(text.lines()).hasSize(3);
    assertThat(text.lines().toList().get(1))
        .startsWith("p2p-q1    mosquitto")
        .contains("41,185 (40,620-41,749)", "24.2 (23.9-24.5)")
        .endsWith("0    0");
    assertThat(text.lines().toList().get(2)).startsWith("          floor").contains("0.012", " - ");
  }

  @Test
  void the_result_file_carries_the_generators_lines_unchanged() throws IOException {
    Outcome lost = recorded("fanin-q1-loss.jsonl").getFirst();
    List<SideBySide.Run> runs = List.of(new SideBySide.Run(FAN_IN, "mosquitto", 1, lost));
    Machine machine = new Machine("a \"CPU\"", 2, "1 kB", "Linux", "0", "25", Instant.EPOCH, "abc");
    Options options = Options.parse(List.of());

    Cell cell = Cell.of(FAN_IN, FAN_IN.phases().getFirst(), "mosquitto", List.of(lost));
    String text =
        new ResultFile(machine, options, Map.of("mosquitto", "2"), List.of(cell), runs).text();

    assertThat(text)
        .contains("\"processor\":\"a \\\"CPU\\\"\"", "\"failed\":true", "\"rate\":null")
        .contains(lines("fanin-q1-loss.jsonl").getFirst());
  }

  @Test
  void what_is_not_a_report_is_refused_with_what_was_printed() {
    assertThatThrownBy(() -> LoadReport.parse("usage: mqttload"))
        .hasMessageContaining("one line of JSON")
        .hasMessageContaining("usage: mqttload");
    assertThatThrownBy(() -> LoadReport.parse("{\"scenario\":\"p2p\"}").number("lost"))
        .hasMessageContaining("no number 'lost'");
  }

  @Test
  void scenarios_are_chosen_by_name_family_usual_or_all() {
    List<String> family = Scenario.choose(List.of("p2p")).stream().map(Scenario::name).toList();
    List<Scenario> usual = Scenario.choose(List.of("usual"));

    assertThat(family).containsExactly("p2p-q0", "p2p-q1", "p2p-q2");
    assertThat(usual).hasSize(9);
    assertThat(Scenario.choose(List.of("offline")).stream().map(Scenario::name))
        .containsExactly("offline");
    assertThatThrownBy(() -> Scenario.choose(List.of("p3p"))).hasMessageContaining("p2p-q0");
  }

  @Test
  void a_wrong_command_line_is_told_what_would_be_right() {
    assertThatThrownBy(() -> Options.parse(List.of("--rounds", "0")))
        .hasMessageContaining("between 1");
    assertThatThrownBy(() -> Options.parse(List.of("--rounds"))).hasMessageContaining("a value");
    assertThatThrownBy(() -> Options.parse(List.of("--fast"))).hasMessageContaining("--help");
    assertThatThrownBy(() -> Bench.standing("8.8.8.8:1883", Options.parse(List.of()).againstPid()))
        .hasMessageContaining("loopback");
  }

  private static Cell cell(String broker, List<Outcome> outcomes) {
    return Cell.of(P2P, P2P.phases().getFirst(), broker, outcomes);
  }

  private static List<Outcome> recorded(String name) throws IOException {
    return lines(name).stream().map(LoadReport::parse).map(Outcome::of).toList();
  }

  private static List<String> lines(String name) throws IOException {
    try (InputStream file = TableTest.class.getResourceAsStream(name)) {
      byte[] bytes = Objects.requireNonNull(file, name).readAllBytes();
      return new String(bytes, StandardCharsets.UTF_8).lines().toList();
    }
  }
}
