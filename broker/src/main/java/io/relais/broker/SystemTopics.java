package io.relais.broker;

import io.relais.cluster.Door;
import io.relais.protocol.Topics;
import io.relais.storage.Message;
import io.relais.storage.StateSizes;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/// The `$SYS` topics by the names that mosquitto gave them. Values are text; a value is published
/// when it changed, and given to new subscribers as if it were retained. They never enter the
/// store.
///
/// Owner: `update` runs on one loop; `values` is read by all.
final class SystemTopics {
  private static final String PREFIX = "$SYS/broker/";
  private static final int[] LOAD_MINUTES = {1, 5, 15};

  private final Door door;
  private final Directory directory;
  private final List<Loop> loops;
  private final NodeCounters counters;
  private final String version;
  private int intervalSeconds; // of the first loop, like the next
  private @Nullable ScheduledFuture<?> updates;
  private final long startNanos = System.nanoTime();
  private final Map<String, Message> values = new ConcurrentSkipListMap<>();
  private final Map<String, Long> lastCounts = new TreeMap<>();
  private final Map<String, Double> loads = new TreeMap<>();
  private long connectedMax;

  SystemTopics(
      Door door,
      Directory directory,
      List<Loop> loops,
      NodeCounters counters,
      int intervalSeconds,
      String version) {
    this.door = door;
    this.directory = directory;
    this.loops = loops;
    this.counters = counters;
    this.intervalSeconds = intervalSeconds;
    this.version = version;
  }

  /// Once; updates from now on.
  void start() {
    if (intervalSeconds > 0) {
      begin(loops.getFirst(), intervalSeconds);
    }
  }

  private void begin(Loop loop, int seconds) {
    put("version", "Relais " + version);
    loop.eventLoop()
        .execute(
            () -> {
              update(loop);
              updates =
                  loop.eventLoop()
                      .scheduleAtFixedRate(() -> update(loop), seconds, seconds, TimeUnit.SECONDS);
            });
  }

  /// Updates as often as this from now on; any thread.
  ///
  /// @param seconds 0: not at all, and nothing is told of what was
  void each(int seconds) {
    Loop loop = loops.getFirst();
    loop.eventLoop()
        .execute(
            () -> {
              if (seconds == intervalSeconds) {
                return;
              }
              intervalSeconds = seconds;
              if (updates != null) {
                updates.cancel(false);
                updates = null;
              }
              if (seconds > 0) {
                begin(loop, seconds);
              } else {
                values.clear();
              }
            });
  }

  /// Any thread.
  List<Message> matching(String filter) {
    List<Message> found = new ArrayList<>();
    for (Message value : values.values()) {
      if (Topics.matches(filter, value.topic())) {
        found.add(value);
      }
    }
    return found;
  }

  private long sum(Counter counter) {
    return counters.sum(counter);
  }

  private void update(Loop loop) {
    List<Message> changed = new ArrayList<>();
    collect(changed);
    for (Message message : changed) {
      loop.publish(message, false, List.of());
    }
  }

  private void collect(List<Message> changed) {
    StateSizes sizes = door.sizes();
    long uptime = TimeUnit.NANOSECONDS.toSeconds(System.nanoTime() - startNanos);
    set(changed, "uptime", uptime + " seconds");
    long connected = directory.size();
    connectedMax = Math.max(connectedMax, connected);
    long disconnected = Math.max(0, sizes.sessions() - connected);
    set(changed, "clients/connected", connected);
    set(changed, "clients/active", connected);
    set(changed, "clients/disconnected", disconnected);
    set(changed, "clients/inactive", disconnected);
    set(changed, "clients/total", connected + disconnected);
    set(changed, "clients/maximum", connectedMax);
    set(changed, "clients/expired", sum(Counter.SESSIONS_EXPIRED));
    set(changed, "bytes/received", sum(Counter.BYTES_RECEIVED));
    set(changed, "bytes/sent", sum(Counter.BYTES_SENT));
    set(changed, "messages/received", sum(Counter.PACKETS_RECEIVED));
    set(changed, "messages/sent", sum(Counter.PACKETS_SENT));
    set(changed, "publish/messages/received", sum(Counter.PUBLISH_RECEIVED));
    set(changed, "publish/messages/sent", sum(Counter.PUBLISH_SENT));
    set(changed, "publish/messages/dropped", counters.drops());
    set(changed, "publish/bytes/received", sum(Counter.PUBLISH_BYTES_RECEIVED));
    set(changed, "publish/bytes/sent", sum(Counter.PUBLISH_BYTES_SENT));
    set(changed, "messages/stored", sizes.queuedMessages() + sizes.retainedMessages());
    set(changed, "store/messages/count", sizes.queuedMessages() + sizes.retainedMessages());
    set(changed, "store/messages/bytes", sizes.bytes());
    set(changed, "retained messages/count", sizes.retainedMessages());
    set(
        changed,
        "subscriptions/count",
        sum(Counter.SUBSCRIPTIONS_MADE) - sum(Counter.SUBSCRIPTIONS_ENDED));
    set(
        changed,
        "shared_subscriptions/count",
        sum(Counter.SHARED_SUBSCRIPTIONS_MADE) - sum(Counter.SHARED_SUBSCRIPTIONS_ENDED));
    Runtime runtime = Runtime.getRuntime();
    set(changed, "heap/current", runtime.totalMemory() - runtime.freeMemory());
    set(changed, "heap/maximum", runtime.maxMemory());
    load(changed, "messages/received", sum(Counter.PACKETS_RECEIVED));
    load(changed, "messages/sent", sum(Counter.PACKETS_SENT));
    load(changed, "publish/received", sum(Counter.PUBLISH_RECEIVED));
    load(changed, "publish/sent", sum(Counter.PUBLISH_SENT));
    load(changed, "publish/dropped", counters.drops());
    load(changed, "bytes/received", sum(Counter.BYTES_RECEIVED));
    load(changed, "bytes/sent", sum(Counter.BYTES_SENT));
    load(changed, "sockets", sum(Counter.CONNECTIONS_OPENED));
    load(changed, "connections", sum(Counter.CONNECTIONS_ACCEPTED));
  }

  /// Moving averages over 1, 5 and 15 minutes, per minute.
  private void load(List<Message> changed, String name, long count) {
    Long before = lastCounts.put(name, count);
    double perMinute = (count - (before == null ? 0 : before)) * 60.0 / intervalSeconds;
    for (int minutes : LOAD_MINUTES) {
      String key = "load/" + name + "/" + minutes + "min";
      double weight = Math.exp(-intervalSeconds / (60.0 * minutes));
      double load = perMinute + weight * (loads.getOrDefault(key, 0.0) - perMinute);
      loads.put(key, load);
      set(changed, key, String.format(Locale.ROOT, "%.2f", load));
    }
  }

  private void set(List<Message> changed, String name, long value) {
    set(changed, name, Long.toString(value));
  }

  private void set(List<Message> changed, String name, String value) {
    Message before = values.get(PREFIX + name);
    if (before == null || !value.equals(new String(before.payload(), StandardCharsets.UTF_8))) {
      changed.add(put(name, value));
    }
  }

  private Message put(String name, String value) {
    var message = Message.of(PREFIX + name, value.getBytes(StandardCharsets.UTF_8), 0, false);
    values.put(message.topic(), message);
    return message;
  }
}
