package io.relais.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.assertj.core.data.Percentage;
import org.junit.jupiter.api.Test;

class TimeCountsTest {
  private final TimeCounts times = new TimeCounts();

  private double millis(int percent) {
    long[] sums = new long[TimeCounts.COUNTS];
    times.addTo(sums);
    return TimeCounts.millis(sums, percent);
  }

  @Test
  void what_most_took_is_told_to_an_eighth_over_random_times() {
    var random = new Random(7);
    long[] nanos = new long[1_000];
    for (int i = 0; i < nanos.length; i++) {
      nanos[i] = (long) (Math.exp(random.nextDouble() * 15) * 10_000);
      times.add(nanos[i]);
    }
    Arrays.sort(nanos);

    for (int percent : new int[] {1, 50, 90, 99, 100}) {
      double exact = nanos[nanos.length * percent / 100 - 1] / 1e6;
      assertThat(millis(percent)).isBetween(exact, exact * 1.13 + 0.001);
    }
  }

  @Test
  void one_slow_among_a_hundred_is_beyond_99_percent_and_two_are_not() {
    for (int i = 0; i < 98; i++) {
      times.add(TimeUnit.MILLISECONDS.toNanos(1));
    }
    times.add(TimeUnit.MILLISECONDS.toNanos(1));
    times.add(TimeUnit.SECONDS.toNanos(1));
    assertThat(millis(99)).isCloseTo(1, Percentage.withPercentage(13));

    times.add(TimeUnit.SECONDS.toNanos(1));

    assertThat(millis(99)).isCloseTo(1_000, Percentage.withPercentage(13));
  }

  @Test
  void nothing_takes_nothing_and_the_longest_have_a_place() {
    assertThat(millis(99)).isZero();

    times.add(Long.MAX_VALUE);
    times.add(0);
    times.add(-1);

    assertThat(millis(100)).isGreaterThan((double) TimeUnit.HOURS.toMillis(19));
    assertThat(millis(50)).isEqualTo(0.001);
  }
}
