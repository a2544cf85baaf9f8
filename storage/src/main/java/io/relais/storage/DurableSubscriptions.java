package io.relais.storage;

import io.relais.protocol.SubscriptionFilter;
import io.relais.protocol.TopicTree;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/// The plain and exclusive subscriptions of persistent sessions, by filter. Written and matched in
/// full by the applier; any thread may ask [#qosMax].
///
/// Owner: the applier; the tree and each leaf's `qosMax` are read by all.
public final class DurableSubscriptions {
  private static final int CACHED_TOPICS_MAX = 10_000;

  private static final class Leaf {
    final Map<String, StoredSubscription> byClient = new HashMap<>();
    @Nullable String exclusiveClient;
    @Nullable StoredSubscription exclusive;
    volatile int qosMax = -1;

    boolean isEmpty() {
      return byClient.isEmpty() && exclusive == null;
    }

    void forEach(BiConsumer<String, StoredSubscription> each) {
      byClient.forEach(each);
      if (exclusiveClient != null && exclusive != null) {
        each.accept(exclusiveClient, exclusive);
      }
    }
  }

  /// What one session is owed of a message.
  static final class Match {
    final String clientId;
    int qos = -1;
    boolean retainAsPublished;
    int[] ids = QueueEntry.NO_IDS;

    Match(String clientId) {
      this.clientId = clientId;
    }

    void merge(StoredSubscription subscription) {
      qos = Math.max(qos, subscription.qos());
      retainAsPublished |= subscription.retainAsPublished();
      if (subscription.id() != 0) {
        ids = java.util.Arrays.copyOf(ids, ids.length + 1);
        ids[ids.length - 1] = subscription.id();
      }
    }
  }

  private final TopicTree<Leaf> tree = new TopicTree<>();
  private final Map<String, List<Leaf>> cached = new HashMap<>();
  private long cachedVersion;

  /// Moves when the answer of [#qosMax] may have changed.
  public long version() {
    return tree.version();
  }

  /// The highest QoS among the durable subscriptions that match, -1 where none does. Any thread.
  public int qosMax(String topic) {
    int[] most = {-1};
    tree.match(topic, leaf -> most[0] = Math.max(most[0], leaf.qosMax));
    return most[0];
  }

  void put(String clientId, StoredSubscription subscription) {
    String filter = subscription.filter().filter();
    Leaf leaf = tree.get(filter);
    if (leaf == null) {
      leaf = new Leaf();
    }
    if (subscription.filter().kind() == SubscriptionFilter.Kind.EXCLUSIVE) {
      leaf.exclusiveClient = clientId;
      leaf.exclusive = subscription;
    } else {
      leaf.byClient.put(clientId, subscription);
    }
    refresh(filter, leaf);
  }

  void remove(String clientId, SubscriptionFilter filter) {
    Leaf leaf = tree.get(filter.filter());
    if (leaf == null) {
      return;
    }
    if (filter.kind() != SubscriptionFilter.Kind.EXCLUSIVE) {
      leaf.byClient.remove(clientId);
    } else if (clientId.equals(leaf.exclusiveClient)) {
      leaf.exclusiveClient = null;
      leaf.exclusive = null;
    }
    if (leaf.isEmpty()) {
      tree.remove(filter.filter());
    } else {
      refresh(filter.filter(), leaf);
    }
  }

  /// Puts the leaf again where its answer changed, so that the version moves.
  private void refresh(String filter, Leaf leaf) {
    int most = leaf.exclusive == null ? -1 : leaf.exclusive.qos();
    for (StoredSubscription subscription : leaf.byClient.values()) {
      most = Math.max(most, subscription.qos());
      if (most == 2) {
        break;
      }
    }
    if (most != leaf.qosMax) {
      leaf.qosMax = most;
      tree.put(filter, leaf);
    }
  }

  /// All sessions that a message is owed to, each once. [MQTT-3.3.4-2]
  List<Match> match(Message message) {
    if (cachedVersion != tree.version() || cached.size() > CACHED_TOPICS_MAX) {
      cached.clear();
      cachedVersion = tree.version();
    }
    List<Leaf> leaves =
        cached.computeIfAbsent(
            message.topic(),
            topic -> {
              List<Leaf> found = new ArrayList<>();
              tree.match(topic, found::add);
              return List.copyOf(found);
            });
    if (leaves.isEmpty()) {
      return List.of();
    }
    if (leaves.size() == 1 && leaves.getFirst().exclusive == null) {
      List<Match> matches = new ArrayList<>();
      leaves
          .getFirst()
          .forEach(
              (clientId, subscription) -> {
                if (!isEcho(message, clientId, subscription)) {
                  var match = new Match(clientId);
                  match.merge(subscription);
                  matches.add(match);
                }
              });
      return matches;
    }
    Map<String, Match> matches = new HashMap<>();
    for (Leaf leaf : leaves) {
      leaf.forEach(
          (clientId, subscription) -> {
            if (!isEcho(message, clientId, subscription)) {
              matches.computeIfAbsent(clientId, Match::new).merge(subscription);
            }
          });
    }
    return List.copyOf(matches.values());
  }

  /// [MQTT-3.8.3-3]
  private static boolean isEcho(Message message, String clientId, StoredSubscription subscription) {
    return subscription.noLocal() && clientId.equals(message.publisher());
  }
}
