package io.relais.broker.access;

import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/// Threads for what would hold up a loop: they end when there is nothing to do, and no more than so
/// many tasks wait for them.
final class Workers {
  private static final long IDLE_SECONDS = 10;

  private Workers() {}

  /// @param name before the number of a thread
  /// @param waitingMax a task more is rejected
  static ThreadPoolExecutor named(String name, int threads, int waitingMax) {
    var pool =
        new ThreadPoolExecutor(
            threads,
            threads,
            IDLE_SECONDS,
            TimeUnit.SECONDS,
            new ArrayBlockingQueue<>(waitingMax),
            Thread.ofPlatform().daemon().name(name, 0).factory());
    pool.allowCoreThreadTimeOut(true);
    return pool;
  }
}
