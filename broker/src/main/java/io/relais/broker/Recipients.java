package io.relais.broker;

import io.relais.protocol.SubscriptionFilter;
import io.relais.storage.StoredSubscription;
import java.util.List;

/// Who would get a message on a topic.
///
/// @param sessions each with what of it matches, at most [#SESSIONS_MAX]
/// @param sessionCount of all
/// @param groups shared ones, each of which gives it to one member
public record Recipients(
    List<Recipient> sessions, int sessionCount, List<SubscriptionFilter> groups) {
  static final int SESSIONS_MAX = 100;

  /// @param connected now
  public record Recipient(
      String clientId, List<StoredSubscription> subscriptions, boolean connected) {}

  /// How many get it: each group counts for one.
  public int count() {
    return sessionCount + groups.size();
  }
}
