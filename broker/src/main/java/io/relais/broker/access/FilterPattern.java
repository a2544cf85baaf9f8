package io.relais.broker.access;

import org.jspecify.annotations.Nullable;

/// The filter of a rule as it is for one client: levels, of which some are wildcards. A name that
/// was put in is text whatever is in it: a user called `+` gets no wildcard, one called `a/b` no
/// second level, and a client that calls itself `$SYS` none of the broker's topics.
///
/// Owner: immutable.
final class FilterPattern {
  private static final String ONE = "+";
  private static final String REST = "#";
  private static final String USER = "%u";
  private static final String CLIENT = "%c";

  private final String[] levels;
  private final boolean[] wild;

  private FilterPattern(String[] levels, boolean[] wild) {
    this.levels = levels;
    this.wild = wild;
  }

  /// Whether a filter is another one for each client.
  static boolean namesClients(String filter) {
    return filter.contains(USER) || filter.contains(CLIENT);
  }

  /// Of a filter that names no client.
  static FilterPattern of(String filter) {
    String[] levels = filter.split("/", -1);
    boolean[] wild = new boolean[levels.length];
    for (int i = 0; i < levels.length; i++) {
      wild[i] = levels[i].equals(ONE) || levels[i].equals(REST);
    }
    return new FilterPattern(levels, wild);
  }

  /// @return null if the filter takes in nothing for this client
  static @Nullable FilterPattern of(String filter, Client client) {
    FilterPattern pattern = of(filter);
    String[] levels = pattern.levels;
    for (int i = 0; i < levels.length; i++) {
      if (levels[i].equals(USER) || levels[i].equals(CLIENT)) {
        String name = levels[i].equals(USER) ? client.username() : client.clientId();
        if (name == null || i == 0 && name.startsWith("$")) {
          return null;
        }
        levels[i] = name;
      }
    }
    return pattern;
  }

  private boolean isRest(int level) {
    return wild[level] && levels[level].equals(REST);
  }

  /// Whether a topic is taken in.
  boolean matches(String topic) {
    return covers(topic, false);
  }

  /// Whether every topic that a filter takes in is taken in here too.
  boolean coversFilter(String filter) {
    return covers(filter, true);
  }

  private boolean covers(String other, boolean isFilter) {
    if (wild[0] && other.startsWith("$")) { // [MQTT-4.7.2-1]
      return false;
    }
    int from = 0;
    for (int i = 0; ; i++) {
      if (i < levels.length && isRest(i)) {
        return true;
      }
      if (from < 0 || i == levels.length) {
        return from < 0 && i == levels.length;
      }
      int slash = other.indexOf('/', from);
      int end = slash < 0 ? other.length() : slash;
      boolean theirsIsWild =
          isFilter && end - from == 1 && (other.charAt(from) == '+' || other.charAt(from) == '#');
      if (wild[i]) {
        if (theirsIsWild && other.charAt(from) == '#') {
          return i == 0 && levels.length == 2 && isRest(1); // `+/#` is all of `#`
        }
      } else if (theirsIsWild || !isText(levels[i], other, from, end)) {
        return false;
      }
      from = slash < 0 ? -1 : slash + 1;
    }
  }

  /// Whether there is a topic that both take in.
  boolean overlaps(String filter) {
    boolean system = filter.startsWith("$");
    boolean theirsBeginsWild = filter.startsWith(ONE) || filter.startsWith(REST);
    if (wild[0] && system || theirsBeginsWild && !wild[0] && levels[0].startsWith("$")) {
      return false;
    }
    int from = 0;
    for (int i = 0; ; i++) {
      if (i < levels.length && isRest(i)) {
        return true;
      }
      if (from < 0) {
        return i == levels.length;
      }
      int slash = filter.indexOf('/', from);
      int end = slash < 0 ? filter.length() : slash;
      boolean single = end - from == 1;
      if (single && filter.charAt(from) == '#') {
        return true; // `a/#` takes in `a` too
      }
      if (i == levels.length) {
        return false;
      }
      boolean theirsIsOne = single && filter.charAt(from) == '+';
      if (!wild[i] && !theirsIsOne && !isText(levels[i], filter, from, end)) {
        return false;
      }
      from = slash < 0 ? -1 : slash + 1;
    }
  }

  private static boolean isText(String level, String other, int from, int end) {
    return level.length() == end - from && other.startsWith(level, from);
  }
}
