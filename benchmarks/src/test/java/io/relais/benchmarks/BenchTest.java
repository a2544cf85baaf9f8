package io.relais.benchmarks;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Where results are kept.
final class BenchTest {
  @TempDir private Path results;

  @Test
  void a_result_of_the_same_day_and_kind_is_kept_beside_the_new_one() throws IOException {
    Path first = Bench.save(results, "2026-11-21-micro", "first");
    Path other = Bench.save(results, "2026-11-21-durability", "other");

    Path second = Bench.save(results, "2026-11-21-micro", "second");
    Path third = Bench.save(results, "2026-11-21-micro", "third");

    assertThat(first).hasFileName("2026-11-21-micro.txt").hasContent("first");
    assertThat(second).hasFileName("2026-11-21-micro-2.txt").hasContent("second");
    assertThat(third).hasFileName("2026-11-21-micro-3.txt").hasContent("third");
    assertThat(other).hasFileName("2026-11-21-durability.txt");
  }
}
