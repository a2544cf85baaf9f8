package io.relais.benchmarks;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.relais.benchmarks.DashboardLoad.Asked;
import io.relais.benchmarks.DashboardLoad.Look;
import io.relais.benchmarks.DashboardLoad.Part;
import java.util.List;
import org.junit.jupiter.api.Test;

/// The command line and the arithmetic of `benchmarks/dashboard`.
final class DashboardLoadTest {
  @Test
  void quick_is_where_the_other_options_begin_wherever_it_stands() {
    Asked usual = Asked.parse(List.of());
    Asked quick = Asked.parse(List.of("--minutes", "3", "--quick"));

    assertThat(usual)
        .extracting(Asked::rounds, Asked::minutes, Asked::sessions)
        .containsExactly(5, 5, 100_000);
    assertThat(quick)
        .extracting(Asked::rounds, Asked::minutes, Asked::sessions)
        .containsExactly(1, 3, 10_000);
  }

  @Test
  void only_some_parts_are_measured_where_only_some_are_named() {
    assertThat(Asked.parse(List.of()).parts()).containsExactlyInAnyOrder(Part.values());
    assertThat(Asked.parse(List.of("--only", "clients,paint")).parts())
        .containsExactlyInAnyOrder(Part.CLIENTS, Part.PAINT);
    assertThatThrownBy(() -> Asked.parse(List.of("--only", "client")))
        .isInstanceOf(UsageError.class)
        .hasMessageContaining("paint, overview, topics and clients, not 'client'");
    assertThatThrownBy(() -> Asked.parse(List.of("--only", ","))).isInstanceOf(UsageError.class);
  }

  @Test
  void growth_is_the_slope_of_the_nearest_line() {
    List<Look> looks =
        List.of(look(0.5, 1_000), look(1.5, 3_000), look(2.5, 3_100), look(3.5, 3_200));

    assertThat(DashboardLoad.perMinute(looks, 0, Tab.Held::heapBytes)).isCloseTo(670, within(0.1));
    assertThat(DashboardLoad.perMinute(looks, 2, Tab.Held::heapBytes)).isCloseTo(100, within(0.1));
    assertThat(DashboardLoad.perMinute(looks, 3, Tab.Held::heapBytes)).isZero();
    assertThat(DashboardLoad.perMinute(looks, 0, Tab.Held::nodes)).isZero();
  }

  private static Look look(double minute, long heapBytes) {
    return new Look(
        minute, new Tab.Held(heapBytes, 500, 10, 0), 0, new Tab.LongTasks(0, 0), 0, 1_000);
  }
}
