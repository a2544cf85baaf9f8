package io.relais.systemtests.queues;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;

/// What the members of one group received, by the number that each message has for a payload.
///
/// Owner: guarded by itself. Limits: a wait lasts [#PATIENCE_SECONDS] after the last thing that
/// came.
final class Deliveries {
  private static final long PATIENCE_SECONDS = 20;

  /// @param by the connection that it came on
  private record Delivery(Member.Connection by, int qos) {}

  private final Map<Integer, List<Delivery>> byNumber = new HashMap<>();
  private long lastNanos = System.nanoTime();

  synchronized void add(int number, Member.Connection by, int qos) {
    byNumber.computeIfAbsent(number, absent -> new ArrayList<>(1)).add(new Delivery(by, qos));
    lastNanos = System.nanoTime();
    notifyAll();
  }

  /// How many messages came, each counted once.
  synchronized int size() {
    return byNumber.size();
  }

  /// Waits until so many messages came.
  synchronized void await(int count) throws InterruptedException {
    lastNanos = System.nanoTime();
    while (byNumber.size() < count) {
      long left = lastNanos + TimeUnit.SECONDS.toNanos(PATIENCE_SECONDS) - System.nanoTime();
      assertThat(left)
          .as("%d of %d messages came, then nothing for a while", byNumber.size(), count)
          .isPositive();
      TimeUnit.NANOSECONDS.timedWait(this, left);
    }
  }

  /// Waits until all of these came.
  synchronized void awaitAll(Iterable<Integer> numbers) throws InterruptedException {
    for (int number : numbers) {
      while (!byNumber.containsKey(number)) {
        await(byNumber.size() + 1);
      }
    }
  }

  /// Every message came, and of each only one delivery is final: one at QoS 2, or one at QoS 1 on a
  /// connection that stands. Others were on connections that ended, whose unacknowledged messages
  /// go to other members. In which order deliveries are noted says nothing: what a connection had
  /// received when it was cut may be read after another member got it.
  synchronized void check(Iterable<Integer> published) {
    var lost = new TreeSet<Integer>();
    List<String> doubled = new ArrayList<>();
    for (int number : published) {
      List<Delivery> all = byNumber.getOrDefault(number, List.of());
      if (all.isEmpty()) {
        lost.add(number);
      }
      if (all.stream().filter(one -> one.qos == 2 || one.by.isOpen()).count() > 1) {
        doubled.add(number + " " + all);
      }
    }
    assertThat(lost).as("lost").isEmpty();
    assertThat(doubled).as("came again without a reason").isEmpty();
  }

  /// How many came more than once.
  synchronized long repeated() {
    return byNumber.values().stream().filter(all -> all.size() > 1).count();
  }
}
