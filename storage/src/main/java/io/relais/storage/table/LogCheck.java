package io.relais.storage.table;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import java.util.zip.CRC32C;

/// Looks through the write-ahead logs of a store before it is opened. RocksDB reads a log up to the
/// first record that is damaged and takes what follows for never written: right for the end of the
/// newest log, which a power cut may leave torn, and a silent loss anywhere else. So what lies
/// behind a damaged record is looked at here: if whole records follow, it is not the end.
///
/// A log is a row of blocks of 32 KiB; a record has a checksum (4 bytes, CRC-32C of type and data,
/// rotated and offset), a length (2) and a type (1), little-endian, and does not cross a block.
public final class LogCheck {
  private static final int BLOCK = 32 * 1024;
  private static final int HEADER = 7;
  private static final int TYPE_LAST = 4; // full, first, middle, last
  private static final int MASK = 0xa282ead8;

  private LogCheck() {}

  /// A place in a log that is damaged.
  public record Damage(Path file, long offset, String what) {
    @Override
    public String toString() {
      return "%s at byte %d: %s".formatted(file, offset, what);
    }
  }

  /// @param folder of a store; may be missing
  /// @return what is damaged, but for the end of the newest log
  public static List<Damage> check(Path folder) throws IOException {
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
    List<Damage> damages = new ArrayList<>();
    for (int i = 0; i < logs.size(); i++) {
      Damage damage = check(logs.get(i), i == logs.size() - 1);
      if (damage != null) {
        damages.add(damage);
      }
    }
    return damages;
  }

  private static @org.jspecify.annotations.Nullable Damage check(Path log, boolean isNewest)
      throws IOException {
    try (FileChannel channel = FileChannel.open(log, StandardOpenOption.READ)) {
      ByteBuffer block = ByteBuffer.allocate(BLOCK).order(ByteOrder.LITTLE_ENDIAN);
      long damagedAt = -1;
      for (long start = 0; start < channel.size(); start += BLOCK) {
        block.clear();
        int read = 0;
        while (block.hasRemaining() && read >= 0) {
          read = channel.read(block, start + block.position());
        }
        block.flip();
        int at = 0;
        while (block.limit() - at >= HEADER) {
          int length = length(block, at);
          if (length < 0) {
            if (isZero(block, at)) {
              break; // room that was never written to
            }
            damagedAt = damagedAt < 0 ? start + at : damagedAt;
            break; // the next block begins with a header again
          }
          if (damagedAt >= 0) {
            return new Damage(
                log, damagedAt, "the record is damaged, and whole ones follow at " + (start + at));
          }
          at += HEADER + length;
        }
        if (damagedAt < 0 && block.limit() < BLOCK && at < block.limit() && !isZero(block, at)) {
          damagedAt = start + at; // a header that is cut off
        }
      }
      return damagedAt >= 0 && !isNewest
          ? new Damage(log, damagedAt, "the record is damaged, and a newer log follows")
          : null;
    }
  }

  /// @return the length of a whole record's data, or -1 if it is none
  private static int length(ByteBuffer block, int at) {
    int length = block.getShort(at + 4) & 0xFFFF;
    int type = block.get(at + 6);
    if (type < 1 || type > TYPE_LAST || at + HEADER + length > block.limit()) {
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
