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
  private long lookedAt;
  private long reclaimedAt;
  private volatile boolean full;

  DiskSpace(Tables tables, long reserveBytes) {
    this.tables = tables;
    this.reserveBytes = reserveBytes;
    look(0);
  }

  /// Any thread.
  boolean isFull() {
    return full;
  }

  void look(long nowMillis) {
    if (nowMillis - lookedAt < LOOKS_EACH_MILLIS && nowMillis != 0) {
      return;
    }
    lookedAt = nowMillis;
    long usable = tables.usableBytes();
    if (!full && usable < reserveBytes) {
      full = true;
      LOG.warn(
          "Only {} MiB of the disk are left, {} are kept free (limits.disk-reserve-bytes): messages that"
              + " must be kept are refused until there is room",
          usable >> 20,
          reserveBytes >> 20);
    } else if (full && usable >= reserveBytes + reserveBytes / 4) {
      full = false;
      LOG.info("The disk has {} MiB again: messages are taken", usable >> 20);
    }
    if (full && nowMillis - reclaimedAt >= RECLAIMS_EACH_MILLIS) {
      reclaimedAt = nowMillis;
      tables.reclaim();
    }
  }
}
