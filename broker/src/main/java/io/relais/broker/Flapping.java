package io.relais.broker;

import java.time.Duration;
import java.util.List;
import java.util.function.BiConsumer;

/// Tells of client ids that connect too often, like two devices with one id that take the session
/// from each other without end. Costs a task for each connection while it is on, and nothing else.
///
/// Owner: each watch is the loop's that an id falls to by its hash.
final class Flapping {
  private static final int IDS_MAX = 100_000;

  /// What is counted by some limits.
  private record Watching(FlappingLimits limits, List<FlappingWatch> watches) {}

  private final List<Loop> loops;
  private volatile Watching watching; // read once for each connection
  private volatile BiConsumer<String, Duration> found = (clientId, ban) -> {};

  Flapping(FlappingLimits limits, List<Loop> loops) {
    this.loops = loops;
    this.watching = watch(limits);
  }

  private Watching watch(FlappingLimits limits) {
    return new Watching(
        limits,
        loops.stream().map(loop -> new FlappingWatch(limits, IDS_MAX / loops.size())).toList());
  }

  /// Counts anew by other limits; any thread.
  void change(FlappingLimits limits) {
    if (!limits.equals(watching.limits)) {
      watching = watch(limits);
    }
  }

  /// @param told the id, and how long it is to be banned, on a loop
  void tell(BiConsumer<String, Duration> told) {
    found = told;
  }

  /// A CONNECT was accepted; on any loop.
  void onConnected(String clientId) {
    Watching now = watching;
    if (now.limits.attempts() == 0) {
      return;
    }
    int index = Math.floorMod(clientId.hashCode(), loops.size());
    Loop loop = loops.get(index);
    loop.eventLoop()
        .execute(
            () -> {
              loop.updateTime();
              if (now.watches.get(index).onConnected(clientId, loop.nowMillis())) {
                found.accept(clientId, now.limits.ban());
              }
            });
  }
}
