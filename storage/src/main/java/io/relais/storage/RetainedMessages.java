package io.relais.storage;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/// The retained message of each topic, found by filter. A trie of levels whose children are sorted,
/// so that a match can stop after a page and go on behind its last topic.
///
/// Owner: the applier. Depth is bounded by the limit of topic levels, which the broker holds.
final class RetainedMessages {
  private static final class Node {
    final NavigableMap<String, Node> children = new TreeMap<>();
    @Nullable Message message;
  }

  /// One page of a match.
  ///
  /// @param next to give as `after`; null: that was all
  record Page(List<Message> messages, @Nullable String next) {}

  private final Node root = new Node();
  private int count;
  private long bytes;

  int count() {
    return count;
  }

  long bytes() {
    return bytes;
  }

  @Nullable Message get(String topic) {
    Node node = root;
    for (String level : topic.split("/", -1)) {
      node = node.children.get(level);
      if (node == null) {
        return null;
      }
    }
    return node.message;
  }

  /// @return the message that stood there before
  @Nullable Message put(Message message) {
    Node node = root;
    for (String level : message.topic().split("/", -1)) {
      node = node.children.computeIfAbsent(level, absent -> new Node());
    }
    Message before = node.message;
    node.message = message;
    count += before == null ? 1 : 0;
    bytes += message.bytes() - (before == null ? 0 : before.bytes());
    return before;
  }

  /// @return the message that stood there
  @Nullable Message remove(String topic) {
    String[] levels = topic.split("/", -1);
    List<Node> path = new ArrayList<>(levels.length + 1);
    Node node = root;
    path.add(node);
    for (String level : levels) {
      node = node.children.get(level);
      if (node == null) {
        return null;
      }
      path.add(node);
    }
    Message before = node.message;
    if (before == null) {
      return null;
    }
    node.message = null;
    count--;
    bytes -= before.bytes();
    for (int i = levels.length; i > 0; i--) {
      Node child = path.get(i);
      if (child.message != null || !child.children.isEmpty()) {
        break;
      }
      path.get(i - 1).children.remove(levels[i - 1]);
    }
    return before;
  }

  /// @param after the last topic of the page before; null: from the first
  Page match(String filter, @Nullable String after, int limit, long nowMillis) {
    var match = new Match(filter.split("/", -1), limit, nowMillis);
    String[] cursor = after == null ? null : after.split("/", -1);
    boolean whole = match.collect(root, 0, false, cursor);
    return new Page(match.found, whole ? null : match.found.getLast().topic());
  }

  /// One walk, pre-order: a node before its children, children sorted.
  private static final class Match {
    final String[] filter;
    final int limit;
    final long nowMillis;
    final List<Message> found = new ArrayList<>();

    Match(String[] filter, int limit, long nowMillis) {
      this.filter = filter;
      this.limit = limit;
      this.nowMillis = nowMillis;
    }

    /// @param rest a `#` stood above: everything below matches
    /// @param cursor not null as long as the path equals a beginning of the cursor: these nodes
    ///   were given out by earlier pages
    /// @return false when the page is full and there is more
    boolean collect(Node node, int depth, boolean rest, String @Nullable [] cursor) {
      boolean hash = rest || depth < filter.length && filter[depth].equals("#");
      if ((hash || depth == filter.length)
          && cursor == null
          && node.message != null
          && !node.message.isExpired(nowMillis)) {
        if (found.size() >= limit) {
          return false;
        }
        found.add(node.message);
      }
      if (!hash && depth == filter.length) {
        return true;
      }
      String from = cursor != null && depth < cursor.length ? cursor[depth] : null;
      if (!hash && !filter[depth].equals("+")) {
        Node child = node.children.get(filter[depth]);
        if (child == null || from != null && from.compareTo(filter[depth]) > 0) {
          return true;
        }
        return collect(child, depth + 1, false, filter[depth].equals(from) ? cursor : null);
      }
      for (Map.Entry<String, Node> child :
          (from == null ? node.children : node.children.tailMap(from, true)).entrySet()) {
        String level = child.getKey();
        if (depth == 0 && level.startsWith("$")) {
          continue; // [MQTT-4.7.2-1]
        }
        if (!collect(child.getValue(), depth + 1, hash, level.equals(from) ? cursor : null)) {
          return false;
        }
      }
      return true;
    }
  }
}
