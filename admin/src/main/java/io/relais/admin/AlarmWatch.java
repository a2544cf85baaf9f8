package io.relais.admin;

import io.relais.api.Listener;
import io.relais.api.Overview;
import io.relais.broker.Administration;
import io.relais.cluster.SyncTimes;
import io.relais.storage.StateSizes;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// Looks each second whether something is as it should not be, and tells [Alarms].
///
/// Owner: the thread of [Pulse].
final class AlarmWatch implements Pulse.Watcher {
  private static final double CLEAR = 0.9; // of a threshold: what is below is good
  private static final int RATE_SECONDS = 60;
  private static final int SYNC_SECONDS = 10;
  private static final int DISK_EACH_SECONDS = 5;
  private static final int CERTIFICATES_EACH_SECONDS = 60;

  /// The newest sums of something, one a second.
  private static final class Sums {
    private final long[] values;
    private long seen;

    Sums(int seconds) {
      values = new long[seconds + 1];
    }

    void add(long sum) {
      values[(int) (seen++ % values.length)] = sum;
    }

    /// What was added since the oldest.
    long grown() {
      long newest = values[(int) ((seen - 1) % values.length)];
      return newest - values[(int) (Math.max(0, seen - values.length) % values.length)];
    }
  }

  /// Whether a thread comes to what it is handed.
  private static final class Ping {
    private final Supplier<CompletableFuture<?>> reach;
    private long sentNanos;
    private volatile long cameNanos;
    private volatile boolean onTheWay;

    Ping(Supplier<CompletableFuture<?>> reach) {
      this.reach = reach;
    }

    /// How long the last one took, or takes.
    long lookNanos() {
      long took = onTheWay ? System.nanoTime() - sentNanos : cameNanos;
      if (!onTheWay) {
        onTheWay = true;
        sentNanos = System.nanoTime();
        long sent = sentNanos;
        var _ =
            reach
                .get()
                .whenComplete(
                    (done, failed) -> {
                      cameNanos = System.nanoTime() - sent;
                      onTheWay = false;
                    });
      }
      return took;
    }
  }

  private final Administration broker;
  private final Watching watching;
  private final AlarmLimits limits;
  private final @Nullable Path data;
  private final Supplier<List<Listener>> listeners;
  private final BooleanSupplier ready;
  private final Alarms alarms;
  private final List<Ping> pings = new ArrayList<>();
  private final Sums refused = new Sums(RATE_SECONDS);
  private final Sums dropped = new Sums(RATE_SECONDS);
  private final Sums syncs = new Sums(SYNC_SECONDS);
  private final Sums syncNanos = new Sums(SYNC_SECONDS);
  private double cpuPercent;
  private long seconds;

  /// @param data folder on the disk that is watched; null: none is
  /// @param ready whether the listeners are to be open by now
  AlarmWatch(
      Administration broker,
      Watching watching,
      @Nullable Path data,
      Supplier<List<Listener>> listeners,
      BooleanSupplier ready,
      Alarms alarms) {
    this.broker = broker;
    this.watching = watching;
    this.limits = watching.alarms();
    this.data = data;
    this.listeners = listeners;
    this.ready = ready;
    this.alarms = alarms;
    for (int i = 0; i <= broker.insight().loops(); i++) {
      int index = i;
      pings.add(new Ping(() -> broker.insight().reach(index)));
    }
  }

  @Override
  public void look(Overview now) {
    memory(now);
    if (seconds % DISK_EACH_SECONDS == 0) {
      disk();
    }
    sync();
    percent(
        AlarmName.CONNECTIONS_HIGH,
        "connections (limits.connections)",
        broker.insight().connections(),
        broker.insight().connectionsMax(),
        limits.connectionsPercent());
    store();
    if (seconds % CERTIFICATES_EACH_SECONDS == 0) {
      certificates();
    }
    listeners();
    rates(now);
    stall();
    cpu(now);
    seconds++;
  }

  private void memory(Overview now) {
    percent(
        AlarmName.MEMORY_HIGH,
        "bytes of the heap live (-Xmx in RELAIS_JVM_OPTIONS)",
        now.gauges().getOrDefault("heapLiveBytes", 0.0),
        now.gauges().getOrDefault("heapMaxBytes", 1.0),
        limits.heapPercent());
  }

  /// @param most of which the limit is a percentage
  private void percent(AlarmName name, String of, double value, double most, int limit) {
    if (limit == 0 || most <= 0) {
      return;
    }
    double percent = 100 * value / most;
    above(
        name,
        null,
        percent,
        limit,
        () -> String.format(Locale.ROOT, "%.0f of %.0f %s, %.0f%%", value, most, of, percent));
  }

  private void above(
      AlarmName name,
      @Nullable String subject,
      double value,
      double threshold,
      Supplier<String> message) {
    alarms.see(
        name, subject, value >= threshold, value < threshold * CLEAR, value, threshold, message);
  }

  private void disk() {
    if (data == null || limits.diskFreeBytes() == 0) {
      return;
    }
    Path of = data;
    long threshold = limits.diskFreeBytes();
    long free;
    try {
      free = Files.getFileStore(of).getUsableSpace();
    } catch (IOException e) {
      disk(true, false, 0, () -> "the disk of %s does not say what is free: %s".formatted(of, e));
      return;
    }
    boolean refuses = broker.isDiskFull();
    disk(
        refuses || free < threshold,
        !refuses && free > threshold / CLEAR,
        (double) free,
        () ->
            "%d MiB are free on the disk of %s%s"
                .formatted(
                    free >> 20, of, refuses ? "; messages that must be kept are refused" : ""));
  }

  private void disk(boolean bad, boolean good, double free, Supplier<String> message) {
    alarms.see(
        AlarmName.DISK_NEARLY_FULL,
        null,
        bad,
        good,
        free,
        (double) limits.diskFreeBytes(),
        message);
  }

  private void sync() {
    SyncTimes times = broker.insight().syncs();
    syncs.add(times.count());
    syncNanos.add(times.nanos());
    if (limits.sync().isZero()) {
      return;
    }
    long mean = syncs.grown() == 0 ? 0 : syncNanos.grown() / syncs.grown();
    long millis = TimeUnit.NANOSECONDS.toMillis(Math.max(mean, times.underWayNanos()));
    above(
        AlarmName.SYNC_SLOW,
        null,
        (double) millis,
        (double) limits.sync().toMillis(),
        () -> "a write and sync of the store takes %d ms, and acks wait for it".formatted(millis));
  }

  private void store() {
    StateSizes sizes = broker.sizes();
    percent(sizes.bytes(), watching.storeBytesMax(), "bytes", "limits.store-bytes");
    percent(
        sizes.retainedMessages(),
        watching.retainedMax(),
        "retained messages",
        "limits.retained-messages");
    percent(
        sizes.delayedMessages(),
        watching.delayedMax(),
        "delayed messages",
        "limits.delayed-messages");
  }

  private void percent(long value, long most, String what, String limit) {
    if (limits.storePercent() == 0 || most <= 0) {
      return;
    }
    double percent = 100.0 * value / most;
    above(
        AlarmName.STORE_NEARLY_FULL,
        limit,
        percent,
        limits.storePercent(),
        () -> "%d of %d %s (%s), %.0f%%".formatted(value, most, what, limit, percent));
  }

  private void certificates() {
    if (limits.certificate().isZero()) {
      return;
    }
    Map<String, Path> files = watching.certificates().get();
    alarms.keepOnly(AlarmName.CERTIFICATE_EXPIRES, List.copyOf(files.keySet()));
    double threshold = limits.certificate().toDays();
    Map<Path, Instant> ends = new HashMap<>();
    files.forEach(
        (listener, file) -> {
          Instant end = ends.computeIfAbsent(file, AlarmWatch::end);
          Duration left = Duration.between(Instant.now(), end);
          boolean bad = left.compareTo(limits.certificate()) < 0;
          alarms.see(
              AlarmName.CERTIFICATE_EXPIRES,
              listener,
              bad,
              !bad,
              left.toHours() / 24.0,
              threshold,
              () ->
                  end.equals(Instant.EPOCH)
                      ? file + " cannot be read as a certificate"
                      : "the certificate %s expires at %s".formatted(file, end));
        });
  }

  /// When the first certificate of a file that expires does; long ago if there is none.
  private static Instant end(Path file) {
    Instant first = Instant.MAX;
    try (InputStream in = Files.newInputStream(file)) {
      for (var one : CertificateFactory.getInstance("X.509").generateCertificates(in)) {
        if (one instanceof X509Certificate certificate) {
          Instant end = certificate.getNotAfter().toInstant();
          first = end.isBefore(first) ? end : first;
        }
      }
    } catch (IOException | CertificateException e) {
      return Instant.EPOCH;
    }
    return first == Instant.MAX ? Instant.EPOCH : first;
  }

  private void listeners() {
    if (!ready.getAsBoolean()) {
      return;
    }
    List<String> serving = listeners.get().stream().map(Listener::name).toList();
    List<String> wanted = watching.listeners().get();
    alarms.keepOnly(AlarmName.LISTENER_DOWN, wanted);
    for (String name : wanted) {
      boolean down = !serving.contains(name);
      alarms.see(
          AlarmName.LISTENER_DOWN,
          name,
          down,
          !down,
          0,
          1,
          () -> "the listener is configured and does not serve; the log says why");
    }
  }

  private void rates(Overview now) {
    refused.add(now.counters().getOrDefault("connectsRefused", 0L));
    dropped.add(now.counters().getOrDefault("messagesDropped", 0L) - expired());
    rate(
        AlarmName.CONNECTS_REFUSED,
        refused,
        limits.refusedConnects(),
        "%.1f log-ins a second are refused");
    rate(
        AlarmName.MESSAGES_DROPPED,
        dropped,
        limits.droppedMessages(),
        "%.1f messages a second are dropped; relais_messages_dropped_total says why");
  }

  private long expired() {
    return broker.count(io.relais.broker.Counter.DROPPED_EXPIRED);
  }

  private void rate(AlarmName name, Sums sums, int limit, String message) {
    if (limit > 0) {
      double rate = (double) sums.grown() / RATE_SECONDS;
      above(name, null, rate, limit, () -> message.formatted(rate));
    }
  }

  private void stall() {
    if (limits.stall().isZero()) {
      return;
    }
    for (int i = 0; i < pings.size(); i++) {
      long millis = TimeUnit.NANOSECONDS.toMillis(pings.get(i).lookNanos());
      boolean applier = i == pings.size() - 1;
      above(
          AlarmName.NODE_STALLS,
          applier ? "store" : "loop-" + i,
          (double) millis,
          (double) limits.stall().toMillis(),
          () ->
              "%s has not come to new work for %d ms"
                  .formatted(applier ? "the store's thread" : "a loop", millis));
    }
  }

  /// An average that forgets within a minute.
  private void cpu(Overview now) {
    double load = now.gauges().getOrDefault("cpuPercent", 0.0);
    cpuPercent += (load - cpuPercent) / (RATE_SECONDS / 3.0);
    if (limits.cpuPercent() > 0) {
      double percent = cpuPercent;
      above(
          AlarmName.CPU_HIGH,
          null,
          percent,
          limits.cpuPercent(),
          () -> String.format(Locale.ROOT, "%.0f%% of all processors are in use", percent));
    }
  }
}
