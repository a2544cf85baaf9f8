package io.relais.admin;

import io.relais.api.Overview;
import io.relais.broker.Administration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.DoubleSupplier;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Measures the node once a second, keeps how it was, and tells those who watch.
///
/// Owner: its thread measures; any thread asks. Limits: an hour at 5 s and a day at a minute, two
/// arrays of numbers for each series.
final class Pulse implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Pulse.class);
  private static final long SECOND_MILLIS = 1_000;
  private static final int FINE_SECONDS = 5;
  private static final int COARSE_SECONDS = 60;
  static final int FINE_HOURS = 1;
  static final int COARSE_HOURS = 24;

  /// Rates go over so many seconds.
  private static final int RATE_SECONDS = 5;

  /// What a look counted.
  private record Look(long nanos, long[] counts) {}

  /// Done with each second's look.
  interface Watcher {
    void look(Overview now);
  }

  private final Administration broker;
  private final Measures measures;
  private final List<String> names = new ArrayList<>();
  private final List<Watcher> watchers;
  private final Ring fine;
  private final Ring coarse;
  private final Look[] looks = new Look[COARSE_SECONDS + 1]; // the newest first
  private final long startNanos = System.nanoTime();
  private final Thread thread =
      Thread.ofPlatform().daemon().name("relais-pulse").unstarted(this::run);
  private boolean failing; // the thread's
  private long seconds;
  private Overview latest;

  Pulse(Administration broker, Measures measures, List<Watcher> watchers) {
    this.broker = broker;
    this.measures = measures;
    this.watchers = List.copyOf(watchers);
    names.addAll(measures.counters().keySet());
    names.addAll(measures.gauges().keySet());
    fine = new Ring(names.size(), FINE_HOURS * 3600 / FINE_SECONDS, FINE_SECONDS);
    coarse = new Ring(names.size(), COARSE_HOURS * 3600 / COARSE_SECONDS, COARSE_SECONDS);
    Look first = count();
    java.util.Arrays.fill(looks, first);
    latest = overview(first);
  }

  void start() {
    thread.start();
  }

  private void run() {
    try {
      long dueNanos = System.nanoTime();
      while (true) {
        dueNanos += TimeUnit.MILLISECONDS.toNanos(SECOND_MILLIS);
        TimeUnit.NANOSECONDS.sleep(Math.max(1, dueNanos - System.nanoTime()));
        dueNanos = Math.max(dueNanos, System.nanoTime() - TimeUnit.SECONDS.toNanos(1));
        try {
          Overview now = beat();
          watchers.forEach(watcher -> watcher.look(now));
          failing = false;
        } catch (RuntimeException e) {
          if (!failing) {
            LOG.warn("The node could not be measured, and is tried again: {}", e.toString());
          }
          failing = true;
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt(); // the node ends
    }
  }

  private Look count() {
    return new Look(
        System.nanoTime(),
        measures.counters().values().stream().mapToLong(LongSupplier::getAsLong).toArray());
  }

  private synchronized Overview beat() {
    Look now = count();
    System.arraycopy(looks, 0, looks, 1, looks.length - 1);
    looks[0] = now;
    latest = overview(now);
    seconds++;
    keep(fine);
    keep(coarse);
    notifyAll();
    return latest;
  }

  private void keep(Ring ring) {
    if (seconds % ring.stepSeconds() != 0) {
      return;
    }
    double[] row = new double[names.size()];
    double[] rates = rates(ring.stepSeconds());
    System.arraycopy(rates, 0, row, 0, rates.length);
    int i = rates.length;
    for (Double value : latest.gauges().values()) {
      row[i++] = value;
    }
    ring.add(latest.time().toEpochMilli(), row);
  }

  private double[] rates(int overSeconds) {
    Look now = looks[0];
    Look before = looks[overSeconds];
    double elapsed = (now.nanos - before.nanos) / 1e9;
    double[] rates = new double[now.counts.length];
    for (int i = 0; i < rates.length; i++) {
      rates[i] = elapsed <= 0 ? 0 : Math.max(0, (now.counts[i] - before.counts[i]) / elapsed);
    }
    return rates;
  }

  private Overview overview(Look now) {
    Map<String, Long> counters = new LinkedHashMap<>();
    Map<String, Double> rates = new LinkedHashMap<>();
    double[] all = rates(RATE_SECONDS);
    int i = 0;
    for (String name : measures.counters().keySet()) {
      counters.put(name, now.counts[i]);
      rates.put(name, all[i++]);
    }
    Map<String, Double> gauges = new LinkedHashMap<>();
    for (Map.Entry<String, DoubleSupplier> gauge : measures.gauges().entrySet()) {
      gauges.put(gauge.getKey(), gauge.getValue().getAsDouble());
    }
    return new Overview(
        Instant.ofEpochMilli(System.currentTimeMillis()),
        broker.node(),
        TimeUnit.NANOSECONDS.toSeconds(System.nanoTime() - startNanos),
        counters,
        gauges,
        rates);
  }

  synchronized Overview latest() {
    return latest;
  }

  /// Waits for the next one.
  synchronized Overview after(Overview seen) throws InterruptedException {
    while (latest == seen) {
      wait();
    }
    return latest;
  }

  List<String> names() {
    return names;
  }

  /// Points of one series: fine ones as long as they reach back so far, else coarse ones.
  ///
  /// @return seconds between them
  synchronized int history(String name, long fromMillis, long toMillis, Ring.Visitor visitor) {
    long fineFrom = latest.time().toEpochMilli() - TimeUnit.HOURS.toMillis(FINE_HOURS);
    Ring ring = fromMillis >= fineFrom - TimeUnit.SECONDS.toMillis(COARSE_SECONDS) ? fine : coarse;
    ring.forEach(names.indexOf(name), fromMillis, toMillis, visitor);
    return ring.stepSeconds();
  }

  @Override
  public void close() {
    thread.interrupt();
    try {
      thread.join(TimeUnit.SECONDS.toMillis(5));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
