package io.relais.cli.bench;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ScheduleTest {
  private static final long SECOND_NANOS = 1_000_000_000;

  private record Due(int publisher, long sequence, long nanos) {}

  private final List<Due> released = new ArrayList<>();

  @Test
  void messages_are_due_at_equal_distances_whoever_sends_them() {
    Schedule schedule = new Schedule(4, 2, 0, 5);

    new Pace(schedule, 0, 1).advance(10 * SECOND_NANOS, this::release);

    assertThat(released)
        .containsExactly(
            new Due(0, 0, 0),
            new Due(1, 0, 250_000_000),
            new Due(0, 1, 500_000_000),
            new Due(1, 1, 750_000_000),
            new Due(0, 2, SECOND_NANOS));
  }

  @Test
  void nothing_comes_before_it_is_due() {
    Pace pace = new Pace(new Schedule(1_000, 1, 0, 3), 0, 1);

    assertThat(pace.advance(-1, this::release)).isZero();
    assertThat(released).isEmpty();
    assertThat(pace.advance(999_999, this::release)).isEqualTo(1_000_000);
    assertThat(released).containsExactly(new Due(0, 0, 0));
  }

  @Test
  void after_a_stall_all_comes_with_the_times_at_which_it_was_due() {
    Pace pace = new Pace(new Schedule(1_000, 1, 0, 100), 0, 1);
    pace.advance(0, this::release);

    long next = pace.advance(50_500_000, this::release);

    assertThat(released).hasSize(51);
    assertThat(released.get(7)).isEqualTo(new Due(0, 7, 7_000_000));
    assertThat(next).isEqualTo(51_000_000);
  }

  @Test
  void a_turn_is_bounded_and_the_next_goes_on_where_it_ended() {
    Pace pace = new Pace(new Schedule(1_000_000, 3, 0, 2_500), 0, 1);

    long next = pace.advance(SECOND_NANOS, this::release);

    assertThat(released).hasSize(1_000);
    assertThat(next).isLessThanOrEqualTo(SECOND_NANOS);
    pace.advance(SECOND_NANOS, this::release);
    assertThat(pace.advance(SECOND_NANOS, this::release)).isEqualTo(-1);
    assertThat(released).hasSize(2_500).doesNotHaveDuplicates();
  }

  @ParameterizedTest
  @CsvSource({"7, 10, 0, 100, 3", "1000, 3, 10, 1, 2", "5, 2, 3, 4, 4", "10, 1, 0, 7, 1"})
  void loops_share_a_schedule_without_a_gap(
      long rate, int publishers, long warmUp, long measured, int loops) {
    Schedule schedule = new Schedule(rate, publishers, warmUp, measured);

    for (int loop = 0; loop < loops; loop++) {
      assertThat(new Pace(schedule, loop, loops).advance(schedule.lengthNanos(), this::release))
          .isEqualTo(-1);
    }

    assertThat(released).hasSize((int) schedule.total()).doesNotHaveDuplicates();
    for (int p = 0; p < publishers; p++) {
      int publisher = p;
      List<Due> own = released.stream().filter(due -> due.publisher() == publisher).toList();
      assertThat(schedule.count(p)).isEqualTo(own.size());
      assertThat(schedule.firstMeasured(p))
          .isEqualTo(
              own.stream().filter(d -> schedule.index(publisher, d.sequence()) < warmUp).count());
    }
  }

  @Test
  void a_day_at_the_highest_rate_does_not_overflow() {
    Schedule schedule = new Schedule(10_000_000, 1, 0, 10_000_000L * 86_400 + 1);

    assertThat(schedule.lengthNanos()).isEqualTo(86_400 * SECOND_NANOS);
  }

  private void release(int publisher, long sequence, long dueNanos) {
    released.add(new Due(publisher, sequence, dueNanos));
  }
}
