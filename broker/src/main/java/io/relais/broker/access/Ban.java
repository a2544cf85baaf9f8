package io.relais.broker.access;

import java.util.Locale;

/// One entry of the list of who may not connect.
///
/// @param value as the kind wants it: see [#of]
/// @param untilMillis log time; `Long.MAX_VALUE`: for ever
public record Ban(Kind kind, String value, long untilMillis) {
  /// Longer patterns would make comparing slow.
  public static final int PATTERN_MAX = 256;

  /// What a ban is about.
  public enum Kind {
    /// a client id
    CLIENT,
    /// a user name
    USER,
    /// one address or a range
    ADDRESS,
    /// client ids, with `*` for any run of characters and `?` for one
    CLIENT_PATTERN,
    /// user names, likewise
    USER_PATTERN;

    /// As operators write it.
    public String label() {
      return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
  }

  /// Checks the value, and writes an address as one that means the same is written.
  ///
  /// @throws IllegalArgumentException with a sentence that says what is wrong
  public static Ban of(Kind kind, String value, long untilMillis) {
    return switch (kind) {
      case CLIENT, USER -> new Ban(kind, value, untilMillis);
      case ADDRESS -> new Ban(kind, AddressRange.parse(value).toString(), untilMillis);
      case CLIENT_PATTERN, USER_PATTERN -> {
        if (value.length() > PATTERN_MAX) {
          throw new IllegalArgumentException(
              "has %d characters, a pattern has at most %d".formatted(value.length(), PATTERN_MAX));
        }
        yield new Ban(kind, value, untilMillis);
      }
    };
  }

  /// Whether every client must be compared with it, where others are looked up.
  public boolean isCompared() {
    return switch (kind) {
      case CLIENT, USER -> false;
      case ADDRESS -> value.indexOf('/') >= 0;
      case CLIENT_PATTERN, USER_PATTERN -> true;
    };
  }

  boolean holdsAt(long nowMillis) {
    return nowMillis < untilMillis;
  }
}
