package io.relais.cluster;

import io.relais.storage.table.Tables;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Keeps a part of the disk free. When less is left, messages are refused until there is a quarter
/// more again, so that what acknowledges and removes always has room, and the end of the disk is
/// not met by a write that fails.
///
/// Owner: the applier, but for [#isFull()].
final class DiskSpace {
  private static final Logger LOG = LoggerFactory.getLogger(DiskSpace.class);
  private static final long LOOKS_EACH_MILLIS = 200;
  private static final long RECLAIMS_EACH_MILLIS = 2_000;

  private final Tables tables;
  private final long reserveBytes;
  private long usable; // as of the last look
  private long taken; // since then
  private long lookedAt;
  private long reclaimedAt;
  private volatile boolean full;

  DiskSpace(Tables tables, long reserveBytes) {
    this.tables = tables;
    this.reserveBytes = reserveBytes;
    look(0, true);
  }

  /// Any thread.
  boolean isFull() {
    return full;
  }

  /// Whether there is room for a message; it is counted then.
  boolean takes(int bytes) {
    taken += bytes;
    if (!full && usable - taken < reserveBytes) {
      close();
    }
    return !full;
  }

  /// Between batches, now and then.
  void look(long nowMillis) {
    look(nowMillis, usable - 2 * taken < reserveBytes && taken > 0);
  }

  private void look(long nowMillis, boolean atOnce) {
    if (!atOnce && nowMillis - lookedAt < LOOKS_EACH_MILLIS) {
      return;
    }
    lookedAt = nowMillis;
    taken = 0;
    usable = tables.usableBytes();
    if (!full && usable < reserveBytes) {
      close();
    } else if (full && usable >= reserveBytes + reserveBytes / 4) {
      full = false;
      LOG.info("The disk has {} MiB again: messages are taken", usable >> 20);
    }
    if (full && nowMillis - reclaimedAt >= RECLAIMS_EACH_MILLIS) {
      reclaimedAt = nowMillis;
      tables.reclaim();
    }
  }

  private void close() {
    full = true;
    LOG.warn(
        "Only {} MiB of the disk are left, {} are kept free (limits.disk-reserve-bytes): messages"
            + " that must be kept are refused until there is room",
        Math.max(0, usable - taken) >> 20,
        reserveBytes >> 20);
  }
}
