package io.relais.broker;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

class FlappingWatchTest {
  private static final FlappingLimits THREE_IN_A_SECOND =
      new FlappingLimits(3, Duration.ofSeconds(1), Duration.ofMinutes(5));

  private final FlappingWatch watch = new FlappingWatch(THREE_IN_A_SECOND, 100);

  @Test
  void who_connects_more_often_than_allowed_within_the_window_is_found() {
    assertThat(watch.onConnected("a", 0)).isFalse();
    assertThat(watch.onConnected("a", 400)).isFalse();
    assertThat(watch.onConnected("a", 800)).isFalse();
    assertThat(watch.onConnected("a", 999)).isTrue();
  }

  @Test
  void what_lies_a_window_back_does_not_count() {
    for (long now = 0; now < 10_000; now += 334) {
      assertThat(watch.onConnected("a", now)).isFalse();
    }
  }

  @Test
  void who_was_found_begins_anew() {
    for (int i = 0; i < 3; i++) {
      watch.onConnected("a", i);
    }
    assertThat(watch.onConnected("a", 3)).isTrue();

    assertThat(watch.onConnected("a", 4)).isFalse();
    assertThat(watch.onConnected("a", 5)).isFalse();
    assertThat(watch.onConnected("a", 6)).isFalse();
    assertThat(watch.onConnected("a", 7)).isTrue();
  }

  @Test
  void ids_are_forgotten_after_a_window_and_the_oldest_when_there_are_too_many() {
    for (int i = 0; i < 150; i++) {
      watch.onConnected("id-" + i, i);
    }
    assertThat(watch.size()).isEqualTo(100);

    watch.onConnected("late", 1_200);

    assertThat(watch.size()).isEqualTo(1);
  }

  @Test
  void ids_that_are_very_long_are_not_watched() {
    String id = "x".repeat(FlappingWatch.ID_LENGTH_MAX + 1);

    for (int i = 0; i < 10; i++) {
      assertThat(watch.onConnected(id, i)).isFalse();
    }
    assertThat(watch.size()).isZero();
  }

  @Test
  void it_finds_what_a_full_record_of_all_times_finds() {
    long first = System.nanoTime();
    for (long seed = first; seed < first + 300; seed++) {
      var random = new Random(seed);
      int attempts = 1 + random.nextInt(6);
      var limits = new FlappingLimits(attempts, Duration.ofMillis(100), Duration.ofMinutes(5));
      var found = new FlappingWatch(limits, 100);
      Map<String, List<Long>> all = new HashMap<>();
      long now = 0;
      for (int i = 0; i < 200; i++) {
        now += random.nextInt(30);
        long at = now;
        String id = "id-" + random.nextInt(3);
        List<Long> times = all.computeIfAbsent(id, absent -> new ArrayList<>());
        times.add(at);
        boolean tooOften = times.stream().filter(time -> at - time < 100).count() > attempts;

        assertThat(found.onConnected(id, at)).as("seed %d, step %d", seed, i).isEqualTo(tooOften);
        if (tooOften) {
          times.clear();
        }
      }
    }
  }
}
