package io.relais.benchmarks;

import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.Set;
import java.util.function.Function;
import java.util.function.IntFunction;

/// One way in which a load can grow: its sizes, the load at each, and what is looked at.
///
/// `relaisSettings` and `mosquittoSettings` are what the sizes need beyond a broker's defaults.
/// Where `counts` is set, sizes are numbers of things and `--quick` takes a tenth of them.
record Growth(
    String name,
    String grows,
    String size,
    List<Integer> sizes,
    boolean counts,
    Set<Need> needs,
    List<String> relaisSettings,
    List<String> mosquittoSettings,
    IntFunction<List<Load>> loads,
    List<Column> columns,
    Optional<Memory> memory) {
  /// What is run at one size; the label tells the loads of one size apart.
  record Load(String label, Scenario scenario) {}

  /// A figure of the generator's line. One that is a cost has a title for how it grows.
  record Column(
      String title, Function<LoadReport, OptionalDouble> figure, Optional<String> growth) {}

  /// Resident memory with everything in place, and whether 1,000,000 of it are computed from that.
  record Memory(String each, Function<LoadReport, OptionalDouble> residentKiB, boolean million) {}

  /// The label of a load that is the only one of its size.
  static final String ALONE = "";

  static final List<Growth> ALL =
      List.of(
          connections(),
          subscriptions(),
          sessions(),
          matches(),
          levels(),
          fanout(),
          payload(),
          retained(),
          slow());

  /// Messages of one publisher that are on their way to many subscribers. The same for each size:
  /// it bounds how many of them one write to a socket can take, which decides what each costs.
  private static final int TO_MANY = 10;

  private static final int WINDOW = 100;
  private static final int BYTES_ON_THEIR_WAY = 8 << 20;

  Growth {
    sizes = List.copyOf(sizes);
    needs = Set.copyOf(needs);
    relaisSettings = List.copyOf(relaisSettings);
    mosquittoSettings = List.copyOf(mosquittoSettings);
    columns = List.copyOf(columns);
  }

  static List<Growth> choose(List<String> names) {
    for (String name : names) {
      if (!name.equals("all") && ALL.stream().noneMatch(kind -> kind.name().equals(name))) {
        throw new UsageError(
            "no kind is called '%s'; there are: %s, or all"
                .formatted(name, String.join(", ", ALL.stream().map(Growth::name).toList())));
      }
    }
    return ALL.stream()
        .filter(kind -> names.contains("all") || names.contains(kind.name()))
        .toList();
  }

  /// The first `atMost` sizes, or of a tenth of them where `quick`; none of them twice.
  List<Integer> sizes(boolean quick, int atMost) {
    return sizes.stream()
        .map(size -> quick && counts ? tenth(size) : size)
        .distinct()
        .limit(atMost)
        .toList();
  }

  private static int tenth(int size) {
    return size == 0 ? 0 : Math.max(1, size / 10);
  }

  private static Growth connections() {
    return new Growth(
        "connections",
        "idle TCP connections without a subscription, keep-alive 60; 500 others came and went before",
        "connections",
        List.of(1_000, 5_000, 10_000, 19_000),
        true,
        EnumSet.noneOf(Need.class),
        List.of(),
        List.of(),
        size ->
            List.of(
                work(
                    "connections",
                    size,
                    "conn -S %d -P 0 --src 8 -k 60 --prior 500 --hold 10".formatted(size))),
        List.of(
            figure("connections/s", "conn_per_s", 1),
            cost("us CPU/connection", "cpu_us_per_conn", 1, "growth CPU"),
            cost("KiB/connection", "rss_bytes_per_conn", 1.0 / 1024, "growth KiB"),
            figure("KiB since start", "fresh_rss_bytes_per_conn", 1.0 / 1024),
            figure("MiB at start", "rss_fresh_kb", 1.0 / 1024),
            figure("MiB", "rss_idle_kb", 1.0 / 1024),
            figure("idle ms CPU/s", "hold_cpu_ms_per_s", 1),
            figure("us CPU/ping", "cpu_us_per_ping", 1)),
        Optional.of(new Memory("idle connection", report -> report.positive("rss_idle_kb"), true)));
  }

  private static Growth subscriptions() {
    return new Growth(
        "subscriptions",
        "distinct filters over 100 sessions, three quarters with wildcards; each message matches one; QoS 0",
        "subscriptions",
        List.of(1_000, 10_000, 100_000, 1_000_000),
        true,
        EnumSet.of(Need.MANY_SUBSCRIPTIONS),
        List.of(),
        List.of(),
        size ->
            List.of(
                timed(
                    "subscriptions",
                    size,
                    "subs -S 100 --filters %d -P 4 -q 0 -E 200 -k 0 --prior 500".formatted(size))),
        List.of(
            figure("subscribed/s", "sub_per_s", 1),
            cost("us CPU/subscription", "cpu_us_per_sub", 1, "growth subscribe"),
            figure("bytes/subscription", "rss_bytes_per_sub", 1),
            figure("messages/s", "recv_per_s", 1),
            cost("us CPU/message", "cpu_us_per_recv", 1, "growth message"),
            figure("MiB", "rss_after_kb", 1.0 / 1024),
            figure("p50 us", "p50", 1),
            figure("p99 us", "p99", 1)),
        Optional.of(
            new Memory("subscription", report -> report.positive("rss_subscribed_kb"), false)));
  }

  private static Growth sessions() {
    return flow(
        "sessions",
        "ten pairs at QoS 1, while other connected sessions with a subscription each are idle",
        "idle sessions",
        List.of(0, 1_000, 5_000, 15_000),
        true,
        EnumSet.noneOf(Need.class),
        size ->
            timed("sessions", size, "p2p -P 10 -q 1 -k 0 --src 8 --bystanders %d".formatted(size)));
  }

  private static Growth matches() {
    return flow(
        "matches",
        "one topic, and wildcard filters that match it, each another filter of another session; QoS 0",
        "matching filters",
        List.of(1, 10, 100, 1_000),
        true,
        EnumSet.of(Need.MANY_SUBSCRIPTIONS),
        size ->
            timed("matches", size, "match -P 1 -S %d -E %d -q 0 -k 0".formatted(size, TO_MANY)));
  }

  private static Growth levels() {
    return flow(
        "levels",
        "ten pairs at QoS 0 on topics of so many levels, every second of them a + in the filter",
        "levels",
        List.of(2, 8, 32, 128),
        false,
        EnumSet.of(Need.MANY_SUBSCRIPTIONS),
        size -> timed("levels", size, "levels -P 10 --levels %d -q 0 -k 0".formatted(size)));
  }

  private static Growth fanout() {
    return flow(
        "fanout",
        "one publisher, and so many subscribers of its topic; QoS 1",
        "subscribers",
        List.of(1, 10, 100, 1_000, 10_000),
        true,
        EnumSet.noneOf(Need.class),
        size ->
            timed(
                "fanout",
                size,
                "fanout -P 1 -S %d -E %d -q 1 -k 0 --src 8".formatted(size, TO_MANY)));
  }

  private static Growth payload() {
    return new Growth(
        "payload",
        "four pairs at QoS 1, payloads of so many bytes",
        "bytes",
        List.of(16, 256, 64 << 10, 16 << 20),
        false,
        EnumSet.noneOf(Need.class),
        List.of("limits.payload-bytes=16MiB"),
        List.of(),
        size ->
            List.of(
                timed(
                    "payload",
                    size,
                    "p2p -P 4 -s %d -q 1 -k 0 -w %d -E %d"
                        .formatted(size, payloadWindow(size), payloadWindow(size)))),
        List.of(
            figure("messages/s", "recv_per_s", 1),
            new Column(
                "MiB/s",
                report -> product(report, "recv_per_s", report.number("size") / (1 << 20)),
                Optional.empty()),
            cost("us CPU/message", "cpu_us_per_recv", 1, "growth"),
            new Column(
                "us CPU/KiB",
                report -> product(report, "cpu_us_per_recv", 1024 / report.number("size")),
                Optional.empty()),
            figure("MiB", "rss_after_kb", 1.0 / 1024),
            figure("p50 us", "p50", 1),
            figure("p99 us", "p99", 1)),
        Optional.empty());
  }

  private static Growth retained() {
    return new Growth(
        "retained",
        "retained messages of 64 bytes stored at QoS 1, then delivered to one subscriber of all of them",
        "retained messages",
        List.of(1_000, 10_000, 100_000, 1_000_000),
        true,
        EnumSet.of(Need.RETAINED_MESSAGES),
        List.of("limits.retained-messages=2000000"),
        List.of(),
        size ->
            List.of(
                work(
                    "retained",
                    size,
                    "retained -n %d -P 4 -S 1 -q 1 -s 64 -k 0 --idle 20".formatted(size))),
        List.of(
            figure("stored/s", "store_per_s", 1),
            cost("us CPU/stored", "store_cpu_us", 1, "growth store"),
            figure("delivered/s", "deliver_per_s", 1),
            cost("us CPU/delivered", "deliver_cpu_us", 1, "growth deliver"),
            figure("MiB", "rss_stored_kb", 1.0 / 1024),
            figure("MiB, delivered", "rss_after_kb", 1.0 / 1024)),
        Optional.of(
            new Memory("retained message", report -> report.positive("rss_stored_kb"), false)));
  }

  private static Growth slow() {
    String load = "fanout -P 1 -S %d -E %d -q 1 -k 0 --src 8";
    return new Growth(
        "slow",
        "one publisher and fast subscribers at QoS 1, without and with one that reads nothing; figures are of the fast ones",
        "fast subscribers",
        List.of(10, 100, 1_000),
        true,
        EnumSet.of(Need.SESSIONS),
        List.of(),
        // As many as a session of Relais keeps; without a bound it would keep all of them.
        List.of("max_queued_messages 100000"),
        size ->
            List.of(
                timed("slow", size, load.formatted(size, TO_MANY)),
                load(
                    "and 1 stalled",
                    "slow-stalled",
                    size,
                    true,
                    load.formatted(size, TO_MANY) + " --stalled 1")),
        List.of(
            figure("messages/s", "recv_per_s", 1),
            cost("us CPU/message", "cpu_us_per_recv", 1, "growth"),
            figure("MiB", "rss_after_kb", 1.0 / 1024),
            figure("peak MiB", "rss_peak_kb", 1.0 / 1024),
            figure("p50 us", "p50", 1),
            figure("p99 us", "p99", 1)),
        Optional.empty());
  }

  /// Messages that go on for a given time.
  private static Growth flow(
      String name,
      String grows,
      String size,
      List<Integer> sizes,
      boolean counts,
      Set<Need> needs,
      IntFunction<Load> load) {
    return new Growth(
        name,
        grows,
        size,
        sizes,
        counts,
        needs,
        List.of(),
        List.of(),
        of -> List.of(load.apply(of)),
        List.of(
            figure("messages/s", "recv_per_s", 1),
            cost("us CPU/message", "cpu_us_per_recv", 1, "growth"),
            figure("MiB", "rss_after_kb", 1.0 / 1024),
            figure("p50 us", "p50", 1),
            figure("p99 us", "p99", 1)),
        Optional.empty());
  }

  private static int payloadWindow(int bytes) {
    return Math.clamp(BYTES_ON_THEIR_WAY / bytes, 1, WINDOW);
  }

  private static Load timed(String name, int size, String options) {
    return load(ALONE, name, size, true, options);
  }

  private static Load work(String name, int size, String options) {
    return load(ALONE, name, size, false, options);
  }

  private static Load load(String label, String name, int size, boolean timed, String options) {
    return new Load(
        label,
        new Scenario(
            name + "-" + size,
            Scenario.words(options),
            timed,
            true,
            EnumSet.noneOf(Need.class),
            List.of(new Scenario.Phase("", "recv_per_s", "cpu_us_per_recv"))));
  }

  /// 0 stands for what could not be measured: no process known, or no growth to be seen.
  private static Column figure(String title, String name, double factor) {
    return new Column(title, report -> product(report, name, factor), Optional.empty());
  }

  private static Column cost(String title, String name, double factor, String growth) {
    return new Column(title, report -> product(report, name, factor), Optional.of(growth));
  }

  private static OptionalDouble product(LoadReport report, String name, double factor) {
    OptionalDouble value = report.positive(name);
    return value.isPresent() ? OptionalDouble.of(value.getAsDouble() * factor) : value;
  }
}
