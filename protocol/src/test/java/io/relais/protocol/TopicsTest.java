package io.relais.protocol;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.relais.protocol.SubscriptionFilter.Kind;
import org.assertj.core.api.InstanceOfAssertFactories;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class TopicsTest {
  @ParameterizedTest
  @ValueSource(strings = {"a", "/", "//", "a/b", " ", "$SYS/x", "é", "\uFEFF", "$share/g/a"})
  void a_name_without_wildcards_is_a_topic_and_a_filter(String topic) {
    assertThat(Topics.problemWithName(topic)).isNull();
    assertThat(Topics.problemWithFilter(topic)).isNull();
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "a\0b", "\0", "\uD800", "a\uDC00b", "\uD83D"})
  void what_is_no_mqtt_string_is_neither(String text) {
    assertThat(Topics.problemWithName(text)).isNotBlank();
    assertThat(Topics.problemWithFilter(text)).isNotBlank();
  }

  @ParameterizedTest
  @ValueSource(strings = {"#", "+", "a/#", "+/a/+", "/+", "+/", "+/#", "/#", "$share/+/#"})
  void a_wildcard_that_fills_its_level_makes_a_filter_and_no_topic(String filter) {
    assertThat(Topics.problemWithFilter(filter)).isNull();
    assertThat(Topics.problemWithName(filter)).contains("wildcard");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"a#", "#a", "#/a", "a/#/b", "a+", "+a", "a/b+/c", "++", "##", "/##", "+#"})
  void a_wildcard_out_of_place_makes_neither(String filter) {
    assertThat(Topics.problemWithFilter(filter)).contains("index");
    assertThat(Topics.problemWithName(filter)).contains("index");
  }

  @Test
  void a_topic_has_at_most_65535_bytes() {
    String longest = "é".repeat(32_767) + "a";

    assertThat(Topics.problemWithName(longest)).isNull();
    assertThat(Topics.problemWithName(longest + "a")).contains("65536");
  }

  @ParameterizedTest
  @CsvSource({
    "a/b, PLAIN, , a/b",
    "$share/g/a/+, SHARED, g, a/+",
    "$share/g//, SHARED, g, /",
    "$share/$share/#, SHARED, $share, #",
    "$exclusive/a/#, EXCLUSIVE, , a/#",
    "$share, PLAIN, , $share",
    "$shared/g/a, PLAIN, , $shared/g/a",
    "$exclusive, PLAIN, , $exclusive",
    "$SYS/#, PLAIN, , $SYS/#",
  })
  void a_subscription_filter_tells_its_parts_and_gives_its_text_back(
      String text, Kind kind, String group, String filter) throws Exception {
    SubscriptionFilter parsed = SubscriptionFilter.parse(text);

    assertThat(parsed.kind()).isEqualTo(kind);
    assertThat(parsed.group()).isEqualTo(group);
    assertThat(parsed.filter()).isEqualTo(filter);
    assertThat(parsed.text()).isEqualTo(text);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "a/#/b",
        "$share/",
        "$share/g",
        "$share/g/",
        "$share//a",
        "$share/+/a",
        "$share/g#/a",
        "$share/g/a#",
        "$share/g\0/a",
        "$exclusive/",
        "$exclusive/a+",
      })
  void a_filter_that_is_none_is_refused_with_a_sentence(String text) {
    assertThatThrownBy(() -> SubscriptionFilter.parse(text))
        .asInstanceOf(InstanceOfAssertFactories.type(MalformedPacket.class))
        .returns(ReasonCode.TOPIC_FILTER_INVALID, MalformedPacket::reason)
        .extracting(MalformedPacket::getMessage)
        .asString()
        .contains(" ");
  }
}
