package io.relais.storage;

import io.relais.protocol.SubscriptionFilter;
import java.util.ArrayList;
import java.util.List;

/// Writes down what the applier did.
final class RecordedEffects implements Effects {
  final List<String> queued = new ArrayList<>();
  final List<String> offered = new ArrayList<>();
  final List<String> sharedQueues = new ArrayList<>();
  final List<String> dropped = new ArrayList<>();
  final List<Message> published = new ArrayList<>();
  final List<String> ended = new ArrayList<>();

  @Override
  public void queued(String clientId, long epoch, QueueEntry entry) {
    queued.add(clientId + " " + entry.sequence() + " " + text(entry.message()));
  }

  @Override
  public void offered(SubscriptionFilter filter, QueueEntry entry) {
    offered.add(filter.text() + " " + entry.sequence() + " " + text(entry.message()));
  }

  @Override
  public void sharedQueueBegan(SubscriptionFilter filter, long queue) {
    sharedQueues.add("+" + filter.text());
  }

  @Override
  public void sharedQueueOrphaned(SubscriptionFilter filter, long below) {
    sharedQueues.add("?" + filter.text());
  }

  @Override
  public void sharedQueueEnded(SubscriptionFilter filter) {
    sharedQueues.add("-" + filter.text());
  }

  @Override
  public void dropped(String clientId, Message message, DropReason reason) {
    dropped.add(clientId + " " + text(message) + " " + reason.label());
  }

  @Override
  public void published(Message message, List<SubscriptionFilter> groups) {
    published.add(message);
  }

  @Override
  public void ended(String clientId) {
    ended.add(clientId);
  }

  @Override
  public void flush() {}

  private static String text(Message message) {
    return message.topic()
        + "="
        + new String(message.payload(), java.nio.charset.StandardCharsets.UTF_8);
  }
}
