package io.relais.benchmarks;

import io.relais.benchmarks.Scenario.Phase;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;

/// The scenarios of `benchmarks/durability`: load on what a broker keeps for clients. All speak
/// MQTT 5, since there a session says itself how long it lasts and the broker how much it takes at
/// once.
record DurableLoad(
    int publishers, long queued, int reconnecting, int sessions, int retained, long head) {
  static final DurableLoad WHOLE =
      new DurableLoad(8, 1_000_000, 10_000, 100_000, 1_000_000, 10_000_000);

  static final DurableLoad QUICK = new DurableLoad(8, 100_000, 1_000, 10_000, 100_000, 100_000);

  static final Set<String> USUAL =
      Set.of(
          "publish-w1",
          "publish-w64",
          "queue-1",
          "queue-10",
          "reconnect",
          "start-build",
          "start-killed",
          "start-stopped");

  static final String START = "start";
  static final String HEAD = "head";

  List<Scenario> scenarios() {
    return List.of(
        publish("publish-w1", 1),
        publish("publish-w64", 64),
        queue("queue-1", 1, queued, ""),
        queue("queue-10", 10, queued / 10, ""),
        work(
            "reconnect",
            "resume -S %d --filters 2 --src 4 -P 1".formatted(reconnecting),
            new Phase("create", "create_per_s", "create_cpu_us", "create_"),
            new Phase("resume", "resume_per_s", "resume_cpu_us", "resume_")),
        build(),
        afterKill(),
        afterStop(),
        heads().getFirst(),
        heads().getLast());
  }

  /// In this order, so that the short queue does not meet a broker that is colder. The client takes
  /// few messages at once, since a broker may fill all of the window before it writes.
  List<Scenario> heads() {
    String small = " -s 64 --recv-max 100";
    return List.of(queue("head-long", 1, head, small), queue("head-short", 1, 10, small));
  }

  Scenario build() {
    return work(
        "start-build",
        "store" + stored(),
        new Phase("sessions", "sessions_per_s", "sessions_cpu_us", "sessions_"),
        new Phase("retained", "store_per_s", "store_cpu_us", "store_"));
  }

  Scenario afterKill() {
    return probe("start-killed");
  }

  Scenario afterStop() {
    return probe("start-stopped");
  }

  private String stored() {
    return " -S %d -n %d -P 4 -s 64 -w 250 --id stored".formatted(sessions, retained);
  }

  private Scenario publish(String name, int window) {
    return new Scenario(
        name,
        common("p2p -P %d -w %d --persist --acks".formatted(publishers, window)),
        true,
        true,
        EnumSet.of(Need.MQTT_5, Need.SESSIONS),
        List.of(new Phase("", "recv_per_s", "cpu_us_per_recv")));
  }

  private static Scenario queue(String name, int sessions, long each, String more) {
    return work(
        name,
        "offline -S %d -n %d -P 4 -w 250 --acks%s".formatted(sessions, each, more),
        new Phase("enqueue", "enqueue_per_s", "enqueue_cpu_us", "enqueue_"),
        new Phase("drain", "drain_per_s", "drain_cpu_us", "drain_"));
  }

  /// The rate and CPU of a start are in no phase's terms: it has seconds, and the CPU is a remark.
  private Scenario probe(String name) {
    return work(name, "probe" + stored(), new Phase("", "start_per_s", "start_cpu_us", "start_"));
  }

  private static Scenario work(String name, String options, Phase... phases) {
    return new Scenario(
        name,
        common(options),
        false,
        true,
        EnumSet.of(Need.MQTT_5, Need.SESSIONS, Need.RETAINED_MESSAGES),
        List.of(phases));
  }

  private static List<String> common(String options) {
    return Scenario.words(options + " -q 1 -V 5 -k 0 --idle 30");
  }
}
