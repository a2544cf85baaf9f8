package io.relais.storage;

import static java.util.Objects.requireNonNull;

import io.relais.protocol.SubscriptionFilter;
import io.relais.protocol.TopicTree;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.BiConsumer;
import java.util.function.ObjIntConsumer;
import org.jspecify.annotations.Nullable;

/// The subscriptions of persistent sessions, by filter, shared ones by the queue of their group.
/// Written and matched in full by the applier; any thread may ask [#qosMax] and [#hasQueue].
///
/// Owner: the applier; the tree, each leaf's `qosMax` and `queues` are read by all.
public final class DurableSubscriptions {
  private static final int CACHED_TOPICS_MAX = 10_000;

  private static final class Leaf {
    final Map<String, StoredSubscription> byClient = new HashMap<>();
    @Nullable String exclusiveClient;
    @Nullable StoredSubscription exclusive;
    final Map<String, SharedQueue> queues = new ConcurrentHashMap<>(1); // by group
    volatile int qosMax = -1;

    boolean isEmpty() {
      return byClient.isEmpty() && exclusive == null && queues.isEmpty();
    }

    /// Any thread: only a number is looked at.
    int sessions() {
      return byClient.size() + (exclusiveClient == null ? 0 : 1);
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

    // While a message is being kept.
    @Nullable StoredSession session;
    boolean hasRoom;

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

  /// How many persistent sessions subscribed to each filter, shared ones by their whole name, in no
  /// order; as of a moment ago. Any thread.
  public void forEachFilter(ObjIntConsumer<String> visitor) {
    tree.forEach((filter, leaf) -> tell(filter, leaf, visitor));
  }

  /// How many persistent sessions subscribed to one of these.
  public int count(String filter, @Nullable String group) {
    Leaf leaf = tree.get(filter);
    if (leaf == null) {
      return 0;
    }
    if (group == null) {
      return leaf.sessions();
    }
    SharedQueue queue = leaf.queues.get(group);
    return queue == null ? 0 : queue.members.size();
  }

  private static void tell(String filter, Leaf leaf, ObjIntConsumer<String> visitor) {
    if (leaf.sessions() > 0) {
      visitor.accept(filter, leaf.sessions());
    }
    leaf.queues.forEach(
        (group, queue) -> visitor.accept(queue.filter.text(), queue.members.size()));
  }

  /// Whether what matches a shared filter goes to a queue, from which it is handed out. Any thread.
  public boolean hasQueue(String filter, String group) {
    Leaf leaf = tree.get(filter);
    return leaf != null && leaf.queues.containsKey(group);
  }

  @Nullable SharedQueue queue(SubscriptionFilter shared) {
    Leaf leaf = tree.get(shared.filter());
    return leaf == null ? null : leaf.queues.get(requireNonNull(shared.group()));
  }

  void put(SharedQueue queue) {
    String filter = queue.filter.filter();
    Leaf leaf = tree.get(filter);
    if (leaf == null) {
      leaf = new Leaf();
    }
    leaf.queues.put(requireNonNull(queue.filter.group()), queue);
    leaf.qosMax = qosMax(leaf);
    tree.put(filter, leaf); // the version moves
  }

  void remove(SharedQueue queue) {
    String filter = queue.filter.filter();
    Leaf leaf = tree.get(filter);
    if (leaf == null) {
      return;
    }
    leaf.queues.remove(requireNonNull(queue.filter.group()));
    if (leaf.isEmpty()) {
      tree.remove(filter);
    } else {
      leaf.qosMax = qosMax(leaf);
      tree.put(filter, leaf);
    }
  }

  /// Queues of shared groups without a persistent member.
  List<SharedQueue> orphaned() {
    List<SharedQueue> found = new ArrayList<>();
    tree.forEach(
        (filter, leaf) ->
            leaf.queues.values().stream().filter(SharedQueue::isOrphaned).forEach(found::add));
    return found;
  }

  /// The queues of shared groups that a message goes to.
  List<SharedQueue> queues(String topic) {
    List<SharedQueue> found = null;
    for (Leaf leaf : leaves(topic)) {
      if (!leaf.queues.isEmpty()) {
        found = found == null ? new ArrayList<>() : found;
        found.addAll(leaf.queues.values());
      }
    }
    return found == null ? List.of() : found;
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
    int most = qosMax(leaf);
    if (most != leaf.qosMax) {
      leaf.qosMax = most;
      tree.put(filter, leaf);
    }
  }

  private static int qosMax(Leaf leaf) {
    int most = leaf.exclusive == null ? -1 : leaf.exclusive.qos();
    for (SharedQueue queue : leaf.queues.values()) {
      most = Math.max(most, queue.qosMax);
    }
    for (StoredSubscription subscription : leaf.byClient.values()) {
      most = Math.max(most, subscription.qos());
      if (most == 2) {
        break;
      }
    }
    return most;
  }

  private List<Leaf> leaves(String topic) {
    if (cachedVersion != tree.version() || cached.size() > CACHED_TOPICS_MAX) {
      cached.clear();
      cachedVersion = tree.version();
    }
    return cached.computeIfAbsent(
        topic,
        wanted -> {
          List<Leaf> found = new ArrayList<>();
          tree.match(wanted, found::add);
          return List.copyOf(found);
        });
  }

  /// All sessions that a message is owed to, each once, but for members of shared groups.
  /// [MQTT-3.3.4-2]
  List<Match> match(Message message) {
    List<Leaf> leaves = leaves(message.topic());
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

  /// The sessions that a topic is for, each with its subscriptions, but for shared ones.
  Map<String, List<StoredSubscription>> matching(String topic) {
    Map<String, List<StoredSubscription>> found = new HashMap<>();
    for (Leaf leaf : leaves(topic)) {
      leaf.forEach(
          (clientId, subscription) ->
              found.computeIfAbsent(clientId, absent -> new ArrayList<>(1)).add(subscription));
    }
    return found;
  }

  /// [MQTT-3.8.3-3]
  private static boolean isEcho(Message message, String clientId, StoredSubscription subscription) {
    return subscription.noLocal() && clientId.equals(message.publisher());
  }
}
