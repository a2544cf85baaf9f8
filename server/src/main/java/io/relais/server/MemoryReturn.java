package io.relais.server;

import io.relais.broker.Broker;
import io.relais.broker.Counter;
import java.util.concurrent.TimeUnit;

/// Gives memory back to the system when a load is over. The collector that ships returns memory
/// only when it collects the whole heap, which it does not do while nothing is allocated; so the
/// first quiet moment after a load asks for it once.
///
/// Owner: a thread of its own. Limits: at most once in [#PERIOD_SECONDS], not while messages flow,
/// not for less than [#GROWN_BYTES_MIN], and not with more than [#LIVE_BYTES_MAX] in use, where the
/// pause would be felt.
final class MemoryReturn {
  private static final int PERIOD_SECONDS = 10;
  private static final long QUIET_PACKETS_MAX = 5_000; // in a period
  private static final long GROWN_BYTES_MIN = 32L << 20;
  private static final long LIVE_BYTES_MAX = 256L << 20;

  private final Broker broker;
  private long packetsBefore;
  private long usedAfter;

  private MemoryReturn(Broker broker) {
    this.broker = broker;
  }

  /// Watches until the returned thread is interrupted.
  static Thread start(Broker broker) {
    return Thread.ofPlatform().daemon().name("relais-memory").start(new MemoryReturn(broker)::run);
  }

  private void run() {
    try {
      while (true) {
        TimeUnit.SECONDS.sleep(PERIOD_SECONDS);
        look();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void look() {
    long packets = broker.count(Counter.PACKETS_RECEIVED) + broker.count(Counter.PACKETS_SENT);
    boolean quiet = packets - packetsBefore < QUIET_PACKETS_MAX;
    packetsBefore = packets;
    if (quiet && used() - usedAfter > GROWN_BYTES_MIN && usedAfter < LIVE_BYTES_MAX) {
      System.gc();
      usedAfter = used();
    }
  }

  private static long used() {
    Runtime runtime = Runtime.getRuntime();
    return runtime.totalMemory() - runtime.freeMemory();
  }
}
