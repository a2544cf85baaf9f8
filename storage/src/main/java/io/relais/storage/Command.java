package io.relais.storage;

import io.relais.protocol.SubscriptionFilter;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// A change of what must survive. The closed set: nothing else changes the state, and a command
/// carries all that it needs (no clock, no randomness, nothing of a node's own). Commands that a
/// client caused carry the epoch of its claim and are refused once that has moved.
public sealed interface Command {

  /// A node's first command. What its older incarnations own is given up by [Disown] commands.
  record NodeUp(String node, long incarnation) implements Command {}

  /// Ends the ownership of sessions by older incarnations of a node, which starts their wills and
  /// expiries. At most [#DISOWNED_MAX] in one command.
  record Disown(String node, long incarnation, List<String> clientIds) implements Command {}

  int DISOWNED_MAX = 1_000;

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
  /// @param expirySeconds as a DISCONNECT changed it; -1: as it was
  /// @param sentBelow entries of the queue below this sequence were sent once
  record Release(String clientId, long epoch, Parting parting, long expirySeconds, long sentBelow)
      implements Command {}

  /// How a connection ended, and so what becomes of the will.
  enum Parting {
    /// The client said goodbye: the will is dropped.
    GOODBYE,
    /// The will goes out, after its delay.
    LOST,
    /// The server ended the connection: the will waits for [#GRACE_MILLIS] at least, and is dropped
    /// if the client is back by then.
    BY_SERVER
  }

  long GRACE_MILLIS = 10_000;

  /// The session ends now, whoever owns it; the will goes out.
  record EndSession(String clientId) implements Command {}

  record Subscribe(String clientId, long epoch, List<StoredSubscription> subscriptions)
      implements Command {}

  record Unsubscribe(String clientId, long epoch, List<SubscriptionFilter> filters)
      implements Command {}

  /// Ends subscriptions of a session that is away, as its client could if it were here.
  record Withdraw(String clientId, List<SubscriptionFilter> filters) implements Command {}

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

  /// Keeps a message: in the queues of all durable subscriptions that match at this position, and
  /// as the retained message of its topic if it says so.
  ///
  /// @param clientId the publisher; null: the broker itself
  /// @param receivedId the packet id of a QoS 2 PUBLISH from a persistent session; 0: none
  /// @param served shared filters whose members got it already: the publishing loop chose among
  ///   them when it knew of no persistent one
  record Append(
      Message message,
      @Nullable String clientId,
      long epoch,
      int receivedId,
      List<SubscriptionFilter> served)
      implements Command {}

  /// Moves entries of a shared group's queue into the queues of members that are connected.
  ///
  /// @param filter the shared filter of the group
  /// @param queue its id; of another one nothing is handed out
  record HandOut(SubscriptionFilter filter, long queue, List<Handed> entries) implements Command {}

  /// @param sequence in the group's queue
  record Handed(long sequence, String clientId) {}

  /// Entries of a shared group's queue are done with: members that keep nothing acknowledged them.
  ///
  /// @param queue its id; of another one nothing is removed
  record AcknowledgeShared(SubscriptionFilter filter, long queue, long[] sequences)
      implements Command {}

  /// Removes entries of a shared group's queue that are sent next, to members that keep nothing:
  /// nobody gets them again.
  record TakeShared(SubscriptionFilter filter, long queue, long[] sequences) implements Command {}

  /// Messages of QoS 1 and 2 that a member was given and not sent go back to the front of the
  /// group's queue, if it has one.
  record PutBack(SubscriptionFilter filter, List<Message> messages) implements Command {}

  /// All members of a queue that had lost its last persistent one are gone: what waits for them is
  /// dropped, and the queue ends. Nothing happens if it has a persistent member again.
  ///
  /// @param below the sequence behind what waited for them; what came since, for members that came
  ///   since, stays
  record EndShared(SubscriptionFilter filter, long queue, long below) implements Command {}

  /// Keeps a message until its time (`$delayed/...`).
  record Delay(
      Message message, long dueAtMillis, @Nullable String clientId, long epoch, int receivedId)
      implements Command {}

  /// A delayed message is not published after all.
  ///
  /// @param id as [DelayedMessage] has it
  record DropDelayed(long id) implements Command {}

  /// QoS 2, inbound: PUBREL came, the id means a new message from now on.
  record Forget(String clientId, long epoch, int receivedId) implements Command {}

  /// QoS 2, outbound: PUBREC came, from now on only PUBREL is sent.
  record Released(String clientId, long epoch, long sequence) implements Command {}

  /// Entries of a queue are done with: acknowledged, completed, refused or expired.
  record Acknowledge(String clientId, long epoch, long[] sequences) implements Command {}

  /// Somebody may log in with a password from now on, or with another one.
  ///
  /// @param passwordHash as who checks passwords wrote it; the state does not look into it
  /// @param isNew nothing happens if there is such a user already
  record PutUser(String username, String passwordHash, List<String> groups, boolean isNew)
      implements Command {
    public PutUser {
      groups = List.copyOf(groups);
    }

    /// Whether there is such a user or not; in no group.
    public PutUser(String username, String passwordHash) {
      this(username, passwordHash, List.of(), false);
    }

    @Override
    public String toString() {
      return "PutUser[" + username + "]"; // no hash in logs
    }
  }

  /// Changes a part of a user that there is. One command, so that of two changes at once each keeps
  /// what the other did.
  ///
  /// @param ofHash only while this is its hash; null: whichever is
  /// @param passwordHash null: stays
  /// @param groups null: stay
  record ChangeUser(
      String username,
      @Nullable String ofHash,
      @Nullable String passwordHash,
      @Nullable List<String> groups)
      implements Command {
    public ChangeUser {
      groups = groups == null ? null : List.copyOf(groups);
    }

    @Override
    public String toString() {
      return "ChangeUser[" + username + "]"; // no hash in logs
    }
  }

  record DropUser(String username) implements Command {}

  /// Keeps something for administrators.
  ///
  /// @param isNew nothing happens if it is there already
  /// @param content as who asks wrote it; the state does not look into it
  record PutDocument(String collection, String id, boolean isNew, String content)
      implements Command {
    @Override
    public String toString() {
      return "PutDocument[%s, %s]".formatted(collection, id); // it may hold a hash
    }
  }

  record DropDocument(String collection, String id) implements Command {}

  /// Something that was scheduled is due; refused if it has moved on.
  record Fire(Due due) implements Command {}

  /// Removes entries of queues that are gone, at most [#SWEPT_MAX].
  record Sweep() implements Command {}

  int SWEPT_MAX = 1_000;

  /// What was scheduled.
  sealed interface Due {
    record WillDue(String clientId, long epoch) implements Due {}

    record SessionExpired(String clientId, long epoch) implements Due {}

    record DelayedDue(long atMillis, long id) implements Due {}

    /// @param number tells it from others of the same time
    record RetainedExpired(String topic, long atMillis, long number) implements Due {}
  }
}
