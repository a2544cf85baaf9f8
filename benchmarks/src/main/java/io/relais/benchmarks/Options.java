package io.relais.benchmarks;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.stream.Stream;

/// What the command line of `benchmarks/run` asks for.
record Options(
    int rounds,
    List<String> scenarios,
    List<String> brokers,
    double seconds,
    double warmSeconds,
    Optional<Path> json,
    Optional<String> against,
    OptionalLong againstPid,
    boolean pin,
    boolean save,
    boolean help) {
  static final String USAGE =
      """
      benchmarks/run [OPTION]...
      Puts the same load on Relais, its peers and the floor in turn, and prints one table of medians.

        --rounds N            measurements of each scenario and broker (default 3, at most 100)
        --scenarios A,B,...   names, families (p2p), usual (default) or all; benchmarks/README.md has them
        --brokers A,B,...     of relais, relais-memory, mosquitto, hivemq, moquette, nats, floor, or all of them
                              (default relais,mosquitto,floor)
        --seconds S           measured time of a timed scenario (default 4, at most 600)
        --warm S              time before it that is not measured (default 1.5, at most 600)
        --json FILE           writes all results there as well
        --save                writes what is printed to benchmarks/results/DATE-side-by-side.txt as well; never over another
        --against HOST:PORT   measures a broker that runs there already, in place of relais; loopback only
        --against-pid PID     its process, for CPU and memory
        --pin                 broker and generator on different processors (taskset)
        --help                this text

      Ends with 0; 1 if a cell FAILED or a broker could not be measured; 2 if the command line is wrong.
      """;

  Options {
    scenarios = List.copyOf(scenarios);
    brokers = List.copyOf(brokers);
  }

  static Options parse(List<String> words) {
    int rounds = 3;
    List<String> scenarios = List.of("usual");
    List<String> brokers = List.of();
    double seconds = 4;
    double warmSeconds = 1.5;
    Optional<Path> json = Optional.empty();
    Optional<String> against = Optional.empty();
    OptionalLong againstPid = OptionalLong.empty();
    boolean pin = false;
    boolean save = false;
    boolean help = false;
    for (int at = 0; at < words.size(); at++) {
      String option = words.get(at);
      switch (option) {
        case "--pin" -> pin = true;
        case "--save" -> save = true;
        case "--help", "-h" -> help = true;
        case "--rounds" -> rounds = (int) number(option, value(words, ++at), 1, 100);
        case "--scenarios" -> scenarios = list(value(words, ++at));
        case "--brokers" -> brokers = brokers(list(value(words, ++at)));
        case "--seconds" -> seconds = number(option, value(words, ++at), 0.5, 600);
        case "--warm" -> warmSeconds = number(option, value(words, ++at), 0, 600);
        case "--json" -> json = Optional.of(Path.of(value(words, ++at)).toAbsolutePath());
        case "--against" -> against = Optional.of(value(words, ++at));
        case "--against-pid" ->
            againstPid =
                OptionalLong.of((long) number(option, value(words, ++at), 1, Integer.MAX_VALUE));
        default -> throw new UsageError("unknown option '" + option + "'; --help lists them");
      }
    }
    if (brokers.isEmpty()) {
      brokers =
          against.isPresent()
              ? List.of("mosquitto", "floor")
              : List.of("relais", "mosquitto", "floor");
    }
    return new Options(
        rounds,
        scenarios,
        brokers,
        seconds,
        warmSeconds,
        json,
        against,
        againstPid,
        pin,
        save,
        help);
  }

  /// `all` stands for each of them; none is measured twice.
  private static List<String> brokers(List<String> words) {
    return words.stream()
        .flatMap(word -> word.equals("all") ? Bench.SIDE_BY_SIDE.stream() : Stream.of(word))
        .distinct()
        .toList();
  }

  static String value(List<String> words, int at) {
    if (at == words.size()) {
      throw new UsageError(words.get(at - 1) + " needs a value; --help tells which");
    }
    return words.get(at);
  }

  static double number(String option, String text, double min, double max) {
    double number;
    try {
      number = Double.parseDouble(text);
    } catch (NumberFormatException notANumber) {
      throw new UsageError("%s needs a number, not '%s'".formatted(option, text));
    }
    if (!(number >= min && number <= max)) {
      throw new UsageError(
          "%s must be between %s and %s, not %s"
              .formatted(option, Table.figure(min), Table.figure(max), text));
    }
    return number;
  }

  static List<String> list(String text) {
    List<String> words = new ArrayList<>();
    for (String word : text.split(",", -1)) {
      if (!word.isBlank()) {
        words.add(word.strip());
      }
    }
    return words;
  }
}
