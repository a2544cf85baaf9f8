package io.relais.storage;

import io.relais.protocol.SubscriptionFilter;
import java.util.List;

/// What applying commands does to the node it runs on. Called on the applier's thread, in order;
/// must not block. `flush` ends each batch, after it is as safe as the store makes it.
public interface Effects {
  /// A session's queue got an entry; or, with the sequence [QueueEntry#NOT_QUEUED], a message is
  /// for the session if somebody is connected, and is not kept for it.
  ///
  /// @param epoch of the claim that the session stands under
  void queued(String clientId, long epoch, QueueEntry entry);

  /// The queue of a shared group got an entry, or has one again that a member did not take.
  void offered(SubscriptionFilter filter, QueueEntry entry);

  /// A shared group has a queue from now on.
  ///
  /// @param queue its id: a group that ends and begins anew gets another one
  void sharedQueueBegan(SubscriptionFilter filter, long queue);

  /// No persistent session is a member any more, and messages wait: for members that keep nothing,
  /// as long as one is connected, and then for [Command.EndShared].
  ///
  /// @param below the sequence behind what waits
  void sharedQueueOrphaned(SubscriptionFilter filter, long below);

  void sharedQueueEnded(SubscriptionFilter filter);

  /// A message that was to be kept for a session is not.
  void dropped(String clientId, Message message, DropReason reason);

  /// The applier published a message itself (a will, a delayed message); subscribers that are not
  /// in the state are to get it.
  ///
  /// @param groups shared filters whose queues it was for
  void published(Message message, List<SubscriptionFilter> groups);

  /// A session ended while nobody was connected, by expiry or by command.
  void ended(String clientId);

  void flush();
}
