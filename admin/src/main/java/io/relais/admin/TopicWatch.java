package io.relais.admin;

import io.relais.api.Overview;
import io.relais.api.TopicMetrics;
import io.relais.broker.Administration;
import io.relais.broker.TopicMeter;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.List;
import java.util.NavigableSet;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.stream.LongStream;
import org.jspecify.annotations.Nullable;

/// Filters whose messages are counted: kept as documents, counted since the node started.
///
/// Owner: filters come and go guarded by itself; any thread reads. Limits: [#FILTERS_MAX].
final class TopicWatch implements Pulse.Watcher {
  static final int FILTERS_MAX = 512;
  private static final int RATE_SECONDS = 5;

  /// As it is kept.
  record Stored(String filter, Instant createdAt, String by) {}

  private record Look(long nanos, TopicMeter.Counts counts) {
    static Look at(TopicMeter meter) {
      return new Look(System.nanoTime(), meter.counts());
    }
  }

  private static final class Entry {
    final Stored stored;
    final TopicMeter meter;
    final ArrayDeque<Look> looks = new ArrayDeque<>(); // the newest first; guarded by this

    Entry(Stored stored, TopicMeter meter) {
      this.stored = stored;
      this.meter = meter;
      looks.add(Look.at(meter));
    }

    synchronized void look() {
      looks.addFirst(Look.at(meter));
      while (looks.size() > RATE_SECONDS + 1) {
        looks.removeLast();
      }
    }

    synchronized TopicMetrics told() {
      TopicMeter.Counts now = meter.counts();
      Look newest = looks.getFirst();
      Look oldest = looks.getLast();
      double seconds = (newest.nanos - oldest.nanos) / 1e9;
      TopicMeter.Counts since = newest.counts;
      TopicMeter.Counts before = oldest.counts;
      return new TopicMetrics(
          stored.filter,
          stored.createdAt,
          stored.by,
          now.messagesIn(),
          now.messagesOut(),
          now.dropped(),
          LongStream.of(now.in()).boxed().toList(),
          LongStream.of(now.out()).boxed().toList(),
          now.bytesIn(),
          now.bytesOut(),
          rate(since.messagesIn() - before.messagesIn(), seconds),
          rate(since.messagesOut() - before.messagesOut(), seconds),
          rate(since.dropped() - before.dropped(), seconds),
          rate(since.bytesIn() - before.bytesIn(), seconds),
          rate(since.bytesOut() - before.bytesOut(), seconds));
    }

    private static double rate(long grown, double seconds) {
      return seconds <= 0 ? 0 : grown / seconds;
    }
  }

  private final Administration broker;
  private final Shelf<Stored> shelf;
  private final ConcurrentSkipListMap<String, Entry> entries = new ConcurrentSkipListMap<>();

  TopicWatch(Administration broker) {
    this.broker = broker;
    this.shelf = new Shelf<>(broker, "topic-metrics", Stored.class);
    for (String filter : List.copyOf(shelf.ids())) {
      Stored stored = shelf.get(filter);
      if (stored != null) {
        entries.put(filter, new Entry(stored, broker.insight().meter(filter)));
      }
    }
  }

  @Override
  public void look(Overview now) {
    entries.values().forEach(Entry::look);
  }

  NavigableSet<String> filters() {
    return entries.navigableKeySet();
  }

  @Nullable TopicMetrics get(String filter) {
    Entry entry = entries.get(filter);
    return entry == null ? null : entry.told();
  }

  synchronized TopicMetrics add(String filter, String by) {
    if (entries.containsKey(filter)) {
      throw Failure.conflict("'" + filter + "' is counted already");
    }
    if (entries.size() >= FILTERS_MAX) {
      throw Failure.conflict(FILTERS_MAX + " filters are counted already; remove one");
    }
    var stored = new Stored(filter, Instant.ofEpochMilli(broker.logTimeMillis()), by);
    shelf.put(filter, stored);
    var entry = new Entry(stored, broker.insight().meter(filter));
    entries.put(filter, entry);
    return entry.told();
  }

  /// @return as it was, or null: there was none
  synchronized @Nullable TopicMetrics remove(String filter) {
    Entry entry = entries.remove(filter);
    if (entry == null) {
      return null;
    }
    shelf.drop(filter);
    broker.insight().drop(entry.meter);
    return entry.told();
  }
}
