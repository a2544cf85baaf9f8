package io.relais.storage;

import io.relais.protocol.SubscriptionFilter;
import io.relais.storage.table.ByteReader;
import io.relais.storage.table.ByteWriter;
import java.util.BitSet;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/// A session as the applier holds it: what its record says, and its subscriptions.
///
/// Owner: the applier.
final class StoredSession {
  private static final BitSet NONE = new BitSet(0);
  private static final int PERSISTENT = 1;
  private static final int OWNED = 2;
  private static final int DEFERRED = 4;
  private static final int ENDED = 8;

  /// When something of a session is due; both 0: never.
  record At(long millis, long number) {
    static final At NEVER = new At(0, 0);

    boolean isSet() {
      return number != 0;
    }
  }

  final String clientId;
  final boolean persistent;
  final Queue queue;
  long epoch;
  @Nullable String owner;
  long incarnation;
  long expirySeconds;
  int window = 1;
  Command.@Nullable StoredWill will;
  long sentBelow;
  At willAt = At.NEVER;
  At endAt = At.NEVER;

  /// The server ended the connection: the will waits, and is dropped if the client is back.
  boolean deferred;

  /// Over but for the will.
  boolean ended;

  private Map<SubscriptionFilter, StoredSubscription> subscriptions = Map.of();
  private Map<SubscriptionFilter, String> owed = Map.of();
  private NavigableMap<Long, SubscriptionFilter> handedOut = Collections.emptyNavigableMap();
  private BitSet received = NONE; // QoS 2 packet ids between PUBLISH and PUBREL

  StoredSession(String clientId, boolean persistent, Queue queue) {
    this.clientId = clientId;
    this.persistent = persistent;
    this.queue = queue;
  }

  Map<SubscriptionFilter, StoredSubscription> subscriptions() {
    return subscriptions;
  }

  /// @return what stood there
  @Nullable StoredSubscription put(StoredSubscription subscription) {
    if (subscriptions.isEmpty()) {
      subscriptions = new LinkedHashMap<>(4);
    }
    return subscriptions.put(subscription.filter(), subscription);
  }

  /// Retained messages that a subscription is owed still: the last topic that was looked at, empty
  /// before the first; null: it is owed none.
  @Nullable String owed(SubscriptionFilter filter) {
    return owed.get(filter);
  }

  Map<SubscriptionFilter, String> owedCopy() {
    return owed.isEmpty() ? Map.of() : Map.copyOf(owed);
  }

  /// @param after null: nothing any more
  void owe(SubscriptionFilter filter, @Nullable String after) {
    if (after != null) {
      if (owed.isEmpty()) {
        owed = new LinkedHashMap<>(2);
      }
      owed.put(filter, after);
    } else if (!owed.isEmpty()) {
      owed.remove(filter);
    }
  }

  boolean remove(SubscriptionFilter filter) {
    owe(filter, null);
    return !subscriptions.isEmpty() && subscriptions.remove(filter) != null;
  }

  /// Entries of the queue that were handed out by shared groups, and may return there.
  NavigableMap<Long, SubscriptionFilter> handedOut() {
    return handedOut;
  }

  void handOut(long sequence, SubscriptionFilter from) {
    if (handedOut.isEmpty()) {
      handedOut = new TreeMap<>();
    }
    handedOut.put(sequence, from);
  }

  /// @return whether it had been handed out
  boolean keep(long sequence) {
    return !handedOut.isEmpty() && handedOut.remove(sequence) != null;
  }

  boolean hasReceived(int packetId) {
    return received.get(packetId);
  }

  void receive(int packetId) {
    if (received == NONE) {
      received = new BitSet();
    }
    received.set(packetId);
  }

  void forget(int packetId) {
    if (received != NONE) {
      received.clear(packetId);
    }
  }

  BitSet received() {
    return received;
  }

  void write(ByteWriter to) {
    to.u1(
        (persistent ? PERSISTENT : 0)
            | (owner != null ? OWNED : 0)
            | (deferred ? DEFERRED : 0)
            | (ended ? ENDED : 0));
    to.u8(queue.id).u8(epoch);
    if (owner != null) {
      to.sized(owner);
    }
    to.variable(incarnation).variable(expirySeconds).variable(window).variable(sentBelow);
    to.u8(willAt.millis).u8(willAt.number).u8(endAt.millis).u8(endAt.number);
    Records.writeWill(to, will);
  }

  /// @param queues finds the queue of an id
  static StoredSession read(
      String clientId, ByteReader from, java.util.function.LongFunction<Queue> queues) {
    int flags = from.u1();
    var session = new StoredSession(clientId, (flags & PERSISTENT) != 0, queues.apply(from.u8()));
    session.epoch = from.u8();
    session.owner = (flags & OWNED) != 0 ? from.string() : null;
    session.deferred = (flags & DEFERRED) != 0;
    session.ended = (flags & ENDED) != 0;
    session.incarnation = from.variable();
    session.expirySeconds = from.variable();
    session.window = from.variableInt();
    session.sentBelow = from.variable();
    session.willAt = new At(from.u8(), from.u8());
    session.endAt = new At(from.u8(), from.u8());
    session.will = Records.readWill(from);
    return session;
  }
}
