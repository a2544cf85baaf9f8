package io.relais.broker;

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

  /// What a [Dispatcher] gave it that its load does not show yet. Changed on the dispatcher's loop;
  /// others may read it, as a guess.
  int onTheWay;

  Subscriber(Session session, StoredSubscription subscription) {
    this.session = session;
    this.subscription = subscription;
    this.qos = subscription.qos();
    this.noLocal = subscription.noLocal();
    this.retainAsPublished = subscription.retainAsPublished();
    this.ids = subscription.id() == 0 ? QueueEntry.NO_IDS : new int[] {subscription.id()};
  }
}
