package io.relais.cli.bench;

import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// What one receiver got: a flow for each publisher. The receiver is a subscriber, or all members
/// of a shared group together.
///
/// Owner: the loop of the receiver; members of a group are all on one.
final class Account {
  /// Publishers of foreign runs that are told apart, at most.
  private static final int UNKNOWN_MAX = 100_000;

  private record Origin(int run, int publisher) {}

  private final int firstPublisher;
  private final @Nullable Flow[] flows;
  private final @Nullable Schedule schedule;
  private final Map<Origin, Flow> unknown = new HashMap<>();

  private Account(int firstPublisher, int publishers, @Nullable Schedule schedule) {
    this.firstPublisher = firstPublisher;
    this.flows = new @Nullable Flow[publishers];
    this.schedule = schedule;
  }

  /// Of a receiver who gets all that these publishers of this run send.
  static Account of(int firstPublisher, int publishers, Schedule schedule) {
    return new Account(firstPublisher, publishers, schedule);
  }

  /// Of a receiver who knows nothing of who sends: each flow begins with what comes first.
  static Account open() {
    return new Account(0, 0, null);
  }

  boolean isOpen() {
    return schedule == null;
  }

  /// Null if nothing of this publisher should have come here.
  @Nullable Flow flow(int run, int publisher, long sequence) {
    if (schedule == null) {
      Origin origin = new Origin(run, publisher);
      Flow known = unknown.get(origin);
      if (known == null && unknown.size() < UNKNOWN_MAX) {
        known = new Flow(sequence);
        unknown.put(origin, known);
      }
      return known;
    }
    int at = publisher - firstPublisher;
    if (at < 0 || at >= flows.length || sequence < 0 || sequence >= schedule.count(publisher)) {
      return null;
    }
    Flow flow = flows[at];
    if (flow == null) {
      flow = new Flow(schedule.firstMeasured(publisher));
      flows[at] = flow;
    }
    return flow;
  }

  int firstPublisher() {
    return firstPublisher;
  }

  int publishers() {
    return flows.length;
  }

  /// @param sent by publisher, those that count
  long expected(long[] sent) {
    return isOpen()
        ? unknown.values().stream().mapToLong(flow -> flow.distinct() + flow.gaps()).sum()
        : Arrays.stream(sent, firstPublisher, firstPublisher + flows.length).sum();
  }

  long distinct() {
    return isOpen()
        ? unknown.values().stream().mapToLong(Flow::distinct).sum()
        : Arrays.stream(flows).filter(Objects::nonNull).mapToLong(Flow::distinct).sum();
  }
}
