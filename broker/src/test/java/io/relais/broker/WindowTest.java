package io.relais.broker;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import org.junit.jupiter.api.Test;

class WindowTest {
  private final Window window = new Window();

  @Test
  void a_packet_id_is_never_0_and_comes_again_after_65535_sequences() {
    assertThat(Window.packetId(0)).isEqualTo(1);
    assertThat(Window.packetId(65_534)).isEqualTo(65_535);
    assertThat(Window.packetId(65_535)).isEqualTo(1);
  }

  @Test
  void an_id_that_is_not_in_flight_has_no_sequence() {
    window.startAt(10);
    window.sent(10, Window.SENT_QOS_1);
    window.done(10);

    assertThat(window.sequenceOf(Window.packetId(10))).isEqualTo(-1);
    assertThat(window.sequenceOf(Window.packetId(11))).isEqualTo(-1);
  }

  @Test
  void skipped_sequences_are_not_in_flight() {
    window.startAt(3);
    window.sent(3, Window.SENT_QOS_2);
    window.sent(9, Window.SENT_QOS_1);

    assertThat(window.inFlight()).isEqualTo(2);
    assertThat(window.sequenceOf(Window.packetId(5))).isEqualTo(-1);
    assertThat(window.sequenceOf(Window.packetId(9))).isEqualTo(9);
  }

  @Test
  void an_id_is_free_only_when_the_store_knows_of_its_end() {
    window.startAt(0);
    window.sent(0, Window.SENT_QOS_1);
    window.done(0);

    assertThat(window.hasIdFor(65_535)).isFalse();
    window.onFreed(1);
    assertThat(window.hasIdFor(65_535)).isTrue();
  }

  @Test
  void it_behaves_like_a_map_from_ids_to_sequences_over_random_histories() {
    long seed = Long.getLong("relais.seed", System.nanoTime());
    var random = new Random(seed);
    Map<Integer, Long> model = new HashMap<>();
    long next = 60_000;
    window.startAt(next);

    for (int step = 0; step < 200_000; step++) {
      if (model.size() < 50 && random.nextBoolean()) {
        next += random.nextInt(10) == 0 ? 3 : 0;
        window.sent(next, Window.SENT_QOS_1);
        model.put(Window.packetId(next), next);
        next++;
      } else if (!model.isEmpty()) {
        int id =
            model.keySet().stream().skip(random.nextInt(model.size())).findFirst().orElseThrow();
        long sequence = Objects.requireNonNull(model.remove(id));
        assertThat(window.sequenceOf(id)).as("seed %d, step %d", seed, step).isEqualTo(sequence);
        window.done(sequence);
      }
      assertThat(window.inFlight()).as("seed %d, step %d", seed, step).isEqualTo(model.size());
    }
  }
}
