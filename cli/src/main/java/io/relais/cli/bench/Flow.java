package io.relais.cli.bench;

/// What arrived of one publisher's messages: which were new, which came twice, which out of order.
///
/// All below `base` are settled; what came ahead of a gap is marked in a ring of bits, which grows
/// up to [#WINDOW]. A gap that is older than that is given up: should one of its messages come
/// after all, it cannot be told from a duplicate, and is taken for the missing one.
///
/// Owner: the loop of the subscriber.
final class Flow {
  static final int WINDOW = 1 << 16;

  enum Arrival {
    NEW,
    /// New, and behind one with a higher number.
    REORDERED,
    DUPLICATE,
    /// Of the warm-up.
    NOT_COUNTED
  }

  private final long first;
  private long base;
  private long highest;
  private long[] ring = new long[1];
  private long ahead;
  private long distinct;
  private long duplicates;
  private long reordered;
  private long givenUp;

  /// @param first the first sequence that counts
  Flow(long first) {
    this.first = first;
    base = first;
    highest = first - 1;
  }

  Arrival onMessage(long sequence) {
    if (sequence < first) {
      return Arrival.NOT_COUNTED;
    }
    if (!isNew(sequence)) {
      duplicates++;
      return Arrival.DUPLICATE;
    }
    distinct++;
    if (sequence < highest) {
      reordered++;
      return Arrival.REORDERED;
    }
    highest = sequence;
    return Arrival.NEW;
  }

  private boolean isNew(long sequence) {
    if (sequence < base) {
      if (givenUp == 0) {
        return false;
      }
      givenUp--;
      return true;
    }
    if (sequence == base && ahead == 0) {
      base++;
      return true;
    }
    if (sequence - base >= WINDOW) {
      giveUpTo(sequence - WINDOW + 1);
    }
    growTo(sequence - base);
    if (isMarked(sequence)) {
      return false;
    }
    flip(sequence);
    ahead++;
    settle();
    return true;
  }

  private void giveUpTo(long newBase) {
    if (newBase - base >= WINDOW) {
      givenUp += newBase - base - ahead;
      ring = new long[ring.length];
      ahead = 0;
      base = newBase;
      return;
    }
    while (base < newBase) {
      if (ahead > 0 && isMarked(base)) {
        flip(base);
        ahead--;
      } else {
        givenUp++;
      }
      base++;
    }
    settle();
  }

  /// Moves the base over what came ahead of it.
  private void settle() {
    while (ahead > 0 && isMarked(base)) {
      flip(base);
      ahead--;
      base++;
    }
  }

  private void growTo(long distance) {
    if (distance < size()) {
      return;
    }
    long[] old = ring;
    int oldBits = (int) size();
    ring = new long[Math.max(1, Integer.highestOneBit((int) distance) * 2 / Long.SIZE)];
    for (long s = base; ahead > 0 && s < base + oldBits; s++) {
      int bit = (int) (s & (oldBits - 1));
      if ((old[bit >> 6] & 1L << bit) != 0) {
        flip(s);
      }
    }
  }

  private long size() {
    return (long) ring.length * Long.SIZE;
  }

  private boolean isMarked(long sequence) {
    int bit = (int) (sequence & (size() - 1));
    return (ring[bit >> 6] & 1L << bit) != 0;
  }

  private void flip(long sequence) {
    int bit = (int) (sequence & (size() - 1));
    ring[bit >> 6] ^= 1L << bit;
  }

  /// Messages that came, each counted once.
  long distinct() {
    return distinct;
  }

  long duplicates() {
    return duplicates;
  }

  long reordered() {
    return reordered;
  }

  /// Of those from the first to the highest that came, how many did not. More may be lost at the
  /// end: only who knows what was sent can say.
  long gaps() {
    return highest - first + 1 - distinct;
  }
}
