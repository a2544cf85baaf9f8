package io.relais.benchmarks;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.relais.benchmarks.Growth.Column;
import io.relais.benchmarks.Growth.Load;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import org.junit.jupiter.api.Test;

/// The arithmetic of `benchmarks/scale`: sizes, growth, slopes, and what stands beside a failure.
final class ScaleTest {
  private static final Growth FANOUT = Growth.choose(List.of("fanout")).getFirst();
  private static final Growth CONNECTIONS = Growth.choose(List.of("connections")).getFirst();
  private static final Growth SLOW = Growth.choose(List.of("slow")).getFirst();

  private static final Column CPU =
      FANOUT.columns().stream().filter(c -> c.growth().isPresent()).findFirst().orElseThrow();

  @Test
  void quick_sizes_are_a_tenth_and_none_comes_twice() {
    Growth sessions = Growth.choose(List.of("sessions")).getFirst();
    Growth payload = Growth.choose(List.of("payload")).getFirst();

    assertThat(FANOUT.sizes(false, 10)).containsExactly(1, 10, 100, 1_000, 10_000);
    assertThat(FANOUT.sizes(true, 10)).containsExactly(1, 10, 100, 1_000);
    assertThat(FANOUT.sizes(true, 2)).containsExactly(1, 10);
    assertThat(sessions.sizes(true, 10)).containsExactly(0, 100, 500, 1_500);
    assertThat(payload.sizes(true, 10)).isEqualTo(payload.sizes());
  }

  @Test
  void growth_is_the_median_cost_over_that_of_the_smallest_size_of_the_same_broker() {
    Point small = fanout(1, "relais", measured(2.0, 0), measured(4.0, 0), measured(3.0, 0));
    Point large = fanout(10, "relais", measured(6.0, 0), measured(7.5, 0), measured(9.0, 0));
    Point other = fanout(1, "mosquitto", measured(50.0, 0));

    List<Point> points = List.of(other, small, large);

    assertThat(small.growth(CPU, points)).hasValue(1);
    assertThat(large.growth(CPU, points).orElseThrow()).isCloseTo(2.5, within(1e-9));
    assertThat(other.growth(CPU, points)).hasValue(1);
  }

  @Test
  void growth_beside_a_stalled_subscriber_is_measured_against_the_same_load() {
    List<Load> loads = SLOW.loads().apply(10);
    List<Load> larger = SLOW.loads().apply(100);
    Point alone = new Point(SLOW, 10, loads.getFirst(), "relais", List.of(measured(1.0, 0)));
    Point stalled = new Point(SLOW, 10, loads.getLast(), "relais", List.of(measured(4.0, 0)));
    Point more = new Point(SLOW, 100, larger.getLast(), "relais", List.of(measured(6.0, 0)));

    List<Point> points = List.of(alone, stalled, more);

    assertThat(more.growth(CPU, points)).hasValue(1.5);
    assertThat(stalled.remarks(points)).contains("rate 1.00 of that without");
    assertThat(alone.remarks(points)).isEmpty();
  }

  @Test
  void a_failed_run_leaves_the_point_without_figures_and_is_told() {
    Point small = fanout(1, "relais", measured(2.0, 0));
    Point large = fanout(10, "relais", measured(3.0, 0), measured(3.0, 7));

    List<Point> points = List.of(small, large);
    String text = new GrowthText(FANOUT, points).text();

    assertThat(large.failed()).isTrue();
    assertThat(large.growth(CPU, points)).isEmpty();
    assertThat(text).contains("FAILED", "1 of 2 runs: lost 7 of 1000 at QoS 1");
  }

  @Test
  void a_cost_without_a_smallest_size_has_no_growth() {
    Point small = fanout(1, "relais", new Outcome.Failed("no", Optional.empty()));
    Point large = fanout(10, "relais", measured(3.0, 0));

    OptionalDouble growth = large.growth(CPU, List.of(small, large));

    assertThat(growth).isEmpty();
  }

  @Test
  void a_slope_leaves_out_what_the_start_takes_and_goes_on_straight() {
    Point small = connections(1_000, 110_000, 1.0);
    Point large = connections(11_000, 160_000, 11.0);

    Slope slope = Slope.of(small, large, report -> report.positive("rss_idle_kb")).orElseThrow();

    assertThat(slope.perEach()).isCloseTo(5, within(1e-9));
    assertThat(slope.at(11_000)).isCloseTo(160_000, within(1e-6));
    assertThat(slope.at(1_000_000)).isCloseTo(5_105_000, within(1e-6));
    assertThat(Slope.of(large, small, report -> report.positive("rss_idle_kb"))).isEmpty();
    assertThat(Slope.of(small, large, report -> report.positive("no_such"))).isEmpty();
  }

  @Test
  void what_a_million_connections_would_take_is_marked_as_computed() {
    List<Point> points =
        List.of(connections(1_000, 110_000, 1.0), connections(11_000, 160_000, 11.0));

    String text = new GrowthText(CONNECTIONS, points).text();

    assertThat(text)
        .contains(
            "relais: 5,120 bytes resident for each further idle connection, from 1,000 to 11,000")
        .contains("relais: computed from that, not measured: 1,000,000 of them take 4.87 GiB")
        .contains("and 1.00 s of CPU a second");
  }

  @Test
  void nothing_is_computed_from_memory_that_did_not_grow() {
    List<Point> points = List.of(connections(100, 125_300, 7.1), connections(500, 125_000, 12.5));

    String text = new GrowthText(CONNECTIONS, points).text();

    assertThat(text)
        .contains("relais: resident memory does not grow from 100 to 500")
        .doesNotContain("computed", "bytes resident");
  }

  @Test
  void the_window_is_one_for_all_numbers_of_subscribers_and_shrinks_with_the_payload() {
    Growth payload = Growth.choose(List.of("payload")).getFirst();

    for (int subscribers : FANOUT.sizes()) {
      assertThat(options(FANOUT, subscribers)).containsSubsequence("-E", "10");
    }
    assertThat(options(payload, 16)).containsSubsequence("-w", "100", "-E", "100");
    assertThat(options(payload, 65_536)).containsSubsequence("-w", "100", "-E", "100");
    assertThat(options(payload, 16 << 20)).containsSubsequence("-w", "1", "-E", "1");
  }

  @Test
  void a_wrong_word_is_answered_with_the_right_ones() {
    ScaleOptions options =
        ScaleOptions.parse(List.of("--kinds", "slow,levels", "--quick", "--sizes", "2"));

    assertThat(options.kinds()).extracting(Growth::name).containsExactly("levels", "slow");
    assertThat(options.quick()).isTrue();
    assertThatThrownBy(() -> ScaleOptions.parse(List.of("--kinds", "fast")))
        .isInstanceOf(UsageError.class)
        .hasMessageContaining("connections, subscriptions");
    assertThatThrownBy(() -> ScaleOptions.parse(List.of("--sizes", "0")))
        .isInstanceOf(UsageError.class);
  }

  private static List<String> options(Growth kind, int size) {
    return kind.loads().apply(size).getFirst().scenario().options();
  }

  private static Point fanout(int size, String broker, Outcome... outcomes) {
    Load load = FANOUT.loads().apply(size).getFirst();
    return new Point(FANOUT, size, load, broker, List.of(outcomes));
  }

  private static Point connections(int size, long residentKiB, double idleMillis) {
    Load load = CONNECTIONS.loads().apply(size).getFirst();
    String more =
        ",\"rss_idle_kb\":%d,\"hold_cpu_ms_per_s\":%.1f".formatted(residentKiB, idleMillis);
    return new Point(CONNECTIONS, size, load, "relais", List.of(outcome(1.0, 0, more)));
  }

  private static Outcome measured(double cpuMicros, int lost) {
    return outcome(cpuMicros, lost, "");
  }

  private static Outcome outcome(double cpuMicros, int lost, String more) {
    List<String> zero = new ArrayList<>();
    for (String name : List.of("dup", "bad", "misrouted", "nack", "disconnects", "no_session")) {
      zero.add("\"" + name + "\":0");
    }
    return Outcome.of(
        LoadReport.parse(
            "{\"scenario\":\"fanout\",\"qos\":1,\"expected\":1000,\"lost\":%d,\"received\":%d,%s,\"recv_per_s\":500,\"cpu_us_per_recv\":%.3f%s}"
                .formatted(lost, 1000 - lost, String.join(",", zero), cpuMicros, more)));
  }
}
