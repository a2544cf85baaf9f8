package io.relais.storage;

import io.relais.protocol.SubscriptionFilter;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// What of the state may be asked by those who do not change it. On the applier's thread, so each
/// question must be quick.
public interface KeptState {
  /// What is kept of a client; null: nothing.
  @Nullable KeptSession keptSession(String clientId);

  /// A page of a session's queue, from a sequence on.
  List<QueueEntry> readQueue(String clientId, long from, int entriesMax, long bytesMax);

  /// A page of the retained messages that match a filter.
  State.RetainedPage readRetained(String filter, @Nullable String after, int limit);

  /// A page of the delayed messages, in the order in which they came.
  ///
  /// @param afterId the last of the page before; 0: from the first
  List<DelayedMessage> readDelayed(long afterId, int limit);

  /// The persistent sessions and shared groups that a message on this topic is for.
  Matching matching(String topic);

  /// @param sessions by client id, with the subscriptions that match
  /// @param groups that have a queue
  record Matching(
      Map<String, List<StoredSubscription>> sessions, List<SubscriptionFilter> groups) {}
}
