package io.relais.cli.bench;

import static io.relais.cli.bench.Flow.Arrival.DUPLICATE;
import static io.relais.cli.bench.Flow.Arrival.NEW;
import static io.relais.cli.bench.Flow.Arrival.NOT_COUNTED;
import static io.relais.cli.bench.Flow.Arrival.REORDERED;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashSet;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class FlowTest {
  @Test
  void in_order_nothing_is_missing() {
    Flow flow = new Flow(0);

    for (long s = 0; s < 1_000; s++) {
      assertThat(flow.onMessage(s)).isEqualTo(NEW);
    }

    assertThat(flow.distinct()).isEqualTo(1_000);
    assertThat(flow.gaps() + flow.duplicates() + flow.reordered()).isZero();
  }

  @Test
  void a_gap_is_a_loss_until_it_is_filled() {
    Flow flow = new Flow(0);
    flow.onMessage(0);
    flow.onMessage(3);

    assertThat(flow.gaps()).isEqualTo(2);
    assertThat(flow.onMessage(1)).isEqualTo(REORDERED);
    assertThat(flow.onMessage(2)).isEqualTo(REORDERED);
    assertThat(flow.gaps()).isZero();
    assertThat(flow.reordered()).isEqualTo(2);
  }

  @Test
  void a_second_time_is_a_duplicate_before_and_after_the_gap_closes() {
    Flow flow = new Flow(0);
    flow.onMessage(2);

    assertThat(flow.onMessage(2)).isEqualTo(DUPLICATE);
    flow.onMessage(0);
    flow.onMessage(1);
    assertThat(flow.onMessage(2)).isEqualTo(DUPLICATE);
    assertThat(flow.onMessage(0)).isEqualTo(DUPLICATE);
    assertThat(flow.duplicates()).isEqualTo(3);
    assertThat(flow.distinct()).isEqualTo(3);
  }

  @Test
  void the_warm_up_does_not_count() {
    Flow flow = new Flow(10);

    assertThat(flow.onMessage(9)).isEqualTo(NOT_COUNTED);
    assertThat(flow.onMessage(10)).isEqualTo(NEW);
    assertThat(flow.distinct()).isEqualTo(1);
    assertThat(flow.gaps()).isZero();
  }

  @Test
  void a_gap_older_than_the_window_is_given_up_and_its_message_still_counts_once() {
    Flow flow = new Flow(0);
    for (long s = 1; s <= Flow.WINDOW + 10; s++) {
      flow.onMessage(s);
    }

    assertThat(flow.gaps()).isEqualTo(1);
    assertThat(flow.onMessage(0)).isEqualTo(REORDERED);
    assertThat(flow.onMessage(0)).isEqualTo(DUPLICATE);
    assertThat(flow.gaps()).isZero();
  }

  @Test
  void a_leap_over_more_than_the_window_is_as_much_loss_as_it_leaves_out() {
    Flow flow = new Flow(0);
    flow.onMessage(0);
    flow.onMessage(5);

    assertThat(flow.onMessage(1_000_000_000_000L)).isEqualTo(NEW);

    assertThat(flow.gaps()).isEqualTo(1_000_000_000_000L + 1 - 3);
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
  void within_the_window_it_equals_a_set(long seed) {
    Random random = new Random(seed);
    Flow flow = new Flow(0);
    Set<Long> seen = new HashSet<>();
    long highest = -1;
    int reordered = 0;
    int duplicates = 0;

    for (int i = 0; i < 20_000; i++) {
      long sequence = Math.max(0, i + random.nextInt(-2_000, 2_000));
      flow.onMessage(sequence);
      if (!seen.add(sequence)) {
        duplicates++;
      } else if (sequence < highest) {
        reordered++;
      } else {
        highest = sequence;
      }
    }

    assertThat(flow.distinct()).as("seed %d", seed).isEqualTo(seen.size());
    assertThat(flow.duplicates()).as("seed %d", seed).isEqualTo(duplicates);
    assertThat(flow.reordered()).as("seed %d", seed).isEqualTo(reordered);
    assertThat(flow.gaps()).as("seed %d", seed).isEqualTo(highest + 1 - seen.size());
  }
}
