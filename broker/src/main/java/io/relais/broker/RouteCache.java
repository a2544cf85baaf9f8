package io.relais.broker;

import org.jspecify.annotations.Nullable;

/// Routes of recent topics by the bytes of the topic, so that a known topic costs neither a check
/// of its UTF-8 nor a string nor a match.
///
/// A topic is remembered when it comes a second time before another with the same slot: of 100,000
/// topics at random hardly any is, and their routes die young instead of filling the heap with what
/// was kept for a moment.
///
/// Owner: the loop. Limits: [#SLOTS] topics of up to [#TOPIC_BYTES_MAX] bytes; a new one takes the
/// place of another with the same slot.
final class RouteCache {
  private static final int SLOTS = 1 << 13;
  private static final int TOPIC_BYTES_MAX = 1024; // longer ones are not remembered

  private final Router router;
  private final @Nullable Route[] slots = new Route[SLOTS];
  private final int[] seen = new int[SLOTS]; // hash of the topic that last asked for a slot

  RouteCache(Router router) {
    this.router = router;
  }

  /// @return a route that is valid now, or null if this topic is not known
  @Nullable Route find(byte[] array, int start, int end) {
    int slot = slot(hash(array, start, end));
    Route route = slots[slot];
    if (route == null || !route.hasTopic(array, start, end)) {
      return null;
    }
    if (!router.isValid(route)) {
      route = router.renewed(route);
      slots[slot] = route;
    }
    return route;
  }

  /// @param bytes the topic in UTF-8; kept
  Route of(String topic, byte[] bytes) {
    Route known = find(bytes, 0, bytes.length);
    if (known != null) {
      return known;
    }
    Route route = router.route(topic, bytes);
    if (bytes.length <= TOPIC_BYTES_MAX) {
      int hash = hash(bytes, 0, bytes.length);
      int slot = slot(hash);
      if (seen[slot] == hash) {
        slots[slot] = route;
      }
      seen[slot] = hash;
    }
    return route;
  }

  private static int hash(byte[] array, int start, int end) {
    int hash = end - start;
    for (int i = start; i < end; i++) {
      hash = 31 * hash + array[i];
    }
    return hash * 0x9E3779B9;
  }

  private static int slot(int hash) {
    return hash >>> 19;
  }
}
