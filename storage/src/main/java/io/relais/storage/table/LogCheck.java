package io.relais.storage.table;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.stream.Stream;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/// Looks through the write-ahead logs of a store before it is opened. RocksDB reads a log up to the
/// first record that is damaged and takes what follows for never written: right for the end of the
/// newest log, which a power cut may leave torn and with holes, and a silent loss anywhere else.
///
/// Each batch says at its head where it stands and what was synced when it was written
/// ([Writes#head]). What is damaged was synced, and so is lost, if a whole batch behind it knows of
/// a sync past it. Otherwise nothing behind it was ever acknowledged, and RocksDB may cut it off.
///
/// A log is a row of blocks of 32 KiB; a record has a checksum (4 bytes, CRC-32C of type and data,
/// rotated and offset), a length (2) and a type (1), little-endian, and does not cross a block. A
/// batch is one record, or a first, middle ones and a last.
public final class LogCheck {
  private static final int BLOCK = 32 * 1024;
  private static final int HEADER = 7;
  private static final int FULL = 1;
  private static final int FIRST = 2;
  private static final int LAST = 4;
  private static final int MASK = 0xa282ead8;

  private long lastWhole = -1; // position of the last batch before the damage
  private @Nullable Damage damage;
  private long firstBehind = -1; // position of the first batch behind it
  private boolean wasSynced;

  private LogCheck() {}

  /// A place in a log that is damaged.
  public record Damage(Path file, long offset) {
    @Override
    public String toString() {
      return "%s at byte %d: the record is damaged, and what was synced after it follows"
          .formatted(file, offset);
    }
  }

  /// @param folder of a store; may be missing
  /// @return what is damaged, but for the end of what was written; at most the first place
  public static List<Damage> check(Path folder) throws IOException {
    return check(folder, false);
  }

  /// Checks as [#check], and cuts off what was being written when the power went.
  public static List<Damage> checkAndCut(Path folder) throws IOException {
    return check(folder, true);
  }

  private static List<Damage> check(Path folder, boolean cuts) throws IOException {
    if (!Files.isDirectory(folder)) {
      return List.of();
    }
    List<Path> logs;
    try (Stream<Path> files = Files.list(folder)) {
      logs =
          files
              .filter(file -> file.getFileName().toString().matches("\\d+\\.log"))
              .sorted()
              .toList();
    }
    var check = new LogCheck();
    for (Path log : logs) {
      check.read(log);
    }
    Damage damage = check.damage;
    if (damage != null && !check.wasSynced && cuts && damage.file.equals(logs.getLast())) {
      cut(damage);
    }
    return damage != null && check.wasSynced ? List.of(damage) : List.of();
  }

  /// RocksDB would do it itself, but on some bytes that a power cut leaves its reader never ends.
  private static void cut(Damage end) throws IOException {
    try (FileChannel channel = FileChannel.open(end.file, StandardOpenOption.WRITE)) {
      channel.truncate(end.offset);
      channel.force(true);
    }
  }

  private void read(Path log) throws IOException {
    try (FileChannel channel = FileChannel.open(log, StandardOpenOption.READ)) {
      ByteBuffer block = ByteBuffer.allocate(BLOCK).order(ByteOrder.LITTLE_ENDIAN);
      long size = channel.size();
      for (long start = 0; start < size && !wasSynced; start += BLOCK) {
        block.clear();
        int read = 0;
        while (block.hasRemaining() && read >= 0) {
          read = channel.read(block, start + block.position());
        }
        block.flip();
        read(log, start, block);
      }
    }
  }

  private void read(Path log, long start, ByteBuffer block) {
    int at = 0;
    while (block.limit() - at >= HEADER) {
      int length = length(block, at);
      if (length >= 0) {
        onRecord(block, at, length);
        at += HEADER + length;
      } else {
        if (isZero(block, at)) {
          // Room that was never written to, or a page that was not: the end, unless more follows.
          onDamage(log, start + at);
          return;
        }
        onDamage(log, start + at);
        at++; // a whole record may follow anywhere behind it
      }
    }
    if (block.limit() < BLOCK && at < block.limit() && !isZero(block, at)) {
      onDamage(log, start + at); // a header that is cut off
    }
  }

  private void onDamage(Path log, long offset) {
    if (damage == null) {
      damage = new Damage(log, offset);
    }
  }

  private void onRecord(ByteBuffer block, int at, int length) {
    int type = block.get(at + 6);
    int data = at + HEADER;
    if (type != FULL && type != FIRST || length < Writes.HEAD_AT + 2 * Long.BYTES) {
      return;
    }
    if (block.get(data + Writes.HEADER) != Writes.PUT
        || block.get(data + Writes.HEADER + 2) != Writes.HEAD_KEY) {
      return; // none of ours
    }
    ByteBuffer head =
        block.slice(data + Writes.HEAD_AT, 2 * Long.BYTES).order(ByteOrder.BIG_ENDIAN);
    long position = head.getLong();
    long synced = head.getLong();
    if (damage == null) {
      lastWhole = position;
      return;
    }
    if (firstBehind < 0) {
      firstBehind = position;
    }
    wasSynced |= lastWhole >= 0 && synced > lastWhole || synced >= firstBehind;
  }

  /// @return the length of a whole record's data, or -1 if it is none
  private static int length(ByteBuffer block, int at) {
    int length = block.getShort(at + 4) & 0xFFFF;
    int type = block.get(at + 6);
    if (type < FULL || type > LAST || at + HEADER + length > block.limit()) {
      return -1;
    }
    var crc = new CRC32C();
    crc.update(block.slice(at + 6, 1 + length));
    int sum = (int) crc.getValue();
    int masked = Integer.rotateRight(sum, 15) + MASK;
    return masked == block.getInt(at) ? length : -1;
  }

  private static boolean isZero(ByteBuffer block, int from) {
    for (int i = from; i < block.limit(); i++) {
      if (block.get(i) != 0) {
        return false;
      }
    }
    return true;
  }
}
