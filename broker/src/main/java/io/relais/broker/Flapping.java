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

  private final FlappingLimits limits;
  private final List<Loop> loops;
  private final List<FlappingWatch> watches;
  private volatile BiConsumer<String, Duration> found = (clientId, ban) -> {};

  Flapping(FlappingLimits limits, List<Loop> loops) {
    this.limits = limits;
    this.loops = loops;
    this.watches =
        loops.stream().map(loop -> new FlappingWatch(limits, IDS_MAX / loops.size())).toList();
  }

  /// @param told the id, and how long it is to be banned, on a loop
  void tell(BiConsumer<String, Duration> told) {
    found = told;
  }

  /// A CONNECT was accepted; on any loop.
  void onConnected(String clientId) {
    if (limits.attempts() == 0) {
      return;
    }
    int index = Math.floorMod(clientId.hashCode(), loops.size());
    Loop loop = loops.get(index);
    loop.eventLoop()
        .execute(
            () -> {
              loop.updateTime();
              if (watches.get(index).onConnected(clientId, loop.nowMillis())) {
                found.accept(clientId, limits.ban());
              }
            });
  }
}
