package io.relais.storage;

import io.relais.protocol.SubscriptionFilter;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// One thing of what a store holds, in a form that does not depend on how it is laid out in tables:
/// what exports, imports and backups are made of. [StoreReader] gives all of a store in the order
/// in which [StoreWriter] takes it: first the header, messages before those who refer to them, and
/// behind each session or group the entries of its queue.
///
/// Counts, sizes, references and what is due when are not among them: they follow from the rest.
public sealed interface StoredItem {

  /// Where the state stands. Comes first.
  ///
  /// @param format [DataDirectory#FORMAT]
  /// @param position how many commands were applied; epochs of sessions are positions
  /// @param logTimeMillis the time that all others here are in
  /// @param wallMillis when the last batch was committed; 0: never
  /// @param lastNumber no number of a queue, message or due time is above
  record Header(int format, long position, long logTimeMillis, long wallMillis, long lastNumber)
      implements StoredItem {}

  /// @param incarnation the last that is known
  record Node(String node, long incarnation) implements StoredItem {}

  record User(String username, String passwordHash, List<String> groups) implements StoredItem {
    public User {
      groups = List.copyOf(groups);
    }

    @Override
    public String toString() {
      return "User[" + username + "]"; // no hash in logs
    }
  }

  /// What administrators keep.
  record Document(String collection, String id, String content) implements StoredItem {
    @Override
    public String toString() {
      return "Document[%s, %s]".formatted(collection, id); // it may hold a hash
    }
  }

  /// A message that stands in more than one place.
  ///
  /// @param id what entries and retained messages refer to
  record SharedMessage(long id, Message message) implements StoredItem {}

  /// @param queue its number, which no other has
  /// @param head no entry has a lower sequence
  /// @param next the sequence that the next entry will get
  record QueueBounds(long queue, long head, long next) {}

  /// When something happens to a session.
  ///
  /// @param number tells it from others of the same time
  record Scheduled(long atMillis, long number) {}

  /// @param owedAfter the last topic of those retained messages that were queued for it, empty
  ///   before the first; null: all were, or it gets none
  record Subscription(StoredSubscription options, @Nullable String owedAfter) {}

  /// A session without the entries of its queue.
  ///
  /// @param owner the node that its client is connected to; null: it is not connected
  /// @param expirySeconds [Command#NEVER]: none
  /// @param sentBelow entries below were sent to an earlier connection
  /// @param deferred the server ended the connection, and a client that is back prevents the will
  /// @param ended over but for the will
  /// @param receivedIds QoS 2, inbound: between PUBLISH and PUBREL
  record Session(
      String clientId,
      boolean persistent,
      QueueBounds queue,
      long epoch,
      @Nullable String owner,
      long incarnation,
      long expirySeconds,
      int window,
      long sentBelow,
      boolean deferred,
      boolean ended,
      Command.@Nullable StoredWill will,
      @Nullable Scheduled willAt,
      @Nullable Scheduled endAt,
      List<Subscription> subscriptions,
      List<Integer> receivedIds)
      implements StoredItem {}

  /// The queue of a shared group.
  record Group(SubscriptionFilter filter, QueueBounds queue) implements StoredItem {}

  /// @param queue that of the session or group that came last
  /// @param released QoS 2: PUBREC came
  /// @param from the shared filter whose group it was handed out by; null: none
  /// @param shared where its message is kept; 0: here
  /// @param message null where it is shared
  record Entry(
      long queue,
      long sequence,
      int qos,
      boolean retain,
      int[] subscriptionIds,
      boolean released,
      @Nullable SubscriptionFilter from,
      long shared,
      @Nullable Message message)
      implements StoredItem {}

  /// @param shared where the message is kept; 0: here
  /// @param message null where it is shared
  /// @param expiryNumber of its due time; 0: it does not expire, or gets a number when written
  record Retained(
      String topic, long storedAtMillis, long shared, @Nullable Message message, long expiryNumber)
      implements StoredItem {}

  record Delayed(long number, long dueAtMillis, Message message) implements StoredItem {}

  /// @param filter without `$exclusive/`
  /// @param node where a transient session is connected; null: a persistent session
  record Exclusive(String filter, String clientId, @Nullable String node, long incarnation)
      implements StoredItem {}
}
