package io.relais.cli.bench;

/// When each message is due, fixed before the first is sent. Message `index` of the run is number
/// `index / publishers` of publisher `index % publishers`, so that the load is spread evenly and a
/// due time follows from publisher and sequence alone: nobody has to remember it.
///
/// @param rate messages per second of all publishers, 1 to 10,000,000
/// @param warmUp so many come first and are not counted
/// @param measured so many after those
record Schedule(long rate, int publishers, long warmUp, long measured) {
  private static final long SECOND_NANOS = 1_000_000_000;

  Schedule {
    if (rate < 1 || rate > 10_000_000 || publishers < 1 || warmUp < 0 || measured < 0) {
      throw new IllegalArgumentException(
          "no schedule for rate %d, %d publishers, %d and %d messages"
              .formatted(rate, publishers, warmUp, measured));
    }
  }

  /// One that starts each of `clients` once.
  static Schedule once(long rate, int clients) {
    return new Schedule(rate, clients, 0, clients);
  }

  /// All messages, those of the warm-up too.
  long total() {
    return warmUp + measured;
  }

  /// After the start. In whole seconds and a rest, for the product would overflow.
  long dueNanos(long index) {
    return index / rate * SECOND_NANOS + index % rate * SECOND_NANOS / rate;
  }

  long dueNanos(int publisher, long sequence) {
    return dueNanos(index(publisher, sequence));
  }

  long index(int publisher, long sequence) {
    return sequence * publishers + publisher;
  }

  /// The messages of one publisher; its sequences are 0 to one less.
  long count(int publisher) {
    return before(publisher, total());
  }

  /// The first sequence that is not warm-up.
  long firstMeasured(int publisher) {
    return before(publisher, warmUp);
  }

  /// How many of its messages have an index below this one.
  private long before(int publisher, long index) {
    return index <= publisher ? 0 : (index - publisher - 1) / publishers + 1;
  }

  /// When the last is due, after the start.
  long lengthNanos() {
    return total() == 0 ? 0 : dueNanos(total() - 1);
  }
}
