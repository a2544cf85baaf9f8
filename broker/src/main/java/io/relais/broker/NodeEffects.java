package io.relais.broker;

import io.relais.protocol.SubscriptionFilter;
import io.relais.storage.DropReason;
import io.relais.storage.Effects;
import io.relais.storage.Message;
import io.relais.storage.QueueEntry;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Carries what the applier did to the loops: wakes of sessions whose queues got an entry, one task
/// for each loop and batch, and messages that the applier published itself.
///
/// Owner: the applier's thread.
final class NodeEffects implements Effects {
  /// The wakes of one loop in one batch.
  private static final class Wakes implements Runnable {
    final List<Session> sessions = new ArrayList<>();
    final List<QueueEntry> entries = new ArrayList<>();
    long[] epochs = new long[16];

    void add(Session session, long epoch, QueueEntry entry) {
      if (sessions.size() == epochs.length) {
        epochs = Arrays.copyOf(epochs, epochs.length * 2);
      }
      epochs[sessions.size()] = epoch;
      sessions.add(session);
      entries.add(entry);
    }

    @Override
    public void run() {
      sessions.getFirst().loop().updateTime();
      for (int i = 0; i < sessions.size(); i++) {
        sessions.get(i).outbound().onQueued(epochs[i], entries.get(i));
      }
    }
  }

  private final Directory directory;
  private final Dispatchers dispatchers;
  private final Drops drops;
  private final InstantSource clock;
  private final Counters counters = new Counters();
  private List<Loop> loops = List.of();
  private @Nullable SubscriptionTree tree;
  private Wakes[] wakes = {};

  private record Published(Message message, List<SubscriptionFilter> groups) {}

  private final List<Published> published = new ArrayList<>();

  NodeEffects(Directory directory, Dispatchers dispatchers, Drops drops, InstantSource clock) {
    this.directory = directory;
    this.dispatchers = dispatchers;
    this.drops = drops;
    this.clock = clock;
  }

  /// Once, before the first command of a client.
  void start(List<Loop> all, SubscriptionTree connected) {
    tree = connected;
    loops = all;
    wakes = new Wakes[all.size()];
    for (int i = 0; i < wakes.length; i++) {
      wakes[i] = new Wakes();
    }
  }

  Counters counters() {
    return counters;
  }

  @Override
  public void queued(String clientId, long epoch, QueueEntry entry) {
    Session session = directory.get(clientId);
    if (session != null) {
      wakes[session.loop().index()].add(session, epoch, entry);
    }
  }

  @Override
  public void offered(SubscriptionFilter filter, QueueEntry entry) {
    dispatchers.offered(filter, entry);
  }

  @Override
  public void sharedQueueBegan(SubscriptionFilter filter, long queue) {
    dispatchers.begin(filter, queue);
  }

  @Override
  public void sharedQueueOrphaned(SubscriptionFilter filter, long below) {
    dispatchers.orphaned(filter, below);
  }

  @Override
  public void sharedQueueEnded(SubscriptionFilter filter) {
    dispatchers.end(filter);
  }

  @Override
  public void dropped(String clientId, Message message, DropReason reason) {
    Counter counter = Counter.of(reason);
    counters.increment(counter);
    drops.note(
        counter,
        clock.millis(),
        message.topic(),
        clientId.isEmpty() ? null : clientId,
        message.publisher(),
        message.qos(),
        message.payload().length);
    if (tree != null) {
      tree.meterDrop(message.topic(), loops.size());
    }
  }

  @Override
  public void published(Message message, List<SubscriptionFilter> groups) {
    if (loops.isEmpty()) {
      return; // nobody is connected yet
    }
    published.add(new Published(message, groups));
  }

  @Override
  public void ended(String clientId) {
    counters.increment(Counter.SESSIONS_EXPIRED);
  }

  @Override
  public void flush() {
    dispatchers.flush();
    for (Published one : published) {
      // By topic, so that the order on one topic holds.
      Loop loop = loops.get(Math.floorMod(one.message.topic().hashCode(), loops.size()));
      loop.eventLoop().execute(() -> loop.publish(one.message, true, one.groups));
    }
    published.clear();
    for (int i = 0; i < wakes.length; i++) {
      if (!wakes[i].sessions.isEmpty()) {
        loops.get(i).eventLoop().execute(wakes[i]);
        wakes[i] = new Wakes();
      }
    }
  }
}
