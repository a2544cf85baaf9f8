package io.relais.server.config;

import java.math.BigInteger;
import java.time.Duration;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// Sizes and durations as text: `256KiB`, `1MiB`, plain numbers are bytes; `500ms`, `10s`, `5m`,
/// `2h`, `30d`, plain numbers are seconds.
final class Units {
  private static final Pattern NUMBER_AND_UNIT = Pattern.compile("(\\d{1,18})\\s?([A-Za-z]*)");
  private static final String[] SIZES = {"B", "KiB", "MiB", "GiB", "TiB"};

  private Units() {}

  static long parseSize(String text) {
    Matcher written = NUMBER_AND_UNIT.matcher(text.strip());
    if (written.matches()) {
      String unit = written.group(2).isEmpty() ? "B" : written.group(2);
      for (int power = 0; power < SIZES.length; power++) {
        if (SIZES[power].equals(unit)) {
          return times(written.group(1), 1L << (10 * power), text);
        }
      }
    }
    throw new IllegalArgumentException(
        "is '%s'; write a size like 65536, 256KiB, 1MiB or 2GiB".formatted(text));
  }

  static Duration parseDuration(String text) {
    Matcher written = NUMBER_AND_UNIT.matcher(text.strip());
    if (written.matches()) {
      long millis =
          switch (written.group(2)) {
            case "ms" -> 1;
            case "", "s" -> 1_000;
            case "m" -> 60_000;
            case "h" -> 3_600_000;
            case "d" -> 86_400_000;
            default -> 0;
          };
      if (millis > 0) {
        return Duration.ofMillis(times(written.group(1), millis, text));
      }
    }
    throw new IllegalArgumentException(
        "is '%s'; write a duration like 500ms, 10s, 5m, 2h or 30d".formatted(text));
  }

  static String size(long bytes) {
    int power = 0;
    long rest = bytes;
    while (rest != 0 && rest % 1024 == 0 && power < SIZES.length - 1) {
      rest /= 1024;
      power++;
    }
    return power == 0 ? Long.toString(bytes) : rest + SIZES[power];
  }

  static String duration(Duration duration) {
    if (duration.equals(LimitsConfiguration.NEVER)) {
      return "never";
    }
    long millis = duration.toMillis();
    if (millis % 1_000 != 0) {
      return millis + "ms";
    }
    long seconds = millis / 1_000;
    if (seconds != 0 && seconds % 86_400 == 0) {
      return seconds / 86_400 + "d";
    }
    if (seconds != 0 && seconds % 3_600 == 0) {
      return seconds / 3_600 + "h";
    }
    return seconds != 0 && seconds % 60 == 0 ? seconds / 60 + "m" : seconds + "s";
  }

  private static long times(String number, long factor, String text) {
    try {
      return new BigInteger(number).multiply(BigInteger.valueOf(factor)).longValueExact();
    } catch (ArithmeticException tooLarge) {
      throw new IllegalArgumentException("is '%s', which is too large".formatted(text), tooLarge);
    }
  }
}
