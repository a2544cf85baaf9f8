package io.relais.broker;

import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/// Which session of this node has a client id now.
///
/// Owner: shared; each change is one atomic step.
final class Directory {
  private final ConcurrentHashMap<String, Session> byClientId = new ConcurrentHashMap<>();

  /// @return the session that had the id before, which must end before the new one begins
  @Nullable Session put(Session session) {
    return byClientId.put(session.clientId(), session);
  }

  void remove(Session session) {
    byClientId.remove(session.clientId(), session);
  }

  @Nullable Session get(String clientId) {
    return byClientId.get(clientId);
  }

  /// In no order.
  Set<String> clientIds() {
    return byClientId.keySet();
  }

  int size() {
    return byClientId.size();
  }
}
