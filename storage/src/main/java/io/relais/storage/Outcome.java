package io.relais.storage;

import io.relais.protocol.ReasonCode;
import io.relais.protocol.SubscriptionFilter;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// What a command came to, told on the submitter's loop once it is as safe as the store makes it.
public sealed interface Outcome {
  Outcome DONE = new Done();

  record Done() implements Outcome {}

  /// Nothing was changed.
  ///
  /// @param cause in the words of what is counted, for a message that is not kept
  record Refused(ReasonCode reason, DropReason cause, String why) implements Outcome {}

  /// @param headSequence of the oldest entry in the queue; equals `nextSequence` if it is empty
  /// @param nextSequence that the next entry will get
  /// @param sentBelow entries below were sent to an earlier connection
  /// @param owed subscriptions whose retained messages were not all queued, each with the last
  ///   topic that was looked at, or an empty one
  record Claimed(
      long epoch,
      boolean sessionPresent,
      List<StoredSubscription> subscriptions,
      long headSequence,
      long nextSequence,
      long sentBelow,
      Map<SubscriptionFilter, String> owed)
      implements Outcome {}

  /// @param reasons one for each subscription: granted QoS or a refusal
  /// @param existed whether the session had this filter before
  record Subscribed(List<ReasonCode> reasons, List<Boolean> existed) implements Outcome {}

  /// @param existed one for each filter
  record Unsubscribed(List<Boolean> existed) implements Outcome {}

  /// @param matched sessions whose queues took it
  /// @param duplicate a QoS 2 packet id that was there already: nothing was kept again
  /// @param groups shared filters whose queues it was for; members of other groups are chosen by
  ///   the publishing loop
  record Appended(int matched, boolean duplicate, List<SubscriptionFilter> groups)
      implements Outcome {
    static final Appended DUPLICATE = new Appended(0, true, List.of());
  }

  /// @param results one for each entry
  record HandedOut(List<Handing> results) implements Outcome {}

  /// What came of handing out an entry.
  enum Handing {
    /// It is in the member's queue.
    TAKEN,
    /// The member is not connected or not a member any more.
    NO_MEMBER,
    /// The entry is not in the group's queue any more.
    NO_ENTRY
  }

  /// @param direct retained messages that are sent at QoS 0
  /// @param next to give as `after`; null: that was all
  record RetainedQueued(List<Message> direct, @Nullable String next) implements Outcome {}

  /// Whether what the command speaks of was there before: an id, an entry, a user, a document.
  record Found(boolean found) implements Outcome {}
}
