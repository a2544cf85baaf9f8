package io.relais.cli.bench;

import io.relais.protocol.PacketEncoder;

/// What each payload begins with: publisher (4 bytes), sequence (8), due time in nanoseconds since
/// 1970 (8), and the run's number (4), so that messages of other runs are known for what they are.
final class Stamp {
  static final int BYTES = 24;

  private Stamp() {}

  static void write(byte[] out, int at, int publisher, long sequence, long dueNanos, int run) {
    at = PacketEncoder.writeInt(out, at, publisher);
    at = writeLong(out, at, sequence);
    at = writeLong(out, at, dueNanos);
    PacketEncoder.writeInt(out, at, run);
  }

  private static int writeLong(byte[] out, int at, long n) {
    return PacketEncoder.writeInt(out, PacketEncoder.writeInt(out, at, (int) (n >>> 32)), (int) n);
  }

  static int publisher(byte[] in, int at) {
    return readInt(in, at);
  }

  static long sequence(byte[] in, int at) {
    return readLong(in, at + 4);
  }

  static long dueNanos(byte[] in, int at) {
    return readLong(in, at + 12);
  }

  static int run(byte[] in, int at) {
    return readInt(in, at + 20);
  }

  private static int readInt(byte[] in, int at) {
    return (in[at] & 0xFF) << 24
        | (in[at + 1] & 0xFF) << 16
        | (in[at + 2] & 0xFF) << 8
        | (in[at + 3] & 0xFF);
  }

  private static long readLong(byte[] in, int at) {
    return (long) readInt(in, at) << 32 | (readInt(in, at + 4) & 0xFFFF_FFFFL);
  }
}
