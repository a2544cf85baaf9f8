package io.relais.protocol;

import static java.util.Objects.requireNonNull;

import org.jspecify.annotations.Nullable;

/// What a client wrote as filter: plain, `$share/<group>/<filter>` or `$exclusive/<filter>`.
///
/// @param group the ShareName of a shared one, else null
/// @param filter what topics are matched with
public record SubscriptionFilter(Kind kind, @Nullable String group, String filter) {
  static final String SHARE_PREFIX = "$share/";
  private static final String EXCLUSIVE_PREFIX = "$exclusive/";

  public enum Kind {
    PLAIN,
    /// each message goes to one member of the group
    SHARED,
    /// at most one client at a time has it
    EXCLUSIVE
  }

  public SubscriptionFilter {
    if ((kind == Kind.SHARED) != (group != null)) {
      throw new IllegalArgumentException(kind + " with group " + group);
    }
  }

  /// @throws MalformedPacket with TOPIC_FILTER_INVALID and a sentence that says why
  public static SubscriptionFilter parse(String text) throws MalformedPacket {
    if (text.startsWith(SHARE_PREFIX)) { // [MQTT-4.8.2-1]
      return parseShared(text);
    }
    return text.startsWith(EXCLUSIVE_PREFIX)
        ? checked(Kind.EXCLUSIVE, null, text.substring(EXCLUSIVE_PREFIX.length()), text)
        : checked(Kind.PLAIN, null, text, text);
  }

  private static SubscriptionFilter parseShared(String text) throws MalformedPacket {
    int slash = text.indexOf('/', SHARE_PREFIX.length());
    if (slash < 0) { // [MQTT-4.8.2-2]
      throw invalid("A shared filter is $share/<group>/<filter>; no filter follows the group");
    }
    String group = text.substring(SHARE_PREFIX.length(), slash);
    if (group.isEmpty()) { // [MQTT-4.8.2-1]
      throw invalid("The group of a shared filter has at least one character");
    }
    if (group.indexOf('+') >= 0 || group.indexOf('#') >= 0) { // [MQTT-4.8.2-2]
      throw invalid("The group of a shared filter has no '+' and no '#'");
    }
    return checked(Kind.SHARED, group, text.substring(slash + 1), text);
  }

  private static SubscriptionFilter checked(
      Kind kind, @Nullable String group, String filter, String text) throws MalformedPacket {
    String problem = Topics.problemWithFilter(filter);
    if (problem == null) {
      problem = Topics.problemWithFilter(text); // for its length and the characters of the group
    }
    if (problem != null) {
      throw invalid(problem);
    }
    return new SubscriptionFilter(kind, group, filter);
  }

  private static MalformedPacket invalid(String problem) {
    return new MalformedPacket(ReasonCode.TOPIC_FILTER_INVALID, problem);
  }

  /// As the client wrote it.
  public String text() {
    return switch (kind) {
      case PLAIN -> filter;
      case SHARED -> SHARE_PREFIX + requireNonNull(group) + '/' + filter;
      case EXCLUSIVE -> EXCLUSIVE_PREFIX + filter;
    };
  }
}
