package io.relais.admin;

import io.relais.broker.Administration;
import io.relais.broker.Counter;
import java.lang.management.BufferPoolMXBean;
import java.lang.management.ManagementFactory;
import java.lang.management.MemoryPoolMXBean;
import java.lang.management.MemoryType;
import java.lang.management.MemoryUsage;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.DoubleSupplier;
import java.util.function.LongSupplier;

/// What a node counts and measures, by the names that the API has for it.
///
/// Owner: any thread for the counters; of the gauges, who measures once a second.
final class Measures {
  private final Map<String, LongSupplier> counters = new LinkedHashMap<>();
  private final Map<String, DoubleSupplier> gauges = new LinkedHashMap<>();
  private final List<MemoryPoolMXBean> heapPools =
      ManagementFactory.getMemoryPoolMXBeans().stream()
          .filter(pool -> pool.getType() == MemoryType.HEAP)
          .toList();

  Measures(Administration broker) {
    counter("messagesReceived", broker, Counter.PUBLISH_RECEIVED);
    counter("messagesSent", broker, Counter.PUBLISH_SENT);
    counters.put("messagesDropped", broker::droppedMessages);
    counter("messagesRefused", broker, Counter.PUBLISH_REFUSED);
    counter("messagesUnmatched", broker, Counter.PUBLISH_UNMATCHED);
    counter("payloadBytesReceived", broker, Counter.PUBLISH_BYTES_RECEIVED);
    counter("payloadBytesSent", broker, Counter.PUBLISH_BYTES_SENT);
    counter("packetsReceived", broker, Counter.PACKETS_RECEIVED);
    counter("packetsSent", broker, Counter.PACKETS_SENT);
    counter("bytesReceived", broker, Counter.BYTES_RECEIVED);
    counter("bytesSent", broker, Counter.BYTES_SENT);
    counter("connectsAccepted", broker, Counter.CONNECTIONS_ACCEPTED);
    counter("connectsRefused", broker, Counter.REFUSED_CONNECTS);
    counter("connectionsClosed", broker, Counter.CONNECTIONS_CLOSED);
    counters.put("storeSyncs", () -> broker.insight().syncs().count());
    gauges.put("clientsConnected", broker::connectedClients);
    gauges.put("connections", () -> broker.insight().connections());
    gauges.put("sessionsKept", () -> broker.sizes().sessions());
    gauges.put(
        "subscriptions",
        () ->
            (double)
                (broker.count(Counter.SUBSCRIPTIONS_MADE)
                    - broker.count(Counter.SUBSCRIPTIONS_ENDED)));
    gauges.put("subscriptionsKept", () -> broker.sizes().subscriptions());
    gauges.put("messagesRetained", () -> broker.sizes().retainedMessages());
    gauges.put("messagesQueued", () -> broker.sizes().queuedMessages());
    gauges.put("messagesDelayed", () -> broker.sizes().delayedMessages());
    gauges.put("storeBytes", () -> broker.sizes().bytes());
    gauges.put("storeSyncMillisP99", new RecentTimes(List.of(broker.insight().syncs().counts())));
    gauges.put("ackMillisP99", new RecentTimes(broker.insight().ackTimes()));
    Runtime runtime = Runtime.getRuntime();
    gauges.put("heapUsedBytes", () -> runtime.totalMemory() - runtime.freeMemory());
    gauges.put("heapLiveBytes", this::heapLiveBytes);
    gauges.put("heapMaxBytes", runtime::maxMemory);
    gauges.put("directBytes", Measures::directBytes);
    gauges.put("cpuPercent", Measures::cpuPercent);
    gauges.put("threads", () -> ManagementFactory.getThreadMXBean().getThreadCount());
  }

  private void counter(String name, Administration broker, Counter counter) {
    counters.put(name, () -> broker.count(counter));
  }

  /// What was left when the heap was last collected as a whole, and young objects since then: what
  /// is merely waiting to be collected says nothing.
  private double heapLiveBytes() {
    long live = 0;
    for (MemoryPoolMXBean pool : heapPools) {
      MemoryUsage after = pool.getCollectionUsage();
      live += after == null ? 0 : after.getUsed();
    }
    return live;
  }

  private static double directBytes() {
    return ManagementFactory.getPlatformMXBeans(BufferPoolMXBean.class).stream()
        .filter(pool -> pool.getName().equals("direct"))
        .mapToLong(BufferPoolMXBean::getMemoryUsed)
        .sum();
  }

  private static double cpuPercent() {
    return ManagementFactory.getOperatingSystemMXBean()
            instanceof com.sun.management.OperatingSystemMXBean system
        ? Math.max(0, system.getProcessCpuLoad()) * 100
        : 0;
  }

  Map<String, LongSupplier> counters() {
    return Collections.unmodifiableMap(counters);
  }

  Map<String, DoubleSupplier> gauges() {
    return Collections.unmodifiableMap(gauges);
  }
}
