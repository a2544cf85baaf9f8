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
  void a_ratio_is_made_round_by_round_and_only_then_the_median() {
    List<Double> relais = List.of(1.0, 10.0, 6.0);
    List<Double> peer = List.of(2.0, 30.0, 4.0);

    assertThat(Spread.ofRatios(relais, peer).orElseThrow().median()).isEqualTo(0.5);
    assertThat(Spread.ofRatios(relais, peer).orElseThrow().min()).isCloseTo(1 / 3.0, within(1e-9));
    assertThat(Spread.ofRatios(relais, peer).orElseThrow().max()).isEqualTo(1.5);
    assertThat(Spread.of(relais).orElseThrow().median() / Spread.of(peer).orElseThrow().median())
        .isEqualTo(1.5);
  }

  @Test
  void there_is_no_ratio_where_a_round_is_missing_or_nothing_was_measured() {
    assertThat(Spread.ofRatios(List.of(1.0, 2.0), List.of(1.0))).isEmpty();
    assertThat(Spread.ofRatios(List.of(1.0), List.of(0.0))).isEmpty();
    assertThat(Spread.ofRatios(List.of(), List.of())).isEmpty();
  }

  @Test
  void a_cell_is_compared_with_others_of_its_row_and_not_with_itself() throws IOException {
    Cell mosquitto = cell("mosquitto", recorded("p2p-q1-mosquitto.jsonl"));
    Cell floor = cell("floor", recorded("p2p-q1-floor.jsonl"));

    List<Cell> cells = List.of(mosquitto, floor);

    double first = floor.cpusMicros().getFirst() / mosquitto.cpusMicros().getFirst();
    double second = floor.cpusMicros().getLast() / mosquitto.cpusMicros().getLast();
    assertThat(floor.cpuRatioTo(mosquitto).orElseThrow().median())
        .isCloseTo((first + second) / 2, within(1e-9));
    assertThat(floor.rateRatioTo(mosquitto).orElseThrow().min()).isGreaterThan(70);
    assertThat(Cell.reference(cells, floor, "mosquitto")).contains(mosquitto);
    assertThat(Cell.reference(cells, floor, "floor")).isEmpty();
  }

  @Test
  void who_is_ahead_is_the_peer_with_the_least_cpu_and_never_the_floor() throws IOException {
    Cell fast = cell("relais", costing(1));
    Cell slow = cell("relais", costing(5));
    Cell nats = cell("nats", costing(4));
    Cell hivemq = cell("hivemq", costing(2));
    Cell floor = cell("floor", costing(0.5));
    Cell failed = cell("mosquitto", List.of(new Outcome.Failed("lost", Optional.empty())));

    assertThat(fast.ahead(List.of(fast, nats, hivemq, floor))).contains(Cell.AHEAD);
    assertThat(slow.ahead(List.of(slow, nats, hivemq, floor))).contains("hivemq");
    assertThat(slow.ahead(List.of(slow, floor, failed))).isEmpty();
    assertThat(hivemq.ahead(List.of(slow, nats, hivemq))).isEmpty();
  }

  @Test
  void a_broker_that_lacks_something_is_left_out_and_the_row_says_what() throws IOException {
    Scenario exactlyOnce = Scenario.choose(List.of("p2p5-q2")).getFirst();
    Broker nats = new Broker.Nats("nats-server");

    List<Cell> cells = SideBySide.cells(List.of(P2P, exactlyOnce), List.of(nats), List.of());

    assertThat(cells).hasSize(1);
    assertThat(cells.getFirst().failed()).isFalse();
    assertThat(Table.of(cells).text()).contains("left out: no MQTT 5, QoS 2");
  }

  @Test
  void every_other_round_goes_the_other_way() {
    Broker first = new Broker.Nats("nats-server");
    Broker second = new Broker.Mosquitto("mosquitto", Broker.Mosquitto.IN_MEMORY);

    assertThat(SideBySide.inRound(1, List.of(first, second))).containsExactly(first, second);
    assertThat(SideBySide.inRound(2, List.of(first, second))).containsExactly(second, first);
    assertThat(SideBySide.inRound(3, List.of(first, second))).containsExactly(first, second);
  }

  @Test
  void all_stands_for_every_broker_once() {
    Options some = Options.parse(List.of("--brokers", "nats,all"));

    assertThat(some.brokers())
        .containsExactlyInAnyOrderElementsOf(Bench.SIDE_BY_SIDE)
        .startsWith("nats");
    assertThat(Options.parse(List.of()).brokers()).containsExactly("relais", "mosquitto", "floor");
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
        .endsWith("0    0  -");
    assertThat(text.lines().toList().get(2)).startsWith("          floor").contains("0.012", " - ");
  }

  @Test
  void the_result_file_carries_the_generators_lines_unchanged() throws IOException {
    Outcome lost = recorded("fanin-q1-loss.jsonl").getFirst();
    List<SideBySide.Run> runs = List.of(new SideBySide.Run(FAN_IN, "mosquitto", 1, lost));
    Machine machine = new Machine("a \"CPU\"", 2, "1 kB", "Linux", "0", "25", Instant.EPOCH, "abc");
    Options options = Options.parse(List.of());

    Cell cell = Cell.of(FAN_IN, FAN_IN.phases().getFirst(), "mosquitto", List.of(lost));
    Cell good = Cell.of(FAN_IN, FAN_IN.phases().getFirst(), "relais", costing(2));
    String text =
        new ResultFile(machine, options, Map.of("mosquitto", "2"), List.of(cell, good), runs)
            .text();

    assertThat(text)
        .contains("\"processor\":\"a \\\"CPU\\\"\"", "\"failed\":true", "\"rate\":null")
        .contains("\"ratios\":{\"mosquitto\":{\"cpu\":null,\"rate\":null}}")
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

  /// A run that took as many microseconds of CPU for each message.
  private static List<Outcome> costing(double micros) throws IOException {
    String line =
        lines("p2p-q1-floor.jsonl")
            .getFirst()
            .replaceAll("(cpu_us_per_recv\":)[0-9.]+", "$1%.3f".formatted(micros));
    return List.of(Outcome.of(LoadReport.parse(line)));
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
