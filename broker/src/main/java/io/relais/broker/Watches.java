package io.relais.broker;

import java.net.SocketAddress;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Who watches clients now.
///
/// Owner: any thread changes it under its lock; an immutable array that is replaced as a whole.
/// Loops look at it when a client comes, and at all their connections after a change.
final class Watches {
  static final Watch[] NONE = {};

  private volatile Watch[] now = NONE;

  synchronized void add(Watch watch) {
    Watch[] more = Arrays.copyOf(now, now.length + 1);
    more[now.length] = watch;
    now = more;
  }

  synchronized void remove(Watch watch) {
    now = Arrays.stream(now).filter(one -> one != watch).toArray(Watch[]::new);
  }

  boolean isEmpty() {
    return now.length == 0;
  }

  /// Those that want to see this client.
  Watch[] of(String clientId, @Nullable String username, SocketAddress address) {
    List<Watch> found = new ArrayList<>(1);
    for (Watch watch : now) {
      if (watch.isOf(clientId, username, address)) {
        found.add(watch);
      }
    }
    return found.isEmpty() ? NONE : found.toArray(NONE);
  }
}
