package io.relais.admin;

import io.relais.api.Direction;
import io.relais.api.Encoding;
import io.relais.broker.TimelineEntry;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Arrays;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// What loops saw and nobody has written yet.
///
/// Owner: loops add, one reader takes. Limits: [#ENTRIES_MAX] entries and [#BYTES_MAX] bytes; what
/// comes above is dropped and counted.
final class WaitingEntries implements Consumer<TimelineEntry> {
  private static final int ENTRIES_MAX = 10_000;
  private static final long BYTES_MAX = 8 << 20;
  private static final int ENTRY_BYTES = 100; // besides its text

  private final BlockingQueue<TimelineEntry> waiting = new ArrayBlockingQueue<>(ENTRIES_MAX);
  private final AtomicLong bytes = new AtomicLong();
  private final AtomicLong dropped = new AtomicLong();

  @Override
  public void accept(TimelineEntry entry) {
    int size = size(entry);
    if (bytes.get() + size > BYTES_MAX || !waiting.offer(entry)) {
      dropped.incrementAndGet();
    } else {
      bytes.addAndGet(size);
    }
  }

  private static int size(TimelineEntry entry) {
    byte[] payload = entry.payload();
    return ENTRY_BYTES + entry.text().length() + (payload == null ? 0 : payload.length);
  }

  /// @return null: none came in that time
  @Nullable TimelineEntry next(long nanos) throws InterruptedException {
    TimelineEntry next = waiting.poll(nanos, TimeUnit.NANOSECONDS);
    if (next != null) {
      bytes.addAndGet(-size(next));
    }
    return next;
  }

  boolean isEmpty() {
    return waiting.isEmpty();
  }

  long dropped() {
    return dropped.get();
  }

  /// As the API tells it.
  ///
  /// @param payloadBytesMax that are asked for; 0: no payload
  static io.relais.api.TimelineEntry told(TimelineEntry entry, int payloadBytesMax) {
    byte[] given = payloadBytesMax == 0 ? null : entry.payload();
    Payloads.Told payload =
        given == null
            ? null
            : Payloads.tell(
                given.length <= payloadBytesMax ? given : Arrays.copyOf(given, payloadBytesMax));
    String text = payload == null ? null : payload.payload();
    Encoding encoding = payload == null ? null : payload.encoding();
    return new io.relais.api.TimelineEntry(
        time(entry.micros()),
        entry.clientId(),
        entry.username(),
        entry.address(),
        switch (entry.direction()) {
          case IN -> Direction.IN;
          case OUT -> Direction.OUT;
          case NOTE -> Direction.NOTE;
        },
        entry.type() == null ? null : entry.type().name(),
        entry.bytes(),
        entry.packetId() == 0 ? null : entry.packetId(),
        entry.topic(),
        entry.text(),
        text,
        encoding);
  }

  static Instant time(long micros) {
    return Instant.EPOCH.plus(micros, ChronoUnit.MICROS);
  }
}
