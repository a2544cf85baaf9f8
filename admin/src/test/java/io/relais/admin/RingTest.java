package io.relais.admin;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/// What a ring keeps.
class RingTest {
  private static List<String> points(Ring ring, int series, long from, long to) {
    List<String> found = new ArrayList<>();
    ring.forEach(series, from, to, (time, value) -> found.add(time + "=" + value));
    return found;
  }

  @Test
  void a_ring_keeps_the_newest_of_each_series_in_order() {
    var ring = new Ring(2, 3, 5);

    for (int i = 1; i <= 5; i++) {
      ring.add(i, new double[] {i, -i});
    }

    assertThat(points(ring, 0, 0, 10)).containsExactly("3=3.0", "4=4.0", "5=5.0");
    assertThat(points(ring, 1, 4, 4)).containsExactly("4=-4.0");
  }

  @Test
  void a_ring_that_is_not_full_gives_what_it_has() {
    var ring = new Ring(1, 3, 5);

    ring.add(7, new double[] {1});

    assertThat(points(ring, 0, 0, 10)).containsExactly("7=1.0");
    assertThat(points(new Ring(1, 3, 5), 0, 0, 10)).isEmpty();
  }
}
