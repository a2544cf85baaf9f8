package io.relais.broker;

import com.google.re2j.Matcher;
import com.google.re2j.Pattern;
import io.relais.broker.access.Client;
import io.relais.protocol.DelayedTopic;
import io.relais.protocol.SubscriptionFilter;
import io.relais.protocol.Topics;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// The rules by which topics are rewritten, of which the first that speaks of a topic does it.
/// Immutable.
///
/// A regular expression is looked for in time that grows with the topic and not faster, whatever it
/// is (RE2). What a rule speaks of and cannot rewrite is refused, so that nobody gets past a rule
/// by a name that does not fit.
///
/// Limits: [RewriteRule#RULES_MAX] rules; topics of [#LENGTH_MAX] characters.
public final class Rewrites {
  public static final Rewrites NONE = new Rewrites(List.of());
  static final int LENGTH_MAX = 1_024;

  private record Compiled(RewriteRule rule, Pattern regex, List<RewriteRule.Part> parts) {}

  /// What becomes of a topic or filter.
  public sealed interface Outcome {
    /// No rule speaks of it.
    record Same() implements Outcome {}

    /// @param rule its number, from 1
    record Other(String topic, int rule) implements Outcome {}

    record Refused(String why, int rule) implements Outcome {}
  }

  private final List<RewriteRule> rules;
  private final List<Compiled> compiled;

  /// @throws IllegalArgumentException if there are too many
  public Rewrites(List<RewriteRule> rules) {
    if (rules.size() > RewriteRule.RULES_MAX) {
      throw new IllegalArgumentException(
          "%d rules, more than %d".formatted(rules.size(), RewriteRule.RULES_MAX));
    }
    this.rules = List.copyOf(rules);
    this.compiled =
        rules.stream()
            .map(rule -> new Compiled(rule, Pattern.compile(rule.regex()), rule.parts()))
            .toList();
  }

  public List<RewriteRule> rules() {
    return rules;
  }

  public boolean isEmpty() {
    return rules.isEmpty();
  }

  /// What a client publishes to; of a delayed message the topic that it is for.
  public Outcome ofTopic(String topic, Client client) {
    String inner = DelayedTopic.inner(topic);
    Outcome outcome = of(inner, client, RewriteRule.Action.PUBLISH);
    if (!(outcome instanceof Outcome.Other(String other, int rule))) {
      return outcome;
    }
    String problem = Topics.problemWithName(other);
    if (problem != null) {
      return new Outcome.Refused("rule %d makes no topic of it: %s".formatted(rule, problem), rule);
    }
    String prefix = topic.substring(0, topic.length() - inner.length());
    return new Outcome.Other(prefix + other, rule);
  }

  /// What a client subscribes to; of a shared or exclusive subscription the filter in it.
  public Outcome ofFilter(SubscriptionFilter filter, Client client) {
    Outcome outcome = of(filter.filter(), client, RewriteRule.Action.SUBSCRIBE);
    if (!(outcome instanceof Outcome.Other(String other, int rule))) {
      return outcome;
    }
    String problem = Topics.problemWithFilter(other);
    return problem == null
        ? outcome
        : new Outcome.Refused("rule %d makes no filter of it: %s".formatted(rule, problem), rule);
  }

  /// A filter as it is after [#ofFilter].
  static SubscriptionFilter with(SubscriptionFilter filter, String inner) {
    return new SubscriptionFilter(filter.kind(), filter.group(), inner);
  }

  private Outcome of(String topic, Client client, RewriteRule.Action action) {
    for (int i = 0; i < compiled.size(); i++) {
      Compiled one = compiled.get(i);
      RewriteRule.Action about = one.rule.action();
      if (about != RewriteRule.Action.ALL && about != action
          || !Topics.matches(one.rule.source(), topic)) {
        continue;
      }
      int number = i + 1;
      if (topic.length() > LENGTH_MAX) {
        return new Outcome.Refused(
            "rule %d speaks of it, and it has more than %d characters"
                .formatted(number, LENGTH_MAX),
            number);
      }
      Matcher found = one.regex.matcher(topic);
      if (found.find()) {
        return rewrite(one, number, found, client);
      }
    }
    return new Outcome.Same();
  }

  private static Outcome rewrite(Compiled by, int number, Matcher found, Client client) {
    var made = new StringBuilder();
    for (RewriteRule.Part part : by.parts) {
      String text =
          switch (part) {
            case RewriteRule.Part.Text(String literal) -> literal;
            case RewriteRule.Part.Group(int group) -> group(found, group);
            case RewriteRule.Part.Username() -> asLevel(client.username());
            case RewriteRule.Part.ClientId() -> asLevel(client.clientId());
          };
      if (text == null) {
        return new Outcome.Refused(
            "rule %d puts in the user name or client id, and this client has none that can stand in"
                    .formatted(number)
                + " a topic",
            number);
      }
      made.append(text);
    }
    if (made.indexOf("$") == 0) {
      return new Outcome.Refused(
          "rule %d makes a topic that begins with $".formatted(number), number);
    }
    return new Outcome.Other(made.toString(), number);
  }

  private static String group(Matcher found, int group) {
    String text = found.group(group);
    return text == null ? "" : text;
  }

  /// @return null if it is more or less than text of one level
  private static @Nullable String asLevel(@Nullable String name) {
    boolean fits =
        name != null
            && !name.isEmpty()
            && name.chars().noneMatch(c -> c == '/' || c == '+' || c == '#' || c == 0);
    return fits ? name : null;
  }
}
