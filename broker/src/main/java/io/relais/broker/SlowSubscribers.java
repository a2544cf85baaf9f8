package io.relais.broker;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// The subscribers of one loop that are slow: those whose messages took long, and those for whom
/// more and more waits.
///
/// A session times one message at a time, so timing costs two fields and no clock: times are those
/// of the loop's reads. Only what took at least the threshold comes here. What waits is looked at
/// now and then, and only of sessions for which something waits.
///
/// Both go by a window that slides in halves: what was seen in this half and in the one before
/// counts.
///
/// Owner: the loop. Limits: twice [SlowLimits#count()] subscribers by latency; of those for whom
/// something waits, [#LOOKED_AT_ONCE] a second are looked at.
final class SlowSubscribers {
  private static final int LOOKED_AT_ONCE = 2_000;
  private static final long LOOKS_EACH_MILLIS = 1_000;

  /// One subscriber by latency.
  private static final class Slow {
    Session session;
    long half;
    long worst;
    long worstBefore;
    String topic;
    String topicBefore = "";
    long times;
    long atMillis;

    Slow(Session session, String topic) {
      this.session = session;
      this.topic = topic;
    }
  }

  /// One for whom something waits.
  private static final class Lag {
    final Session session;
    long half;
    long waiting; // when this half began
    long sinceMillis;
    long waitingBefore; // when the half before began
    long sinceMillisBefore;

    Lag(Session session, long waiting, long half, long nowMillis) {
      this.session = session;
      this.waiting = waiting;
      this.waitingBefore = waiting;
      this.half = half;
      this.sinceMillis = nowMillis;
      this.sinceMillisBefore = nowMillis;
    }
  }

  private long thresholdMillis = Long.MAX_VALUE; // nobody is watched
  private int count = 1;
  private long halfMillis = 1;
  private final Map<String, Slow> slow = new HashMap<>();
  private final ArrayDeque<Lag> lagging = new ArrayDeque<>();
  private long floorMillis; // while full: less is not worth a look
  private long lookedAtMillis;

  void limit(SlowLimits limits) {
    thresholdMillis = limits.threshold().isZero() ? Long.MAX_VALUE : limits.threshold().toMillis();
    count = limits.count();
    halfMillis = Math.max(1, limits.window().toMillis() / 2);
    clear();
  }

  boolean isOn() {
    return thresholdMillis != Long.MAX_VALUE;
  }

  long thresholdMillis() {
    return thresholdMillis;
  }

  void clear() {
    slow.clear();
    floorMillis = 0;
    for (Lag lag : lagging) {
      lag.session.outbound().onLagForgotten();
    }
    lagging.clear();
  }

  /// A message took at least the threshold, or takes it already.
  void onLatency(Session session, long tookMillis, String topic, long nowMillis) {
    if (tookMillis < floorMillis && !slow.containsKey(session.clientId())) {
      return;
    }
    Slow one = slow.get(session.clientId());
    if (one == null) {
      if (slow.size() >= 2 * count && !makeRoom(tookMillis, nowMillis)) {
        return;
      }
      one = new Slow(session, topic);
      one.half = nowMillis / halfMillis;
      slow.put(session.clientId(), one);
    }
    one.session = session;
    shift(one, nowMillis);
    if (tookMillis >= one.worst) {
      one.worst = tookMillis;
      one.topic = topic;
    }
    one.times++;
    one.atMillis = nowMillis;
  }

  private void shift(Slow one, long nowMillis) {
    long half = nowMillis / halfMillis;
    if (half == one.half) {
      return;
    }
    boolean next = half == one.half + 1;
    one.worstBefore = next ? one.worst : 0;
    one.topicBefore = next ? one.topic : "";
    one.worst = 0;
    one.times = next ? one.times : 0;
    one.half = half;
  }

  private boolean isOver(Slow one, long nowMillis) {
    return nowMillis / halfMillis > one.half + 1;
  }

  /// Removes what is over, else the one that was least slow if this one was slower.
  private boolean makeRoom(long tookMillis, long nowMillis) {
    slow.values().removeIf(one -> isOver(one, nowMillis));
    if (slow.size() < 2 * count) {
      floorMillis = 0;
      return true;
    }
    Slow least = null;
    for (Slow one : slow.values()) {
      if (least == null || worst(one) < worst(least)) {
        least = one;
      }
    }
    if (least == null || worst(least) >= tookMillis) {
      floorMillis = tookMillis;
      return false;
    }
    slow.remove(least.session.clientId());
    return true;
  }

  private static long worst(Slow one) {
    return Math.max(one.worst, one.worstBefore);
  }

  /// Something waits for a session; until that is over.
  void onLag(Session session, long nowMillis) {
    long before = session.outbound().laggingMessages() - 1; // without the one that came now
    lagging.add(new Lag(session, before, nowMillis / halfMillis, nowMillis));
  }

  /// At each tick of the loop.
  void tick(long nowMillis) {
    if (lagging.isEmpty() && floorMillis == 0 || nowMillis - lookedAtMillis < LOOKS_EACH_MILLIS) {
      return;
    }
    lookedAtMillis = nowMillis;
    floorMillis = 0; // the window slides
    for (int n = Math.min(lagging.size(), LOOKED_AT_ONCE); n > 0; n--) {
      Lag lag = lagging.remove();
      if (look(lag, nowMillis)) {
        lagging.add(lag);
      } else {
        lag.session.outbound().onLagForgotten();
      }
    }
  }

  /// @return whether something still waits
  private boolean look(Lag lag, long nowMillis) {
    Outbound outbound = lag.session.outbound();
    long waiting = outbound.laggingMessages();
    if (!lag.session.isOpen() || waiting == 0) {
      return false;
    }
    long half = nowMillis / halfMillis;
    if (half != lag.half) {
      lag.waitingBefore = lag.waiting;
      lag.sinceMillisBefore = lag.sinceMillis;
      lag.waiting = waiting;
      lag.sinceMillis = nowMillis;
      lag.half = half;
    }
    outbound.tellOldest(nowMillis);
    return true;
  }

  /// The worst, by latency and by growth.
  List<SlowSubscriber> worst(long nowMillis) {
    slow.values().removeIf(one -> isOver(one, nowMillis));
    Map<String, SlowSubscriber> found = new HashMap<>();
    Map<String, Lag> lags = new HashMap<>();
    for (Lag lag : lagging) {
      if (lag.session.isOpen()) {
        lags.put(lag.session.clientId(), lag);
      }
    }
    for (Map.Entry<String, Slow> one : slow.entrySet()) {
      shift(one.getValue(), nowMillis);
      found.put(
          one.getKey(), told(one.getValue(), lags.get(one.getKey()), one.getKey(), nowMillis));
    }
    lags.entrySet().stream()
        .filter(one -> !found.containsKey(one.getKey()))
        .map(one -> told(null, one.getValue(), one.getKey(), nowMillis))
        .filter(one -> one.growth() > 0)
        .sorted(Comparator.comparingDouble(SlowSubscriber::growthPerSecond).reversed())
        .limit(count)
        .toList()
        .forEach(one -> found.put(one.clientId(), one));
    return new ArrayList<>(found.values());
  }

  private static SlowSubscriber told(
      @Nullable Slow one, @Nullable Lag lag, String clientId, long nowMillis) {
    Session session = one != null ? one.session : lag != null ? lag.session : null;
    Outbound outbound = session != null && session.isOpen() ? session.outbound() : null;
    long waiting = outbound == null ? 0 : outbound.laggingMessages();
    boolean isThisHalf = one != null && one.worst >= one.worstBefore;
    return new SlowSubscriber(
        clientId,
        one == null ? 0 : worst(one),
        one == null ? null : isThisHalf ? one.topic : one.topicBefore,
        one == null ? 0 : one.times,
        waiting,
        outbound == null ? 0 : outbound.waitingMessages(),
        outbound == null ? 0 : outbound.inFlightMessages(),
        lag == null ? 0 : waiting - lag.waitingBefore,
        lag == null ? 0 : nowMillis - lag.sinceMillisBefore,
        one == null ? nowMillis : one.atMillis);
  }
}
