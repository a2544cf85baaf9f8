package io.relais.benchmarks;

import java.util.List;

/// What the command line of `benchmarks/scale` asks for.
record ScaleOptions(
    List<Growth> kinds,
    List<String> brokers,
    int sizes,
    int rounds,
    double seconds,
    double warmSeconds,
    boolean quick,
    boolean pin,
    boolean save,
    boolean help) {
  static final String USAGE =
      """
      benchmarks/scale [OPTION]...
      How the cost of Relais and its peers grows with the size of the load: a table for each kind.

        --kinds A,B,...       of connections, subscriptions, sessions, matches, levels, fanout, payload, retained,
                              slow, or all (default)
        --brokers A,B,...     of relais, relais-memory, mosquitto, floor (default relais,mosquitto)
        --sizes N             the first N sizes of each kind only
        --quick               a tenth of the sizes that are counts (levels and bytes stay as they are)
        --rounds N            measurements of each size and broker (default 1, at most 100)
        --seconds S           measured time of a timed load (default 4, at most 600)
        --warm S              time before it that is not measured (default 3, at most 600)
        --pin                 broker and generator on different processors (taskset)
        --save                writes what is printed to benchmarks/results/DATE-scale.txt as well; never over another
        --help                this text

      Ends with 0; 1 if a cell FAILED or a broker could not be measured; 2 if the command line is wrong.
      """;

  ScaleOptions {
    kinds = List.copyOf(kinds);
    brokers = List.copyOf(brokers);
  }

  static ScaleOptions parse(List<String> words) {
    List<Growth> kinds = Growth.ALL;
    List<String> brokers = List.of("relais", "mosquitto");
    int sizes = Integer.MAX_VALUE;
    int rounds = 1;
    double seconds = 4;
    double warmSeconds = 3;
    boolean quick = false;
    boolean pin = false;
    boolean save = false;
    boolean help = false;
    for (int at = 0; at < words.size(); at++) {
      String option = words.get(at);
      switch (option) {
        case "--quick" -> quick = true;
        case "--pin" -> pin = true;
        case "--save" -> save = true;
        case "--help", "-h" -> help = true;
        case "--kinds" -> kinds = Growth.choose(Options.list(Options.value(words, ++at)));
        case "--brokers" -> brokers = Options.list(Options.value(words, ++at));
        case "--sizes" -> sizes = (int) Options.number(option, Options.value(words, ++at), 1, 10);
        case "--rounds" ->
            rounds = (int) Options.number(option, Options.value(words, ++at), 1, 100);
        case "--seconds" -> seconds = Options.number(option, Options.value(words, ++at), 0.5, 600);
        case "--warm" -> warmSeconds = Options.number(option, Options.value(words, ++at), 0, 600);
        default -> throw new UsageError("unknown option '" + option + "'; --help lists them");
      }
    }
    return new ScaleOptions(
        kinds, brokers, sizes, rounds, seconds, warmSeconds, quick, pin, save, help);
  }
}
