package io.relais.systemtests.durability;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.TimeUnit;

/// What is to arrive later, or never: wills and delayed messages. Deadlines count the time during
/// which a broker ran, since nothing can come while none does.
///
/// Owner: guarded by itself.
final class Fates {
  /// How much later than due something may come.
  static final Duration GRACE = Duration.ofSeconds(10);

  /// @param key as [Consumer#count] has it
  /// @param earliestNanos on the wall
  /// @param deadlineUpNanos in time of the broker
  private record Fate(String key, int least, int most, long earliestNanos, long deadlineUpNanos) {}

  private final Consumer watcher;
  private final History history;
  private final List<Fate> pending = new ArrayList<>();
  private long upBefore;
  private long upSince;
  private boolean up;

  Fates(Consumer watcher, History history) {
    this.watcher = watcher;
    this.history = history;
  }

  synchronized void up() {
    up = true;
    upSince = System.nanoTime();
  }

  synchronized void down() {
    upBefore = upNanos();
    up = false;
  }

  private long upNanos() {
    return up ? upBefore + System.nanoTime() - upSince : upBefore;
  }

  /// @param least how often it must come
  /// @param most how often it may come
  /// @param notBeforeNanos on the wall
  /// @param due from now, in time of the broker
  synchronized void expect(String key, int least, int most, long notBeforeNanos, Duration due) {
    history.note("expect [%s] %d to %d times, due in %s".formatted(key, least, most, due));
    pending.add(
        new Fate(
            key,
            least,
            most,
            notBeforeNanos - TimeUnit.MILLISECONDS.toNanos(10),
            upNanos() + due.plus(GRACE).toNanos()));
  }

  /// Holds all that is pending to what came.
  ///
  /// @return how many still wait
  synchronized int check() {
    long now = upNanos();
    int waiting = 0;
    for (Iterator<Fate> fates = pending.iterator(); fates.hasNext(); ) {
      Fate fate = fates.next();
      int count = watcher.count(fate.key);
      Long first = watcher.firstNanos(fate.key);
      if (count > fate.most) {
        history.violation(
            "[%s] came %d times, at most %d were right".formatted(fate.key, count, fate.most));
        fates.remove();
      } else if (first != null && first < fate.earliestNanos) {
        history.violation(
            "[%s] came %d ms too early"
                .formatted(fate.key, TimeUnit.NANOSECONDS.toMillis(fate.earliestNanos - first)));
        fates.remove();
      } else if (now > fate.deadlineUpNanos) {
        if (count < fate.least) {
          history.violation("[%s] has not come, %s late".formatted(fate.key, GRACE));
        }
        fates.remove();
      } else if (count < fate.least) {
        waiting++;
      }
    }
    return waiting;
  }
}
