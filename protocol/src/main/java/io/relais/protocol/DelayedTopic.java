package io.relais.protocol;

import org.jspecify.annotations.Nullable;

/// What `$delayed/<seconds>/<topic>` says: publish to the topic after so many seconds.
///
/// @param seconds 0 to 4294967295
/// @param topic an ordinary one
public record DelayedTopic(long seconds, String topic) {
  public static final String PREFIX = "$delayed/";

  /// What is expected, for messages to clients.
  public static final String SHAPE =
      "$delayed/<seconds>/<topic> with 0 to 4294967295 seconds and an ordinary topic";

  private static final int DIGITS_MAX = 10;

  /// @return null if it has not this shape
  public static @Nullable DelayedTopic parse(String text) {
    if (!text.startsWith(PREFIX)) {
      return null;
    }
    int slash = text.indexOf('/', PREFIX.length());
    long seconds = slash < 0 ? -1 : seconds(text.substring(PREFIX.length(), slash));
    String topic = text.substring(slash + 1);
    return seconds < 0 || Topics.problemWithName(topic) != null || topic.startsWith("$")
        ? null
        : new DelayedTopic(seconds, topic);
  }

  private static long seconds(String text) {
    if (text.isEmpty() || text.length() > DIGITS_MAX) {
      return -1;
    }
    long seconds = 0;
    for (int i = 0; i < text.length(); i++) {
      int digit = text.charAt(i) - '0';
      if (digit < 0 || digit > 9) {
        return -1;
      }
      seconds = seconds * 10 + digit;
    }
    return seconds > 0xFFFF_FFFFL ? -1 : seconds;
  }

  /// What a topic is in the end: that behind the delay, or itself.
  public static String inner(String topic) {
    int slash = topic.startsWith(PREFIX) ? topic.indexOf('/', PREFIX.length()) : -1;
    return topic.substring(slash + 1);
  }
}
