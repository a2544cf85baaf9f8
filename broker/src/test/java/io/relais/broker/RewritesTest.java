package io.relais.broker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.relais.broker.RewriteRule.Action;
import io.relais.broker.Rewrites.Outcome;
import io.relais.broker.access.Client;
import io.relais.protocol.MalformedPacket;
import io.relais.protocol.ProtocolVersion;
import io.relais.protocol.SubscriptionFilter;
import java.net.InetSocketAddress;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RewritesTest {
  private static final Client ANN = client("c1", "ann");

  private static Client client(String id, @Nullable String username) {
    return new Client(
        id,
        username,
        ProtocolVersion.MQTT_5,
        InetSocketAddress.createUnresolved("", 0),
        null,
        "tcp",
        true);
  }

  private static Rewrites rules(RewriteRule... rules) {
    return new Rewrites(List.of(rules));
  }

  private static RewriteRule rule(String source, String regex, String destination) {
    return new RewriteRule(Action.ALL, source, regex, destination);
  }

  @ParameterizedTest
  @CsvSource({
    "y/a/z/b, y/z/b",
    "y/def, y/def",
    "x/1/2, x/1/2",
    "x/y/2, z/y/2",
    "x/y/123, z/y/123",
    "$delayed/5/y/a/z/b, $delayed/5/y/z/b",
  })
  void the_rules_of_emqx_have_the_same_outcome(String topic, String becomes) {
    Rewrites rules =
        rules(
            rule("x/#", "^x/y/(.+)$", "z/y/$1"),
            rule("x/#", "^x/y/(\\d+)$", "q/y/$1"),
            rule("y/+/z/#", "^y/(.+)/z/(.+)$", "y/z/$2"));

    Outcome outcome = rules.ofTopic(topic, ANN);

    String made = outcome instanceof Outcome.Other(String other, int _) ? other : topic;
    assertThat(made).isEqualTo(becomes);
  }

  @Test
  void each_side_has_its_rules_and_the_first_that_speaks_of_a_topic_does_it() throws Exception {
    Rewrites rules =
        rules(
            new RewriteRule(Action.PUBLISH, "a/#", ".*", "published"),
            new RewriteRule(Action.SUBSCRIBE, "a/#", "^a/(.*)", "s/$1"),
            rule("#", "^a", "never"));

    assertThat(rules.ofTopic("a/b", ANN)).isEqualTo(new Outcome.Other("published", 1));
    assertThat(rules.ofFilter(SubscriptionFilter.parse("$share/g/a/+/#"), ANN))
        .isEqualTo(new Outcome.Other("s/+/#", 2));
    assertThat(rules.ofFilter(SubscriptionFilter.parse("$SYS/#"), ANN))
        .isEqualTo(new Outcome.Same());
  }

  @Test
  void names_are_put_in_as_one_level_or_the_client_is_refused() {
    Rewrites rules = rules(rule("own/#", "^own/(.*)", "of/%u/%c/$1"));

    assertThat(rules.ofTopic("own/x", ANN)).isEqualTo(new Outcome.Other("of/ann/c1/x", 1));
    assertThat(rules.ofTopic("own/x", client("c", null))).isInstanceOf(Outcome.Refused.class);
    for (String name : List.of("a/b", "+", "#", "")) {
      assertThat(rules.ofTopic("own/x", client("c", name))).isInstanceOf(Outcome.Refused.class);
    }
  }

  @Test
  void what_would_be_no_topic_or_one_with_a_meaning_is_refused() throws MalformedPacket {
    Rewrites rules = rules(rule("a/#", "^a/(.*)", "$1"));

    assertThat(rules.ofTopic("a/b", ANN)).isEqualTo(new Outcome.Other("b", 1));
    assertThat(rules.ofTopic("a/$SYS/x", ANN)).isInstanceOf(Outcome.Refused.class);
    assertThat(rules.ofTopic("a/", ANN)).isInstanceOf(Outcome.Refused.class);
    assertThat(rules.ofFilter(SubscriptionFilter.parse("a/$share/g/#"), ANN))
        .isInstanceOf(Outcome.Refused.class);
  }

  @Test
  void an_expression_that_explodes_elsewhere_is_done_at_once() {
    Rewrites rules = rules(rule("#", "^(a+)+$", "x"), rule("#", "^(a|aa)+b$", "y"));
    String topic = "a".repeat(1_000) + "!";

    for (int i = 0; i < 100; i++) {
      assertThat(rules.ofTopic(topic, ANN)).isEqualTo(new Outcome.Same());
    }
    assertThat(rules.ofTopic("a".repeat(1_025), ANN)).isInstanceOf(Outcome.Refused.class);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "a/#/b | a | x | ",
        "a | ( | x | no regular expression",
        "a | (?=a) | x | no regular expression",
        "a | (.*) | b/$2 | has 1 groups",
        "a | a | $SYS/x | begins with $",
        "a | a | a/b+ | makes no topic",
        "a | a | a#/b | makes no topic",
      })
  void rules_that_cannot_be_are_refused_with_what_is_wrong(
      String source, String regex, String destination, @Nullable String why) {
    assertThatThrownBy(() -> rule(source, regex, destination))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining(why == null ? source : why);
  }
}
