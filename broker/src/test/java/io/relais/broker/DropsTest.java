package io.relais.broker;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class DropsTest {
  private final Drops drops = new Drops();

  private void note(Counter reason, long nowMillis, String topic) {
    drops.note(reason, nowMillis, topic, "c", null, 1, 7);
  }

  @Test
  void of_each_second_some_of_each_reason_are_kept() {
    List<Drop> told = new ArrayList<>();
    drops.tell(told::add);

    for (int i = 0; i < 1_000; i++) {
      note(Counter.DROPPED_QUEUE_FULL, 5_000, "full/" + i);
    }
    note(Counter.DROPPED_EXPIRED, 5_999, "old");
    note(Counter.DROPPED_QUEUE_FULL, 6_000, "full/later");

    List<Drop> recent = drops.recent();
    assertThat(recent).hasSize(Drops.EACH_SECOND + 2);
    assertThat(recent.getFirst().topic()).isEqualTo("full/later");
    assertThat(recent.get(1).reason()).isEqualTo(Counter.DROPPED_EXPIRED);
    assertThat(recent.getLast())
        .isEqualTo(new Drop(1, 5_000, Counter.DROPPED_QUEUE_FULL, "full/0", "c", null, 1, 7));
    assertThat(told).hasSameSizeAs(recent);
  }

  @Test
  void the_oldest_makes_room_and_no_reason_takes_that_of_another() {
    note(Counter.DROPPED_EXPIRED, 0, "first");

    for (int i = 0; i < 3 * Drops.KEPT; i++) {
      note(Counter.DROPPED_EVENTS, i * 1_000L, "e" + i);
    }

    List<Drop> recent = drops.recent();
    assertThat(recent).hasSize(Drops.KEPT + 1);
    assertThat(recent.getFirst().topic()).isEqualTo("e" + (3 * Drops.KEPT - 1));
    assertThat(recent.getLast().topic()).isEqualTo("first");
  }
}
