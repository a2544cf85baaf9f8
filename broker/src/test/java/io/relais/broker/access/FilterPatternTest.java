package io.relais.broker.access;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import io.relais.protocol.ProtocolVersion;
import io.relais.protocol.Topics;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// Filters of rules against all short filters and topics there are, with the plain matcher as the
/// judge.
class FilterPatternTest {
  private static final List<String> FILTERS = all(List.of("a", "b", "$s", "+", "#"), 3);

  // One letter more than filters have, so that a wildcard is more than all letters.
  private static final List<String> TOPICS = all(List.of("a", "b", "c", "$s"), 4);

  @Test
  void a_pattern_takes_in_the_topics_that_its_filter_does() {
    for (String rule : FILTERS) {
      for (String topic : TOPICS) {
        assertThat(pattern(rule).matches(topic))
            .as("%s takes in %s", rule, topic)
            .isEqualTo(Topics.matches(rule, topic));
      }
    }
  }

  @Test
  void a_pattern_covers_a_filter_if_it_takes_in_all_of_its_topics() {
    for (String rule : FILTERS) {
      for (String filter : FILTERS) {
        boolean all = true;
        for (String topic : TOPICS) {
          all &= !Topics.matches(filter, topic) || Topics.matches(rule, topic);
        }

        assertThat(pattern(rule).coversFilter(filter))
            .as("%s covers %s", rule, filter)
            .isEqualTo(all);
      }
    }
  }

  @Test
  void a_pattern_overlaps_a_filter_if_both_take_in_some_topic() {
    for (String rule : FILTERS) {
      for (String filter : FILTERS) {
        boolean some = false;
        for (String topic : TOPICS) {
          some |= Topics.matches(filter, topic) && Topics.matches(rule, topic);
        }

        assertThat(pattern(rule).overlaps(filter))
            .as("%s overlaps %s", rule, filter)
            .isEqualTo(some);
      }
    }
  }

  @ParameterizedTest
  @CsvSource({
    "dev/%c/#, dev/one/x, one, true",
    "dev/%c/#, dev/two/x, one, false",
    "%c/x, +/x, +, false",
    "dev/%c, dev/+, +, false",
    "dev/%c, dev/#, #, false",
    "dev/%c, dev/a/b, a/b, false",
    "%c/#, $SYS/broker, $SYS, false",
  })
  void names_are_text_whatever_is_in_them(
      String rule, String filter, String clientId, boolean expected) {
    FilterPattern pattern = FilterPattern.of(rule, client(clientId, "user"));

    assertThat(pattern != null && pattern.coversFilter(filter)).isEqualTo(expected);
  }

  @Test
  void a_rule_that_names_the_user_is_not_for_anonymous_clients() {
    assertThat(FilterPattern.of("dev/%u", client("one", null))).isNull();
  }

  private static FilterPattern pattern(String filter) {
    return requireNonNull(FilterPattern.of(filter, client("c", "u")));
  }

  static Client client(String clientId, @Nullable String username) {
    return new Client(
        clientId,
        username,
        ProtocolVersion.MQTT_5,
        new InetSocketAddress(InetAddress.getLoopbackAddress(), 1),
        null,
        "default",
        true);
  }

  /// All filters or topics of up to so many of these levels.
  private static List<String> all(List<String> levels, int most) {
    List<String> made = new ArrayList<>();
    List<String> longest = List.of("");
    for (int i = 0; i < most; i++) {
      List<String> longer = new ArrayList<>();
      for (String start : longest) {
        for (String level : levels) {
          String text = start.isEmpty() ? level : start + "/" + level;
          if (!start.endsWith("#")) {
            longer.add(text);
          }
        }
      }
      made.addAll(longer);
      longest = longer;
    }
    return made;
  }
}
