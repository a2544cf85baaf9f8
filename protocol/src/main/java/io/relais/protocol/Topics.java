package io.relais.protocol;

import org.jspecify.annotations.Nullable;

/// The rules for topic names and filters [MQTT 5.0 section 4.7]. Names and filters are compared as
/// they are: no normal forms, no letter case [MQTT-4.7.3-4] [v3:MQTT-4.7.3-4].
public final class Topics {
  private Topics() {}

  /// A sentence that says why this is no topic name, or null where it is one.
  public static @Nullable String problemWithName(String topic) {
    String problem = problemWithText(topic, "A topic");
    if (problem != null) {
      return problem;
    }
    for (int i = 0; i < topic.length(); i++) {
      if (topic.charAt(i) == '+' || topic.charAt(i) == '#') { // [MQTT-4.7.0-1] [v3:MQTT-4.7.1-1]
        return "A topic has no wildcards, but '%c' stands at index %d"
            .formatted(topic.charAt(i), i);
      }
    }
    return null;
  }

  /// A sentence that says why this is no topic filter, or null where it is one. Knows nothing of
  /// `$share` and `$exclusive`: see [SubscriptionFilter].
  public static @Nullable String problemWithFilter(String filter) {
    String problem = problemWithText(filter, "A topic filter");
    if (problem != null) {
      return problem;
    }
    for (int i = 0; i < filter.length(); i++) {
      char c = filter.charAt(i);
      if (c != '+' && c != '#') {
        continue;
      }
      boolean begins = i == 0 || filter.charAt(i - 1) == '/';
      boolean ends = i == filter.length() - 1 || filter.charAt(i + 1) == '/';
      if (!begins || !ends) { // [MQTT-4.7.1-1] [MQTT-4.7.1-2] [v3:MQTT-4.7.1-2] [v3:MQTT-4.7.1-3]
        return "'%c' fills a whole level of a filter, but shares one at index %d".formatted(c, i);
      }
      if (c == '#' && i != filter.length() - 1) { // [MQTT-4.7.1-1] [v3:MQTT-4.7.1-2]
        return "'#' is the last level of a filter, but levels follow the one at index " + i;
      }
    }
    return null;
  }

  private static @Nullable String problemWithText(String text, String what) {
    if (text.isEmpty()) { // [MQTT-4.7.3-1] [v3:MQTT-4.7.3-1]
      return what + " has at least one character, and this one is empty";
    }
    int nul = text.indexOf('\0');
    if (nul >= 0) { // [MQTT-4.7.3-2] [v3:MQTT-4.7.3-2]
      return what + " has no U+0000, but one stands at index " + nul;
    }
    try {
      int bytes = Utf8.length(text);
      return bytes <= 0xFFFF // [MQTT-4.7.3-3] [v3:MQTT-4.7.3-3]
          ? null
          : what + " has at most 65535 bytes of UTF-8, and this one has " + bytes;
    } catch (IllegalArgumentException halfAPair) {
      return what + " is written in UTF-8: " + halfAPair.getMessage();
    }
  }

  /// Whether only a broker itself publishes to this topic.
  public static boolean isReserved(String topic) {
    return topic.equals("$SYS")
        || topic.startsWith("$SYS/")
        || topic.startsWith("$events/")
        || topic.startsWith("$queue/")
        || topic.startsWith("$replay/");
  }

  /// How many levels a topic or filter has; at least 1.
  public static int levels(String text) {
    int levels = 1;
    for (int slash = text.indexOf('/'); slash >= 0; slash = text.indexOf('/', slash + 1)) {
      levels++;
    }
    return levels;
  }

  /// Whether a valid filter takes in a valid topic: the rule itself, level by level, against which
  /// [TopicTree] is tested.
  public static boolean matches(String filter, String topic) {
    String[] wanted = filter.split("/", -1);
    String[] given = topic.split("/", -1);
    boolean wildFirst = wanted[0].equals("#") || wanted[0].equals("+");
    if (wildFirst && topic.startsWith("$")) { // [MQTT-4.7.2-1] [v3:MQTT-4.7.2-1]
      return false;
    }
    for (int i = 0; i < wanted.length; i++) {
      if (wanted[i].equals("#")) {
        return true; // and the level above it as well
      }
      if (i == given.length || !(wanted[i].equals("+") || wanted[i].equals(given[i]))) {
        return false;
      }
    }
    return wanted.length == given.length;
  }
}
