package io.relais.broker;

import io.relais.storage.Command;
import io.relais.storage.Message;
import io.relais.storage.QueueEntry;
import io.relais.storage.StoredSubscription;

/// One subscription of a connected session: an entry in the lists that routes lead to.
///
/// Owner: the session's loop, but for the final fields, which shared groups read anywhere.
final class Subscriber {
  final Session session;
  final StoredSubscription subscription;
  final int qos;
  final boolean noLocal;
  final boolean retainAsPublished;
  final int[] ids;

  /// Where it stands in its list.
  int index;

  Subscriber(Session session, StoredSubscription subscription) {
    this.session = session;
    this.subscription = subscription;
    this.qos = subscription.qos();
    this.noLocal = subscription.noLocal();
    this.retainAsPublished = subscription.retainAsPublished();
    this.ids = subscription.id() == 0 ? QueueEntry.NO_IDS : new int[] {subscription.id()};
  }

  /// Whether a message of this QoS reaches the session through its queue in the store.
  boolean isTarget(int publishedQos) {
    return session.isPersistent() && Math.min(publishedQos, qos) > 0;
  }

  /// As the member that a shared group chose. [MQTT-4.8.2-3]
  Command.Target target(int publishedQos, boolean retain) {
    return new Command.Target(
        session.clientId(),
        Math.min(publishedQos, qos),
        retainAsPublished && retain,
        subscription.id());
  }

  Command.Target target(Message message) {
    return target(message.qos(), message.retain());
  }
}
