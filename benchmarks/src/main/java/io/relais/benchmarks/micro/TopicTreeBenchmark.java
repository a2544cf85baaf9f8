package io.relais.benchmarks.micro;

import io.relais.protocol.TopicTree;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.infra.Blackhole;

/// Matching against few and many filters of four levels, and their coming and going. Each topic
/// matches one filter; topics take turns, so that a large tree does not stay in the processor's
/// cache.
///
/// Owner: JMH's one thread.
@State(Scope.Benchmark)
public class TopicTreeBenchmark {
  /// Where the wildcards are.
  public enum Filters {
    /// nowhere
    EXACT,
    /// a fourth of the filters has none, the others `+` in the third level, in the last, or `#`
    WILDCARD
  }

  private static final int TOPICS = 4096;
  private static final int BELOW = 1000;

  @Param({"100", "10000", "1000000"})
  private int subscriptions = 0;

  @Param({"EXACT", "WILDCARD"})
  private Filters filters = Filters.EXACT;

  private final TopicTree<Integer> tree = new TopicTree<>();
  private final String[] topics = new String[TOPICS];
  private final String[] coming = new String[TOPICS];
  private int at;

  @Setup
  public void fill() {
    for (int n = 0; n < subscriptions; n++) {
      tree.put(filter(n), n);
    }
    for (int i = 0; i < TOPICS; i++) {
      // A prime that divides no number of subscriptions, so that they come from all over the tree.
      int n = (int) (i * 7919L % subscriptions);
      topics[i] = "site/%04d/%03d/temperature".formatted(n / BELOW, n % BELOW);
      coming[i] = "site/%04d/%03d/humidity".formatted(n / BELOW, n % BELOW);
    }
  }

  private String filter(int n) {
    String pattern =
        switch (filters) {
          case EXACT -> "site/%04d/%03d/temperature";
          case WILDCARD ->
              switch (n % 4) {
                case 0 -> "site/%04d/%03d/temperature";
                case 1 -> "site/%04d/%03d/+";
                case 2 -> "site/%04d/%03d/#";
                default -> "+/%04d/%03d/temperature";
              };
        };
    return pattern.formatted(n / BELOW, n % BELOW);
  }

  @Benchmark
  public void match(Blackhole found) {
    tree.match(topics[next()], found::consume);
  }

  /// A filter that was not there comes and goes: two changes.
  @Benchmark
  public void putAndRemove() {
    String filter = coming[next()];
    tree.put(filter, at);
    tree.remove(filter);
  }

  private int next() {
    at = at + 1 & TOPICS - 1;
    return at;
  }
}
