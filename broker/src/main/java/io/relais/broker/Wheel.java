package io.relais.broker;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Deadlines of connections, in steps of [Loop#TICK_MILLIS]: no timer of its own for each. A
/// deadline further off than one round is looked at once a round.
///
/// Owner: the loop.
final class Wheel {
  private static final int SLOTS = 512;

  /// Something with a deadline that may move while it waits.
  interface Timed {
    /// The deadline in log time, `Long.MAX_VALUE`: none any more.
    long deadlineMillis();

    void onDeadline();
  }

  private final @Nullable List<Timed>[] slots = newSlots();
  private long step = -1;

  @SuppressWarnings({"unchecked", "rawtypes"}) // arrays know no type arguments
  private static @Nullable List<Timed>[] newSlots() {
    return new List[SLOTS];
  }

  /// Looks at it when its deadline has come; a deadline that moves closer must be added again.
  void add(Timed timed, long nowMillis) {
    long deadline = timed.deadlineMillis();
    if (deadline == Long.MAX_VALUE) {
      return;
    }
    long steps = Math.max(1, (deadline - nowMillis) / Loop.TICK_MILLIS + 1);
    long at = Math.max(step, nowMillis / Loop.TICK_MILLIS) + Math.min(steps, SLOTS - 1);
    int slot = (int) (at % SLOTS);
    List<Timed> there = slots[slot];
    if (there == null) {
      there = new ArrayList<>(4);
      slots[slot] = there;
    }
    there.add(timed);
  }

  void advance(long nowMillis) {
    long to = nowMillis / Loop.TICK_MILLIS;
    if (step < 0 || to - step > SLOTS) {
      step = Math.max(step, to - SLOTS);
    }
    while (step < to) {
      step++;
      int slot = (int) (step % SLOTS);
      List<Timed> there = slots[slot];
      if (there == null) {
        continue;
      }
      slots[slot] = null;
      for (Timed timed : there) {
        if (timed.deadlineMillis() <= nowMillis) {
          timed.onDeadline();
        } else {
          add(timed, nowMillis);
        }
      }
    }
  }
}
