package io.relais.cli.client;

import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.time.format.TextStyle;
import java.time.temporal.ChronoField;
import java.time.temporal.IsoFields;
import java.util.Locale;

/// The conversions of C's `strftime`, in the C locale, and mosquitto's `N` for nanoseconds.
final class Strftime {
  static final String CONVERSIONS = "aAbBcCdDeFgGhHIjklmMnNpPrRsStTuUVwWxXyYzZ";

  private static final Locale C = Locale.ENGLISH;

  private Strftime() {}

  static String format(char conversion, ZonedDateTime t) {
    int hour12 = t.getHour() % 12 == 0 ? 12 : t.getHour() % 12;
    int weekday = t.getDayOfWeek().getValue();
    return switch (conversion) {
      case 'a' -> t.getDayOfWeek().getDisplayName(TextStyle.SHORT, C);
      case 'A' -> t.getDayOfWeek().getDisplayName(TextStyle.FULL, C);
      case 'b', 'h' -> t.getMonth().getDisplayName(TextStyle.SHORT, C).substring(0, 3);
      case 'B' -> t.getMonth().getDisplayName(TextStyle.FULL, C);
      case 'c' ->
          all("a", " ", t) + all("b", " ", t) + all("e", " ", t) + all("T", " ", t) + t.getYear();
      case 'C' -> two(t.getYear() / 100);
      case 'd' -> two(t.getDayOfMonth());
      case 'D', 'x' ->
          two(t.getMonthValue()) + "/" + two(t.getDayOfMonth()) + "/" + two(t.getYear() % 100);
      case 'e' -> space(t.getDayOfMonth());
      case 'F' -> t.getYear() + "-" + two(t.getMonthValue()) + "-" + two(t.getDayOfMonth());
      case 'g' -> two(t.get(IsoFields.WEEK_BASED_YEAR) % 100);
      case 'G' -> Integer.toString(t.get(IsoFields.WEEK_BASED_YEAR));
      case 'H' -> two(t.getHour());
      case 'I' -> two(hour12);
      case 'j' -> String.format(C, "%03d", t.getDayOfYear());
      case 'k' -> space(t.getHour());
      case 'l' -> space(hour12);
      case 'm' -> two(t.getMonthValue());
      case 'M' -> two(t.getMinute());
      case 'n' -> "\n";
      case 'N' -> String.format(C, "%09d", t.getNano());
      case 'p' -> t.getHour() < 12 ? "AM" : "PM";
      case 'P' -> t.getHour() < 12 ? "am" : "pm";
      case 'r' ->
          two(hour12) + ":" + two(t.getMinute()) + ":" + two(t.getSecond()) + " " + format('p', t);
      case 'R' -> two(t.getHour()) + ":" + two(t.getMinute());
      case 's' -> Long.toString(t.getLong(ChronoField.INSTANT_SECONDS));
      case 'S' -> two(t.getSecond());
      case 't' -> "\t";
      case 'T', 'X' -> two(t.getHour()) + ":" + two(t.getMinute()) + ":" + two(t.getSecond());
      case 'u' -> Integer.toString(weekday);
      case 'U' -> two((t.getDayOfYear() + 6 - weekday % 7) / 7);
      case 'V' -> two(t.get(IsoFields.WEEK_OF_WEEK_BASED_YEAR));
      case 'w' -> Integer.toString(weekday % 7);
      case 'W' -> two((t.getDayOfYear() + 6 - (weekday + 6) % 7) / 7);
      case 'y' -> two(t.getYear() % 100);
      case 'Y' -> Integer.toString(t.getYear());
      case 'z' -> t.getOffset().equals(ZoneOffset.UTC) ? "+0000" : OFFSET.format(t);
      case 'Z' -> ZONE.format(t).equals("Z") ? "UTC" : ZONE.format(t);
      default -> throw new IllegalArgumentException("no time conversion '@" + conversion + "'");
    };
  }

  private static final DateTimeFormatter OFFSET = DateTimeFormatter.ofPattern("xx", C);
  private static final DateTimeFormatter ZONE = DateTimeFormatter.ofPattern("z", C);

  private static String all(String conversion, String after, ZonedDateTime t) {
    return format(conversion.charAt(0), t) + after;
  }

  private static String two(int n) {
    return n < 10 ? "0" + n : Integer.toString(n);
  }

  private static String space(int n) {
    return n < 10 ? " " + n : Integer.toString(n);
  }
}
