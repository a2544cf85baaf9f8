package io.relais.protocol;

import java.util.Random;

/// Property tests: the same body over many random cases. Each case has a seed of its own, printed
/// when it fails; `-Drelais.seed=<seed>` makes it the first case of the next run.
public final class Cases {
  /// What is to hold for any source of randomness.
  @FunctionalInterface
  public interface Body {
    void check(Random random) throws Exception;
  }

  private static final String SEED = "relais.seed";

  private Cases() {}

  public static void run(int count, Body body) {
    long first = Long.getLong(SEED, System.nanoTime());
    for (long seed = first; seed < first + count; seed++) {
      try {
        body.check(new Random(seed));
      } catch (Exception | AssertionError failure) {
        throw new AssertionError(
            "Case %d of %d failed; replay it with -D%s=%d: %s"
                .formatted(seed - first + 1, count, SEED, seed, failure.getMessage()),
            failure);
      }
    }
  }
}
