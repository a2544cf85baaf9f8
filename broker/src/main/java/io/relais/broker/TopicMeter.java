package io.relais.broker;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;

/// Counts the messages on the topics that a filter takes in. Each loop has numbers of its own, so
/// counting takes no lock.
///
/// Owner: each row has its loop, the last one the applier; anyone reads.
public final class TopicMeter {
  private static final VarHandle VALUES = MethodHandles.arrayElementVarHandle(long[].class);
  private static final int BYTES_IN = 6;
  private static final int BYTES_OUT = 7;
  private static final int DROPPED = 8;
  private static final int KINDS = 9;
  private static final int ROW = 32; // keeps rows on cache lines of their own

  /// What was counted so far.
  ///
  /// @param in messages by QoS as they were published
  /// @param out messages by QoS as they were sent, one for each subscriber
  /// @param dropped for subscribers, or for all
  /// @param bytesIn of payloads
  public record Counts(long[] in, long[] out, long dropped, long bytesIn, long bytesOut) {
    public long messagesIn() {
      return in[0] + in[1] + in[2];
    }

    public long messagesOut() {
      return out[0] + out[1] + out[2];
    }
  }

  private final String filter;
  private final int rows;
  private final long[] values;

  /// @param loops the applier has the row behind theirs
  TopicMeter(String filter, int loops) {
    this.filter = filter;
    this.rows = loops + 1;
    this.values = new long[(rows + 1) * ROW];
  }

  public String filter() {
    return filter;
  }

  void in(int row, int qos, int bytes) {
    add(row, qos, 1);
    add(row, BYTES_IN, bytes);
  }

  void out(int row, int qos, int bytes) {
    add(row, 3 + qos, 1);
    add(row, BYTES_OUT, bytes);
  }

  void dropped(int row) {
    add(row, DROPPED, 1);
  }

  private void add(int row, int kind, long n) {
    int at = (row + 1) * ROW - KINDS + kind;
    VALUES.setOpaque(values, at, values[at] + n);
  }

  public Counts counts() {
    long[] sums = new long[KINDS];
    for (int row = 0; row < rows; row++) {
      for (int kind = 0; kind < KINDS; kind++) {
        sums[kind] += (long) VALUES.getOpaque(values, (row + 1) * ROW - KINDS + kind);
      }
    }
    return new Counts(
        new long[] {sums[0], sums[1], sums[2]},
        new long[] {sums[3], sums[4], sums[5]},
        sums[DROPPED],
        sums[BYTES_IN],
        sums[BYTES_OUT]);
  }
}
