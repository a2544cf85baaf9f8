package io.relais.cli.bench;

/// Goes through the part of a schedule that one loop has, in the order of due times. It never waits
/// for anybody and leaves nothing out: after a stall all that became due meanwhile comes out, with
/// the times at which it was due.
///
/// Owner: the loop.
final class Pace {
  /// Bounds one turn, so that a loop that is behind still reads from its sockets.
  private static final int TURN_MAX = 1_000;

  /// What is due.
  interface Sink {
    void onDue(int publisher, long sequence, long dueNanos);
  }

  private final Schedule schedule;
  private final int step;
  private final int first;
  private int publisher;
  private long sequence;

  /// For the publishers `first`, `first + step`, `first + 2 * step` and so on.
  Pace(Schedule schedule, int first, int step) {
    this.schedule = schedule;
    this.first = first;
    this.step = step;
    publisher = first;
  }

  /// Hands over what is due.
  ///
  /// @param elapsedNanos since the start of the schedule
  /// @return when the next is due, after the start; at or before `elapsedNanos` if the turn was
  ///   full; -1 if there is no next
  long advance(long elapsedNanos, Sink sink) {
    for (int n = 0; !isOver(); n++) {
      long due = schedule.dueNanos(publisher, sequence);
      if (due > elapsedNanos || n == TURN_MAX) {
        return due;
      }
      sink.onDue(publisher, sequence, due);
      publisher += step;
      if (publisher >= schedule.publishers()) {
        publisher = first;
        sequence++;
      }
    }
    return -1;
  }

  private boolean isOver() {
    return first >= schedule.publishers()
        || schedule.index(publisher, sequence) >= schedule.total();
  }
}
