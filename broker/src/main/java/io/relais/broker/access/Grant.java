package io.relais.broker.access;

import io.relais.broker.access.Rule.Action;
import io.relais.broker.access.Rule.Effect;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// What a source of authentication says of a client besides its name.
///
/// Owner: immutable.
///
/// @param expiresAtMillis when its connection ends, Unix time; `Long.MAX_VALUE`: never for this
/// @param rules what it may do, in place of the rules of all; null: those hold
/// @param groups that it is in
/// @param ofStoredUser its groups are those that the state has for its user name, at each moment
public record Grant(
    long expiresAtMillis, @Nullable Rules rules, Set<String> groups, boolean ofStoredUser) {
  public static final Grant NONE = new Grant(Long.MAX_VALUE, null);

  /// Of a user of the state.
  static final Grant STORED_USER = new Grant(Long.MAX_VALUE, null, Set.of(), true);

  static final int FILTERS_MAX = 1_000;

  private static final String SHAPE =
      "like {\"pub\": [\"a/#\"], \"sub\": [\"b/+\"], \"all\": [\"c\"]}";

  public Grant {
    groups = Set.copyOf(groups);
  }

  Grant(long expiresAtMillis, @Nullable Rules rules) {
    this(expiresAtMillis, rules, Set.of(), false);
  }

  /// @param told as a reader of JSON made it; null: in none
  /// @throws IllegalArgumentException with a sentence that says what is wrong and quotes nothing
  Grant withGroups(@Nullable Object told) {
    return told == null ? this : new Grant(expiresAtMillis, rules, Groups.read(told), ofStoredUser);
  }

  /// With the groups that the state has for a user now.
  public Grant ofUserIn(Collection<String> now) {
    return new Grant(expiresAtMillis, rules, Set.copyOf(now), true);
  }

  /// Reads what a client may do from JSON: three lists of filters, each of which may be left out.
  ///
  /// @param acl as a reader of JSON made it of maps, lists and text
  /// @throws IllegalArgumentException with a sentence that says what is wrong and quotes nothing
  static Rules rules(Object acl) {
    if (!(acl instanceof Map<?, ?> lists)) {
      throw new IllegalArgumentException("it is no object " + SHAPE);
    }
    List<Rule> rules = new ArrayList<>();
    lists.forEach((name, filters) -> add(action(name), filters, rules));
    return Rules.only(rules);
  }

  private static Action action(@Nullable Object name) {
    return switch (name instanceof String text ? text : null) {
      case "pub" -> Action.PUBLISH;
      case "sub" -> Action.SUBSCRIBE;
      case "all" -> Action.ALL;
      case null, default ->
          throw new IllegalArgumentException("it has a key other than pub, sub and all");
    };
  }

  private static void add(Action action, @Nullable Object filters, List<Rule> rules) {
    if (!(filters instanceof List<?> list)) {
      throw new IllegalArgumentException("it has a value that is no list; write it " + SHAPE);
    }
    for (Object filter : list) {
      if (!(filter instanceof String text) || Rule.problemWithFilter(text) != null) {
        throw new IllegalArgumentException("it has an entry that is no topic filter");
      }
      if (rules.size() == FILTERS_MAX) {
        throw new IllegalArgumentException("it has more than " + FILTERS_MAX + " filters");
      }
      rules.add(Rule.of(Effect.ALLOW, action, text));
    }
  }
}
