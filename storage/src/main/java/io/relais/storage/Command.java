package io.relais.storage;

import io.relais.protocol.SubscriptionFilter;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// A change of what must survive. The closed set: nothing else changes the state, and a command
/// carries all that it needs (no clock, no randomness, nothing of a node's own). Commands that a
/// client caused carry the epoch of its claim and are refused once that has moved.
public sealed interface Command {

  /// A node's first command: ends all ownership of older incarnations, which starts wills and
  /// expiries.
  record NodeUp(String node, long incarnation) implements Command {}

  record SetLimits(StoreLimits limits) implements Command {}

  /// A connection takes a session. The position of this command is the session's new epoch.
  ///
  /// @param persistent false: no queue, QoS 2 ids or subscriptions are kept, only the will
  /// @param expirySeconds after the connection ends; [#NEVER]: none; 0: with the connection
  /// @param window how many entries of the queue may be in flight, at least 1
  record Claim(
      String clientId,
      String node,
      long incarnation,
      boolean cleanStart,
      boolean persistent,
      long expirySeconds,
      int window,
      @Nullable StoredWill will)
      implements Command {}

  /// Session expiry that never comes, seconds.
  long NEVER = 0xFFFF_FFFFL;

  /// @param expirySeconds of the message once published; -1: none
  record StoredWill(Message message, long delaySeconds, long expirySeconds) {}

  /// The connection ended.
  ///
  /// @param publishWill false: the client said goodbye, its will is dropped
  /// @param expirySeconds as a DISCONNECT changed it; -1: as it was
  /// @param sentBelow entries of the queue below this sequence were sent once
  record Release(
      String clientId, long epoch, boolean publishWill, long expirySeconds, long sentBelow)
      implements Command {}

  /// The session ends now, whoever owns it; the will goes out.
  record EndSession(String clientId) implements Command {}

  record Subscribe(String clientId, long epoch, List<StoredSubscription> subscriptions)
      implements Command {}

  record Unsubscribe(String clientId, long epoch, List<SubscriptionFilter> filters)
      implements Command {}

  /// A transient session asks to be the only subscriber of a filter.
  record TakeExclusive(String clientId, String node, long incarnation, String filter)
      implements Command {}

  record DropExclusive(String clientId, List<String> filters) implements Command {}

  /// Puts retained messages that match into a session's queue, at most [#RETAINED_PAGE] in one
  /// command; those of QoS 0 come back in the outcome.
  ///
  /// @param after the last topic of the page before; null: from the first
  record QueueRetained(
      String clientId, long epoch, StoredSubscription subscription, @Nullable String after)
      implements Command {}

  int RETAINED_PAGE = 1_000;

  /// Keeps a message: in the queues of all durable subscriptions that match at this position, as
  /// the retained message of its topic if it says so, and in the queues of `targets`.
  ///
  /// @param clientId the publisher; null: the broker itself
  /// @param receivedId the packet id of a QoS 2 PUBLISH from a persistent session; 0: none
  /// @param targets members that shared groups chose
  record Append(
      Message message, @Nullable String clientId, long epoch, int receivedId, List<Target> targets)
      implements Command {}

  /// A session that is to get a message for a reason other than a plain subscription.
  record Target(String clientId, int qos, boolean retain, int subscriptionId) {}

  /// Puts a message that was kept or published already into queues that a choice fell on.
  record Assign(Message message, List<Target> targets) implements Command {}

  /// Keeps a message until its time (`$delayed/...`).
  record Delay(
      Message message, long dueAtMillis, @Nullable String clientId, long epoch, int receivedId)
      implements Command {}

  /// QoS 2, inbound: PUBREL came, the id means a new message from now on.
  record Forget(String clientId, long epoch, int receivedId) implements Command {}

  /// QoS 2, outbound: PUBREC came, from now on only PUBREL is sent.
  record Released(String clientId, long epoch, long sequence) implements Command {}

  /// Entries of a queue are done with: acknowledged, completed, refused or expired.
  record Acknowledge(String clientId, long epoch, long[] sequences) implements Command {}

  /// Something that was scheduled is due; refused if it has moved on.
  record Fire(Due due) implements Command {}

  /// What was scheduled.
  sealed interface Due {
    record WillDue(String clientId, long epoch) implements Due {}

    record SessionExpired(String clientId, long epoch) implements Due {}

    record DelayedDue(long id) implements Due {}

    /// @param number tells it from others of the same time
    record RetainedExpired(String topic, long atMillis, long number) implements Due {}
  }
}
