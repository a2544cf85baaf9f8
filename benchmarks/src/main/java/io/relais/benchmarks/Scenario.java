package io.relais.benchmarks;

import java.util.ArrayList;
import java.util.EnumSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/// One kind of load: the generator's options, and which of its figures count.
///
/// `timed` ones run for the time that the command line gives, the others until their work is done.
/// `ordered` ones let a subscriber see a publisher's messages in the order in which they were sent.
record Scenario(
    String name,
    List<String> options,
    boolean timed,
    boolean ordered,
    Set<Need> needs,
    List<Phase> phases) {

  /// A part of the run with a rate and a price of its own, by the generator's names for them. The
  /// label is empty where there is but one. Figures that only `benchmarks/durability` shows have
  /// names that begin with `prefix`.
  record Phase(String label, String rate, String cpu, String prefix) {
    Phase(String label, String rate, String cpu) {
      this(label, rate, cpu, "");
    }
  }

  private static final Phase DELIVERY = new Phase("", "recv_per_s", "cpu_us_per_recv");

  static final List<Scenario> ALL = all();

  private static final Set<String> USUAL =
      Set.of(
          "p2p-q0",
          "p2p-q1",
          "p2p-q2",
          "fanout-q0",
          "fanout-q1",
          "fanin-q0",
          "fanin-q1",
          "trickle-q1",
          "lat2k-q1");

  Scenario {
    options = List.copyOf(options);
    needs = Set.copyOf(needs);
    phases = List.copyOf(phases);
  }

  /// What it asks for that a broker does not have; where there is such, the broker is left out.
  Set<Need> lackedBy(Broker broker) {
    EnumSet<Need> lacked = EnumSet.noneOf(Need.class);
    lacked.addAll(needs);
    lacked.retainAll(broker.lacks());
    return lacked;
  }

  String family() {
    int dash = name.indexOf('-');
    return dash < 0 ? name : name.substring(0, dash);
  }

  /// Exact names, families (`p2p` is p2p-q0, p2p-q1 and p2p-q2), `usual` or `all`; in the
  /// catalogue's order.
  static List<Scenario> choose(List<String> words) {
    return choose(words, ALL, USUAL);
  }

  static List<Scenario> choose(List<String> words, List<Scenario> catalogue, Set<String> usual) {
    Set<Scenario> chosen = new LinkedHashSet<>();
    for (String word : words) {
      List<Scenario> found =
          switch (word) {
            case "all" -> catalogue;
            case "usual" -> catalogue.stream().filter(s -> usual.contains(s.name())).toList();
            default -> named(word, catalogue);
          };
      if (found.isEmpty()) {
        throw new UsageError(
            "no scenario is called '%s'; there are: %s, or a family (what is before the dash), or usual, or all"
                .formatted(
                    word, String.join(", ", catalogue.stream().map(Scenario::name).toList())));
      }
      chosen.addAll(found);
    }
    return catalogue.stream().filter(chosen::contains).toList();
  }

  private static List<Scenario> named(String word, List<Scenario> catalogue) {
    List<Scenario> exact = catalogue.stream().filter(s -> s.name().equals(word)).toList();
    return exact.isEmpty()
        ? catalogue.stream().filter(s -> s.family().equals(word)).toList()
        : exact;
  }

  private static List<Scenario> all() {
    List<Scenario> all = new ArrayList<>();
    for (int version : new int[] {4, 5}) {
      String suffix = version == 5 ? "5" : "";
      EnumSet<Need> needs = version == 5 ? EnumSet.of(Need.MQTT_5) : EnumSet.noneOf(Need.class);
      for (int qos = 0; qos <= 2; qos++) {
        EnumSet<Need> ofQos = EnumSet.copyOf(needs);
        if (qos == 2) {
          ofQos.add(Need.QOS_2);
        }
        all.add(flow("p2p" + suffix + "-q" + qos, ofQos, "p2p -P 10", version, qos));
      }
      for (int qos = 0; qos <= 1; qos++) {
        String name = "fanout" + suffix + "-q" + qos;
        all.add(flow(name, needs, "fanout -P 1 -S 100 -E 100", version, qos));
      }
      for (int qos = 0; qos <= 1; qos++) {
        String name = "fanin" + suffix + "-q" + qos;
        all.add(flow(name, needs, "fanin -P 100 -S 1 -E 50", version, qos));
      }
    }
    Set<Need> nothing = EnumSet.noneOf(Need.class);
    all.add(flow("trickle-q0", nothing, "p2p -P 500 -r 10000", 4, 0));
    all.add(flow("trickle-q1", nothing, "p2p -P 500 -r 10000", 4, 1));
    all.add(flow("lat2k-q1", nothing, "latency -P 10 -r 2000", 4, 1));
    all.add(
        new Scenario(
            "shared-q1",
            words("fanin -P 100 -S 4 --share -q 1 -V 5 -E 50"),
            true,
            false,
            EnumSet.of(Need.MQTT_5, Need.SHARED_SUBSCRIPTIONS),
            List.of(DELIVERY)));
    all.add(
        new Scenario(
            "subs100k",
            words("subs -S 100 --filters 100000 -P 4 -q 0 --broad 20 -E 200"),
            true,
            false,
            EnumSet.of(Need.MANY_SUBSCRIPTIONS),
            List.of(new Phase("subscribe", "sub_per_s", "cpu_us_per_sub"), DELIVERY)));
    all.add(
        new Scenario(
            "retained50k",
            words("retained -n 50000 -P 4 -S 1 -q 1 --idle 4"),
            false,
            false,
            EnumSet.of(Need.RETAINED_MESSAGES),
            List.of(
                new Phase("store", "store_per_s", "store_cpu_us"),
                new Phase("deliver", "deliver_per_s", "deliver_cpu_us"))));
    all.add(offline("offline", "offline -S 100 -n 1000 -P 4 -q 1 --idle 4"));
    all.add(offline("offline-fan", "offline -S 100 -n 1000 -P 4 -q 1 --idle 4 -T 1"));
    all.add(
        new Scenario(
            "conn10k",
            words("conn -S 10000 --src 4 -P 1 -k 60 --hold 5"),
            false,
            false,
            nothing,
            List.of(new Phase("", "conn_per_s", "cpu_us_per_conn"))));
    return List.copyOf(all);
  }

  private static Scenario flow(String name, Set<Need> needs, String base, int version, int qos) {
    List<String> options = words(base + " -q " + qos + (version == 5 ? " -V 5" : ""));
    return new Scenario(name, options, true, true, needs, List.of(DELIVERY));
  }

  private static Scenario offline(String name, String options) {
    return new Scenario(
        name,
        words(options),
        false,
        true,
        EnumSet.of(Need.SESSIONS),
        List.of(
            new Phase("enqueue", "enqueue_per_s", "enqueue_cpu_us"),
            new Phase("drain", "drain_per_s", "drain_cpu_us")));
  }

  static List<String> words(String options) {
    return List.of(options.split(" ", -1));
  }
}
