package io.relais.broker.access;

import io.relais.protocol.SubscriptionFilter;
import io.relais.storage.DropReason;
import io.relais.storage.Effects;
import io.relais.storage.Message;
import io.relais.storage.QueueEntry;

/// For states in which nothing but users is of interest.
final class NoEffects implements Effects {
  @Override
  public void queued(String clientId, long epoch, QueueEntry entry) {}

  @Override
  public void offered(SubscriptionFilter filter, QueueEntry entry) {}

  @Override
  public void sharedQueue(SubscriptionFilter filter, boolean exists) {}

  @Override
  public void dropped(String clientId, Message message, DropReason reason) {}

  @Override
  public void published(Message message) {}

  @Override
  public void ended(String clientId) {}

  @Override
  public void flush() {}
}
