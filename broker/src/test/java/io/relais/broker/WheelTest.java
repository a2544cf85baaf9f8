package io.relais.broker;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class WheelTest {
  private static final long START = 1_000_000_000;

  private final Wheel wheel = new Wheel();
  private final List<Long> called = new ArrayList<>();
  private long now = START;

  private final class Deadline implements Wheel.Timed {
    long at;

    Deadline(long at) {
      this.at = at;
    }

    @Override
    public long deadlineMillis() {
      return at;
    }

    @Override
    public void onDeadline() {
      called.add(now);
      at = Long.MAX_VALUE;
    }
  }

  @Test
  void a_deadline_is_met_at_the_first_step_after_it() {
    wheel.add(new Deadline(START + 3_000), now);

    pass(10_000);

    assertThat(called).hasSize(1);
    assertThat(called.getFirst() - START).isBetween(3_000L, 3_000L + 2 * Loop.TICK_MILLIS);
  }

  @Test
  void a_deadline_beyond_one_round_is_met_in_its_round() {
    wheel.add(new Deadline(START + 400_000), now);

    pass(500_000);

    assertThat(called).hasSize(1);
    assertThat(called.getFirst() - START).isBetween(400_000L, 400_000L + 2 * Loop.TICK_MILLIS);
  }

  @Test
  void a_deadline_that_moved_away_is_met_later() {
    var moving = new Deadline(START + 2_000);
    wheel.add(moving, now);
    pass(1_000);
    moving.at = START + 9_000;

    pass(20_000);

    assertThat(called).hasSize(1);
    assertThat(called.getFirst() - START).isBetween(9_000L, 9_000L + 2 * Loop.TICK_MILLIS);
  }

  @Test
  void what_has_no_deadline_any_more_is_forgotten() {
    var gone = new Deadline(START + 2_000);
    wheel.add(gone, now);
    gone.at = Long.MAX_VALUE;

    pass(300_000);

    assertThat(called).isEmpty();
  }

  private void pass(long millis) {
    long end = now + millis;
    while (now < end) {
      now += Loop.TICK_MILLIS;
      wheel.advance(now);
    }
  }
}
