package io.relais.broker.access;

import io.relais.protocol.SubscriptionFilter;
import io.relais.storage.DropReason;
import io.relais.storage.Effects;
import io.relais.storage.Message;
import io.relais.storage.QueueEntry;
import java.util.List;

/// For states in which nothing but users is of interest.
final class NoEffects implements Effects {
  @Override
  public void queued(String clientId, long epoch, QueueEntry entry) {}

  @Override
  public void offered(SubscriptionFilter filter, QueueEntry entry) {}

  @Override
  public void sharedQueueBegan(SubscriptionFilter filter, long queue) {}

  @Override
  public void sharedQueueOrphaned(SubscriptionFilter filter, long below) {}

  @Override
  public void sharedQueueEnded(SubscriptionFilter filter) {}

  @Override
  public void dropped(String clientId, Message message, DropReason reason) {}

  @Override
  public void published(Message message, List<SubscriptionFilter> groups) {}

  @Override
  public void ended(String clientId) {}

  @Override
  public void flush() {}
}
