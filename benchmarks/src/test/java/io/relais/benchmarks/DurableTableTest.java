package io.relais.benchmarks;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;

/// The table of `benchmarks/durability`, from lines that the generator printed in real runs.
final class DurableTableTest {
  @Test
  void each_phase_has_its_own_time_latency_and_peak() throws IOException {
    List<Cell> cells = cells("queue-1", "queue-1-mosquitto.jsonl");

    Cell enqueue = cells.getFirst();
    Cell drain = cells.getLast();

    assertThat(cells).extracting(Cell::row).containsExactly("queue-1 enqueue", "queue-1 drain");
    assertThat(enqueue.seconds()).contains(new Spread(0.250, 0.250, 0.250));
    assertThat(enqueue.ackP99Micros()).isPresent();
    assertThat(drain.ackP99Micros()).isEmpty();
    assertThat(drain.rate()).isNotEqualTo(enqueue.rate());
    assertThat(drain.diskMiB()).isPresent();
    assertThat(drain.notes()).anyMatch(note -> note.matches("first message \\S+ ms after CONNECT"));
  }

  @Test
  void a_publish_row_has_the_time_to_the_acknowledgement_and_to_the_subscriber()
      throws IOException {
    Cell cell = cells("publish-w1", "publish-w1-mosquitto.jsonl").getFirst();

    String text = Table.ofDurability(List.of(cell)).text();

    assertThat(cell.ackP50Micros()).isPresent().isNotEqualTo(cell.latencyP50Micros());
    assertThat(text).contains("publish-w1  mosquitto", "ack p99 us", "rate:hivemq");
  }

  @Test
  void a_start_has_seconds_and_no_rate_and_one_that_finds_nothing_fails() throws IOException {
    Cell started = cells("start-stopped", "start-mosquitto.jsonl").getFirst();
    Cell empty = cells("start-killed", "start-killed-mosquitto.jsonl").getFirst();

    String text = Table.ofDurability(List.of(started, empty)).text();

    assertThat(started.failed()).isFalse();
    assertThat(started.seconds()).isPresent();
    assertThat(started.rate()).isEmpty();
    assertThat(empty.failures()).containsExactly("no session: 1");
    assertThat(text).contains("FAILED", "1 of 1 runs: no session: 1", "s of CPU");
  }

  @Test
  void the_head_is_measured_by_hand_only() {
    List<Scenario> catalogue = DurableLoad.QUICK.scenarios();

    List<String> usual =
        Scenario.choose(List.of("usual"), catalogue, DurableLoad.USUAL).stream()
            .map(Scenario::name)
            .toList();

    assertThat(usual).hasSize(DurableLoad.USUAL.size()).doesNotContain("head-long");
    assertThat(Scenario.choose(List.of("head"), catalogue, DurableLoad.USUAL)).hasSize(2);
    assertThatThrownBy(() -> Scenario.choose(List.of("p2p"), catalogue, DurableLoad.USUAL))
        .hasMessageContaining("publish-w1");
  }

  private static List<Cell> cells(String scenario, String file) throws IOException {
    Scenario found =
        Scenario.choose(List.of(scenario), DurableLoad.QUICK.scenarios(), DurableLoad.USUAL)
            .getFirst();
    List<Outcome> outcomes = List.of(Outcome.of(LoadReport.parse(recorded(file))));
    return found.phases().stream()
        .map(phase -> Cell.of(found, phase, "mosquitto", outcomes))
        .toList();
  }

  private static String recorded(String name) throws IOException {
    try (InputStream file = DurableTableTest.class.getResourceAsStream(name)) {
      byte[] bytes = Objects.requireNonNull(file, name).readAllBytes();
      return new String(bytes, StandardCharsets.UTF_8);
    }
  }
}
