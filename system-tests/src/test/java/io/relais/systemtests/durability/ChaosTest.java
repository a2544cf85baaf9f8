package io.relais.systemtests.durability;

import static org.assertj.core.api.Assertions.assertThat;

import io.relais.systemtests.durability.Chaos.Crash;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Kills and power cuts under load. `./relais test --chaos --rounds 500` runs many more; a failure
/// prints the seed and where the round's history is.
class ChaosTest {
  private static final int ROUNDS = Integer.getInteger("relais.chaos.rounds", 8);
  private static final long SEED =
      Long.getLong("relais.chaos.seed", new Random().nextInt(1_000_000));

  /// What was promised is missing, or what is left is no store that a node starts on.
  private static final Pattern LOSS =
      Pattern.compile(
          "acknowledged before the crash|acknowledged last|the session .* is gone|SUBACK was seen"
              + "|the broker does not start");

  @TempDir private Path home;

  @Test
  void connections_that_break_lose_nothing() {
    rounds(Math.max(2, ROUNDS / 4), Crash.NETWORK);
  }

  @Test
  void a_kill_loses_nothing_that_was_acknowledged() {
    rounds(ROUNDS, Crash.KILL, Crash.KILL, Crash.KILL, Crash.KILL_AT_START);
  }

  @Test
  void a_power_cut_loses_nothing_that_was_acknowledged() {
    rounds(ROUNDS, Crash.POWER_CUT);
  }

  private void rounds(int rounds, Crash... crashes) {
    try (Chaos chaos = new Chaos(home, SEED, Chaos.PATIENCE)) {
      System.out.println(List.of(crashes) + ", seed " + SEED);
      chaos.begin();
      held(chaos);
      for (int i = 0; i < rounds; i++) {
        chaos.round(crashes[i % crashes.length]);
        System.out.println(chaos);
        held(chaos);
      }
      chaos.end();
      held(chaos);
    }
  }

  private static void held(Chaos chaos) {
    if (!chaos.history().violations().isEmpty()) {
      Path file = chaos.history().write(Path.of("target", "chaos-" + SEED + ".txt"));
      assertThat(chaos.history().violations())
          .as(
              "what must not happen, in %s%n(seed %d; the history of the round is in %s)%n%s",
              chaos, SEED, file.toAbsolutePath(), chaos.output())
          .isEmpty();
    }
  }

  /// Shows that the tests above would notice a loss.
  @Test
  void a_disk_that_only_says_that_it_synced_is_noticed() {
    try (Chaos chaos = new Chaos(home, SEED, Duration.ofSeconds(3))) {
      chaos.begin();
      held(chaos);
      chaos.disk().lie();

      chaos.round(Crash.POWER_CUT);

      assertThat(chaos.history().violations())
          .as("what is lost with the seed %d, in %s", SEED, chaos)
          .anyMatch(violation -> LOSS.matcher(violation).find());
    }
  }
}
