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

  /// Every message came, at QoS 2 once; at QoS 1 again only to others than a member whose
  /// connection ended after it had got it.
  synchronized void check(Iterable<Integer> published) {
    var lost = new TreeSet<Integer>();
    List<String> doubled = new ArrayList<>();
    for (int number : published) {
      List<Delivery> all = byNumber.getOrDefault(number, List.of());
      if (all.isEmpty()) {
        lost.add(number);
      }
      for (int i = 0; i + 1 < all.size(); i++) {
        if (all.get(i).qos == 2 || all.get(i).by.isOpen()) {
          doubled.add(number + " " + all);
        }
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
