package io.relais.benchmarks;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// The line of JSON that the generator prints, and its numbers by name.
///
/// The names are unique within a line, those under `lat_us` included, so the numbers are read flat.
record LoadReport(String line, Map<String, Double> numbers) {
  private static final Pattern NUMBER = Pattern.compile("\"(\\w+)\":(-?\\d+(?:\\.\\d+)?)");

  LoadReport {
    numbers = Map.copyOf(numbers);
  }

  static LoadReport parse(String text) {
    String line = text.strip();
    if (!line.startsWith("{\"scenario\":") || !line.endsWith("}") || line.contains("\n")) {
      throw new IllegalArgumentException(
          "mqttload should print one line of JSON that begins with its scenario, but printed: "
              + (line.isEmpty() ? "nothing" : line));
    }
    Map<String, Double> numbers = new LinkedHashMap<>();
    for (Matcher found = NUMBER.matcher(line); found.find(); ) {
      numbers.put(found.group(1), Double.parseDouble(found.group(2)));
    }
    return new LoadReport(line, numbers);
  }

  /// A figure that must be there.
  double number(String name) {
    return figure(name)
        .orElseThrow(
            () -> new IllegalArgumentException("mqttload gave no number '" + name + "': " + line));
  }

  OptionalDouble figure(String name) {
    Double value = numbers.get(name);
    return value == null ? OptionalDouble.empty() : OptionalDouble.of(value);
  }

  /// A figure for which 0 means that it could not be measured: no process known, or below a clock
  /// tick.
  OptionalDouble positive(String name) {
    OptionalDouble value = figure(name);
    return value.isPresent() && value.getAsDouble() > 0 ? value : OptionalDouble.empty();
  }

  long count(String name) {
    return (long) number(name);
  }

  /// Why the run does not count, if so: the broker broke what the standard or the QoS promises.
  Optional<String> failure() {
    long qos = count("qos");
    long expected = count("expected");
    long lost = count("lost");
    if (qos > 0 && lost > 0) {
      return Optional.of("lost %d of %d at QoS %d".formatted(lost, expected, qos));
    }
    if (qos == 2 && count("dup") > 0) {
      return Optional.of("duplicated %d of %d at QoS 2".formatted(count("dup"), expected));
    }
    for (String wrong : new String[] {"bad", "misrouted", "nack", "disconnects", "no_session"}) {
      if (count(wrong) > 0) {
        return Optional.of(wrong.replace('_', ' ') + ": " + count(wrong));
      }
    }
    if (expected > 0 && count("received") == 0) {
      return Optional.of("none of %d messages arrived".formatted(expected));
    }
    return Optional.empty();
  }
}
