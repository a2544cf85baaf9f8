package io.relais.broker;

import java.util.Arrays;
import java.util.Iterator;
import java.util.LinkedHashMap;

/// When client ids last connected, to find those that connect too often.
///
/// Owner: one loop. Limits: so many ids, of which the one that has not connected for longest is
/// forgotten first, and of each as many times as it may connect; ids longer than [#ID_LENGTH_MAX]
/// are not watched.
final class FlappingWatch {
  static final int ID_LENGTH_MAX = 1_024;

  /// The last times of one id, in a ring that grows up to its most.
  private static final class Times {
    private long[] millis = new long[1];
    private int next;
    private int count;

    /// @return the time that was kept for longest if there is no room for one more, else -1
    long add(long nowMillis, int most) {
      if (count == millis.length && count < most) {
        grow(most);
      }
      long replaced = count == millis.length ? millis[next] : -1;
      millis[next] = nowMillis;
      next = (next + 1) % millis.length;
      count = Math.min(count + 1, millis.length);
      return replaced;
    }

    private void grow(int most) {
      long[] larger = Arrays.copyOf(millis, Math.min(most, 2 * count));
      for (int i = 0; i < count; i++) {
        larger[i] = millis[(next + i) % count];
      }
      next = count;
      millis = larger;
    }

    long last() {
      return millis[(next + millis.length - 1) % millis.length];
    }
  }

  private final int attempts;
  private final long windowMillis;
  private final int idsMax;
  private final LinkedHashMap<String, Times> byClientId = new LinkedHashMap<>(16, 0.75f, true);

  FlappingWatch(FlappingLimits limits, int idsMax) {
    this.attempts = limits.attempts();
    this.windowMillis = limits.window().toMillis();
    this.idsMax = idsMax;
  }

  /// A CONNECT of this id was accepted.
  ///
  /// @return whether that is more often than allowed; it is forgotten then
  boolean onConnected(String clientId, long nowMillis) {
    if (clientId.length() > ID_LENGTH_MAX) {
      return false;
    }
    Times times = byClientId.computeIfAbsent(clientId, absent -> new Times());
    long replaced = times.add(nowMillis, attempts);
    if (replaced >= 0 && nowMillis - replaced < windowMillis) {
      byClientId.remove(clientId);
      return true;
    }
    forgetOld(nowMillis);
    return false;
  }

  private void forgetOld(long nowMillis) {
    Iterator<Times> oldest = byClientId.values().iterator();
    while (oldest.hasNext()) {
      long last = oldest.next().last();
      if (byClientId.size() <= idsMax && nowMillis - last < windowMillis) {
        return;
      }
      oldest.remove();
    }
  }

  int size() {
    return byClientId.size();
  }
}
