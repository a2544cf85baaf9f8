package io.relais.broker;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// The rates that one connection goes by: its client's, and those that it shares.
///
/// Owner: the connection's loop.
final class Throttle {
  private static final Rate[] NONE = {};
  private static final long MILLI_NANOS = 1_000_000;
  private static final long LEAST_MILLIS = 10; // so that a pause is worth its while
  private static final long MOST_MILLIS = 1_000;

  private record Held(Allowances from, String name, Allowance allowance) {}

  private final int loop;
  private final List<Held> held = new ArrayList<>(4);
  private Rate[] messages = NONE;
  private Rate[] messageBytes = NONE;
  private Rate[] subscribes = NONE;

  Throttle(int loop) {
    this.loop = loop;
  }

  void add(Allowances from, @Nullable String name, long nowMillis) {
    Allowance one = from.use(name, nowMillis);
    if (name == null || one == null) {
      return;
    }
    held.add(new Held(from, name, one));
    messages = with(messages, one.messages);
    messageBytes = with(messageBytes, one.messageBytes);
    subscribes = with(subscribes, one.subscribes);
  }

  private static Rate[] with(Rate[] rates, @Nullable Rate more) {
    if (more == null) {
      return rates;
    }
    Rate[] all = Arrays.copyOf(rates, rates.length + 1);
    all[rates.length] = more;
    return all;
  }

  boolean isEmpty() {
    return held.isEmpty();
  }

  /// A PUBLISH was taken.
  ///
  /// @return for how long the connection is to be read no further, milliseconds; 0: not at all
  long onPublish(int bytes, long nowMillis) {
    long nanos = 0;
    for (Rate rate : messages) {
      nanos = Math.max(nanos, rate.charge(1, loop, nowMillis));
    }
    for (Rate rate : messageBytes) {
      nanos = Math.max(nanos, rate.charge(bytes, loop, nowMillis));
    }
    return nanos == 0 ? 0 : pauseMillis(nanos);
  }

  /// Behind a pause.
  ///
  /// @return for how much longer, milliseconds; 0: read on
  long moreMillis(long nowMillis) {
    long nanos = 0;
    for (Rate rate : messages) {
      nanos = Math.max(nanos, rate.owedNanos(nowMillis));
    }
    for (Rate rate : messageBytes) {
      nanos = Math.max(nanos, rate.owedNanos(nowMillis));
    }
    return nanos == 0 ? 0 : pauseMillis(nanos);
  }

  private static long pauseMillis(long nanos) {
    return Math.clamp(nanos / MILLI_NANOS + 1, LEAST_MILLIS, MOST_MILLIS);
  }

  /// Takes one filter of a SUBSCRIBE, if all rates allow it.
  boolean maySubscribe(long nowMillis) {
    for (Rate rate : subscribes) {
      if (!rate.take(nowMillis)) {
        return false;
      }
    }
    return true;
  }

  /// The connection is over.
  void release(long nowMillis) {
    held.forEach(one -> one.from.release(one.name, one.allowance, nowMillis));
    held.clear();
  }
}
