package io.relais.protocol;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TopicTreeTest {
  private static final String[] LEVELS = {"", "a", "b", "+", "$SYS", "é", "$"};

  @ParameterizedTest
  @CsvSource({
    "sport/tennis/player1/#, sport/tennis/player1, true",
    "sport/tennis/player1/#, sport/tennis/player1/ranking, true",
    "sport/#, sport, true",
    "sport/#, sports, false",
    "#, a/b, true",
    "#, /, true",
    "sport/+, sport, false",
    "sport/+, sport/, true",
    "+/+, /finance, true",
    "/+, /finance, true",
    "+, /finance, false",
    "#, $SYS/x, false",
    "+/x, $SYS/x, false",
    "$SYS/#, $SYS/x, true",
    "$SYS/+, $SYS/x, true",
    "a/+/#, a/$x, true",
    "A, a, false",
  })
  void a_filter_takes_in_the_topics_that_the_standard_says(
      String filter, String topic, boolean expected) {
    TopicTree<String> tree = new TopicTree<>();
    tree.put(filter, filter);

    boolean naive = Topics.matches(filter, topic);
    List<String> found = matches(tree, topic);

    assertThat(naive).isEqualTo(expected);
    assertThat(found).isEqualTo(expected ? List.of(filter) : List.of());
  }

  @Test
  void the_tree_equals_the_naive_matcher_and_a_map_over_random_histories() {
    Cases.run(
        3_000,
        random -> {
          TopicTree<Integer> tree = new TopicTree<>();
          Map<String, Integer> model = new HashMap<>();
          for (int step = 0; step < 40; step++) {
            String filter = filter(random);
            long version = tree.version();
            if (random.nextInt(3) > 0) {
              tree.put(filter, step);
              model.put(filter, step);
              assertThat(tree.version()).isGreaterThan(version);
            } else {
              Integer removed = model.remove(filter);
              assertThat(tree.remove(filter)).isEqualTo(removed);
              assertThat(tree.version()).isEqualTo(removed == null ? version : version + 1);
            }
            assertThat(tree.get(filter)).isEqualTo(model.get(filter));
          }

          String topic = topic(random);
          List<Integer> expected = new ArrayList<>();
          model.forEach(
              (filter, value) -> {
                if (Topics.matches(filter, topic)) {
                  expected.add(value);
                }
              });
          assertThat(matches(tree, topic)).containsExactlyInAnyOrderElementsOf(expected);
          assertThat(content(tree)).isEqualTo(model);
          assertThat(tree.size()).isEqualTo(model.size());
        });
  }

  @Test
  void a_removed_filter_leaves_no_levels_behind() {
    TopicTree<Integer> tree = new TopicTree<>();
    tree.put("a/b/c", 1);
    tree.put("a/b/c/#", 2);
    tree.put("a/+/c", 3);

    List.of("a/b/c", "a/b/c/#", "a/+/c").forEach(tree::remove);

    assertThat(tree)
        .usingRecursiveComparison()
        .ignoringFields("version")
        .isEqualTo(new TopicTree<>());
  }

  @Test
  void the_longest_topic_that_fits_a_packet_is_matched_stored_and_listed() {
    String topic = "/".repeat(65_535);
    String pluses = "+/".repeat(32_767) + "+";
    TopicTree<Integer> tree = new TopicTree<>();

    tree.put(topic, 1);
    tree.put(pluses, 2);
    tree.put("/".repeat(65_534) + "#", 3);

    assertThat(matches(tree, topic)).containsExactlyInAnyOrder(1, 3);
    assertThat(matches(tree, "/".repeat(32_767))).containsExactly(2);
    assertThat(content(tree)).hasSize(3).containsEntry(topic, 1).containsEntry(pluses, 2);
    assertThat(tree.remove(topic)).isEqualTo(1);
    assertThat(tree.remove(pluses)).isEqualTo(2);
    assertThat(tree.size()).isEqualTo(1);
  }

  @Test
  void readers_see_every_lasting_filter_and_no_exception_under_a_writer() throws Exception {
    TopicTree<String> tree = new TopicTree<>();
    List<String> lasting = List.of("a/b", "+/b", "a/#", "#", "a/+");
    lasting.forEach(filter -> tree.put(filter, filter));
    AtomicBoolean done = new AtomicBoolean();
    try (ExecutorService threads = Executors.newFixedThreadPool(3)) {
      List<Future<Integer>> readers = new ArrayList<>();
      for (int i = 0; i < 2; i++) {
        readers.add(
            threads.submit(
                () -> {
                  int rounds = 0;
                  do {
                    assertThat(matches(tree, "a/b")).containsAll(lasting);
                    assertThat(content(tree)).containsKeys(lasting.toArray(String[]::new));
                    rounds++;
                  } while (!done.get());
                  return rounds;
                }));
      }

      Random random = new Random(1);
      for (int i = 0; i < 100_000; i++) {
        String filter = "a/b/" + random.nextInt(10) + (random.nextBoolean() ? "/+" : "/#");
        if (random.nextBoolean()) {
          tree.put(filter, filter);
        } else {
          tree.remove(filter);
        }
      }
      done.set(true);

      for (Future<Integer> reader : readers) {
        assertThat(reader.get(30, TimeUnit.SECONDS)).isPositive();
      }
    }
  }

  private static List<String> levels(Random random) {
    List<String> levels = new ArrayList<>();
    for (int i = random.nextInt(5); i >= 0; i--) {
      levels.add(RandomPackets.oneOf(random, LEVELS));
    }
    return levels;
  }

  private static String filter(Random random) {
    while (true) {
      List<String> levels = levels(random);
      if (random.nextInt(3) == 0) {
        levels.set(levels.size() - 1, "#");
      }
      String filter = String.join("/", levels);
      if (!filter.isEmpty()) {
        return filter;
      }
    }
  }

  private static String topic(Random random) {
    while (true) {
      String topic = String.join("/", levels(random)).replace('+', 'b');
      if (!topic.isEmpty()) {
        return topic;
      }
    }
  }

  private static <T> List<T> matches(TopicTree<T> tree, String topic) {
    List<T> found = new ArrayList<>();
    tree.match(topic, found::add);
    return found;
  }

  private static <T> Map<String, T> content(TopicTree<T> tree) {
    Map<String, T> content = new HashMap<>();
    tree.forEach(
        (filter, value) -> assertThat(content.put(filter, value)).as("seen before").isNull());
    return content;
  }
}
