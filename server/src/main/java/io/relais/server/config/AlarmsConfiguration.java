package io.relais.server.config;

import java.time.Duration;

/// From when on an alarm is raised.
public record AlarmsConfiguration(
    @Key(
            value =
                "Percent of the heap that live at the last collection. `0`: no alarm, as for all of these.",
            standard = "85")
        int heapPercent,
    @Key(
            value =
                "What is free on the disk of the data directory. It is also raised while messages are refused since the disk is"
                    + " nearly full.",
            standard = "1GiB")
        long diskFreeBytes,
    @Key(
            value = "Mean time of a write and sync of the store, over 10 s. Up to 1m.",
            standard = "500ms")
        Duration sync,
    @Key(value = "Percent of `limits.connections`.", standard = "90") int connectionsPercent,
    @Key(
            value =
                "Percent of `limits.store-bytes`, `limits.retained-messages` or `limits.delayed-messages`.",
            standard = "90")
        int storePercent,
    @Key(value = "Time until a listener's certificate expires. Up to 365d.", standard = "14d")
        Duration certificate,
    @Key(value = "Log-ins refused each second, over a minute.", standard = "10")
        int refusedConnects,
    @Key(
            value = "Messages dropped each second, over a minute; expired ones do not count.",
            standard = "10")
        int droppedMessages,
    @Key(
            value = "How long a loop, or the store's thread, does not come to new work. Up to 1m.",
            standard = "3s")
        Duration stall,
    @Key(value = "Percent of all processors that the process uses, over a minute.", standard = "95")
        int cpuPercent) {
  private static final int RATE_MAX = 1_000_000_000;

  public AlarmsConfiguration {
    Violations violations = new Violations();
    violations.range("heap-percent", heapPercent, 0, 100);
    violations.size("disk-free-bytes", diskFreeBytes, 0, 1L << 50);
    violations.range("sync", sync, Duration.ZERO, Duration.ofMinutes(1));
    violations.range("connections-percent", connectionsPercent, 0, 100);
    violations.range("store-percent", storePercent, 0, 100);
    violations.range("certificate", certificate, Duration.ZERO, Duration.ofDays(365));
    violations.range("refused-connects", refusedConnects, 0, RATE_MAX);
    violations.range("dropped-messages", droppedMessages, 0, RATE_MAX);
    violations.range("stall", stall, Duration.ZERO, Duration.ofMinutes(1));
    violations.range("cpu-percent", cpuPercent, 0, 100);
    violations.throwIfAny();
  }
}
