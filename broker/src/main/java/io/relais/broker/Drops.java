package io.relais.broker;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReferenceArray;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// Which messages were dropped of late: a sample, for each reason by itself, so that one that is
/// frequent hides no other. What is counted stands in [Counters]; this is to see what it is about.
///
/// Owner: any thread, without a lock. A drop that is one too many in its second costs a read.
/// Limits: [#EACH_SECOND] records of each reason in a second, of which [#KEPT] are kept.
final class Drops {
  static final int EACH_SECOND = 10;
  static final int KEPT = 256;

  private static final Counter[] REASONS =
      Arrays.stream(Counter.ALL).filter(Counter::isDrop).toArray(Counter[]::new);

  /// The records of one reason.
  private static final class Ring {
    private static final int COUNT_BITS = 8;
    private static final long COUNT_MASK = 0xFF;

    final AtomicReferenceArray<Drop> records = new AtomicReferenceArray<>(KEPT);
    final AtomicInteger next = new AtomicInteger();
    final AtomicLong secondAndCount = new AtomicLong();

    /// Whether there is room in this second; takes it.
    boolean take(long nowMillis) {
      long second = nowMillis / 1_000;
      while (true) {
        long before = secondAndCount.get();
        boolean same = before >>> COUNT_BITS == second;
        long count = same ? before & COUNT_MASK : 0;
        if (count >= EACH_SECOND) {
          return false;
        }
        if (secondAndCount.compareAndSet(before, (second << COUNT_BITS) | (count + 1))) {
          return true;
        }
      }
    }

    void add(Drop drop) {
      records.set(Math.floorMod(next.getAndIncrement(), KEPT), drop);
    }
  }

  private final Ring[] rings = new Ring[REASONS.length];
  private final AtomicLong numbers = new AtomicLong();
  private volatile Consumer<Drop> told = drop -> {};

  Drops() {
    Arrays.setAll(rings, i -> new Ring());
  }

  /// @param listener is told of each record, on the thread that drops, so it must not wait
  void tell(Consumer<Drop> listener) {
    told = listener;
  }

  void note(
      Counter reason,
      long nowMillis,
      String topic,
      @Nullable String clientId,
      @Nullable String publisher,
      int qos,
      int payloadBytes) {
    Ring ring = rings[reason.ordinal() - REASONS[0].ordinal()];
    if (!ring.take(nowMillis)) {
      return;
    }
    var drop =
        new Drop(
            numbers.incrementAndGet(),
            nowMillis,
            reason,
            topic,
            clientId,
            publisher,
            qos,
            payloadBytes);
    ring.add(drop);
    told.accept(drop);
  }

  /// All that is kept, the newest first.
  List<Drop> recent() {
    List<Drop> all = new ArrayList<>();
    for (Ring ring : rings) {
      for (int i = 0; i < KEPT; i++) {
        Drop drop = ring.records.get(i);
        if (drop != null) {
          all.add(drop);
        }
      }
    }
    all.sort(Comparator.comparingLong(Drop::number).reversed());
    return all;
  }
}
