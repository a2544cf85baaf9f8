package io.relais.protocol;

import static java.util.Objects.requireNonNull;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// Values by topic filter, found by topic name. One node per level of a filter, so that a match
/// walks at most the filters that begin like the topic.
///
/// A reader sees each filter as it was at some moment of its walk; [#version()] moves after each
/// change, so that whoever keeps what a match found can tell whether that still holds: read the
/// version first, then match.
///
/// Owner: one writer at a time, which is the caller's duty; any thread reads without locks. Filters
/// and topics are valid ones. Nothing recurses, as a topic may have 65,535 levels.
public final class TopicTree<T> {
  /// The levels below a node, but for the wildcards. Most nodes have one, for which a map would be
  /// most of their memory and of the time to go through them.
  private sealed interface Children<T> {}

  private record One<T>(String level, Node<T> node) implements Children<T> {}

  private record Many<T>(ConcurrentHashMap<String, Node<T>> byLevel) implements Children<T> {}

  /// One level. The wildcards have fields of their own and are not among the children.
  private static final class Node<T> {
    /// null as long as there are none
    volatile @Nullable Children<T> children;

    /// the child `+`
    volatile @Nullable Node<T> plus;

    /// of the filter that ends here
    volatile @Nullable T value;

    /// of the filter that ends with a `#` below this level
    volatile @Nullable T many;

    boolean isUnused() {
      return value == null && many == null && plus == null && children == null;
    }

    @Nullable Node<T> named(String level) {
      return switch (children) {
        case null -> null;
        case One<T> one -> one.level.equals(level) ? one.node : null;
        case Many<T> several -> several.byLevel.get(level);
      };
    }

    @Nullable Node<T> child(String level) {
      return level.equals("+") ? plus : named(level);
    }

    /// By the writer only, as are the following two.
    Node<T> childOrNew(String level) {
      Node<T> child = child(level);
      if (child != null) {
        return child;
      }
      child = new Node<>();
      if (level.equals("+")) {
        plus = child;
        return child;
      }
      switch (children) {
        case null -> children = new One<>(level, child);
        case One<T> one -> {
          var byLevel = new ConcurrentHashMap<String, Node<T>>(4);
          byLevel.put(one.level, one.node);
          byLevel.put(level, child);
          children = new Many<>(byLevel);
        }
        case Many<T> several -> several.byLevel.put(level, child);
      }
      return child;
    }

    void removeChild(String level) {
      if (level.equals("+")) {
        plus = null;
        return;
      }
      switch (children) {
        case null -> {}
        case One<T> one when one.level.equals(level) -> children = null;
        case One<T> _ -> {}
        case Many<T> several -> {
          several.byLevel.remove(level);
          if (several.byLevel.isEmpty()) {
            children = null;
          }
        }
      }
    }
  }

  private final Node<T> root = new Node<>();
  private final AtomicLong version = new AtomicLong();
  private final AtomicInteger size = new AtomicInteger();

  /// Moves after each [#put] and each [#remove] that removed something.
  public long version() {
    return version.get();
  }

  /// The number of filters.
  public int size() {
    return size.get();
  }

  /// The value of exactly this filter.
  public @Nullable T get(String filter) {
    Levels levels = new Levels(filter);
    Node<T> node = root;
    for (int i = 0; ; i++) {
      String level = levels.at(i);
      if (level == null) {
        return node.value;
      }
      if (level.equals("#")) {
        return node.many;
      }
      Node<T> child = node.child(level);
      if (child == null) {
        return null;
      }
      node = child;
    }
  }

  public void put(String filter, T value) {
    assert Topics.problemWithFilter(filter) == null : filter;
    Levels levels = new Levels(filter);
    Node<T> node = root;
    T before;
    for (int i = 0; ; i++) {
      String level = levels.at(i);
      if (level == null) {
        before = node.value;
        node.value = value;
        break;
      }
      if (level.equals("#")) {
        before = node.many;
        node.many = value;
        break;
      }
      node = node.childOrNew(level);
    }
    if (before == null) {
      size.incrementAndGet();
    }
    version.incrementAndGet();
  }

  /// Removes a filter and the levels that no other needs.
  ///
  /// @return its value, or null where it had none
  public @Nullable T remove(String filter) {
    Levels levels = new Levels(filter);
    List<Node<T>> path = new ArrayList<>();
    Node<T> node = root;
    T before;
    for (int i = 0; ; i++) {
      String level = levels.at(i);
      if (level == null) {
        before = node.value;
        node.value = null;
        break;
      }
      if (level.equals("#")) {
        before = node.many;
        node.many = null;
        break;
      }
      Node<T> child = node.child(level);
      if (child == null) {
        return null;
      }
      path.add(node);
      node = child;
    }
    if (before == null) {
      return null;
    }
    for (int i = path.size() - 1; i >= 0 && node.isUnused(); i--) {
      node = path.get(i);
      node.removeChild(requireNonNull(levels.at(i)));
    }
    size.decrementAndGet();
    version.incrementAndGet();
    return before;
  }

  /// Gives the value of each filter that takes in the topic, in no order, each once.
  public void match(String topic, Consumer<? super T> found) {
    Levels levels = new Levels(topic);
    boolean system = topic.startsWith("$");
    // Where a level matches both by name and by `+`, the latter waits here.
    ArrayDeque<Node<T>> waiting = null;
    int[] waitingAt = {};
    Node<T> node = root;
    int at = 0;
    while (true) {
      boolean wild = at > 0 || !system; // [MQTT-4.7.2-1] [v3:MQTT-4.7.2-1]
      if (wild) {
        accept(node.many, found);
      }
      Node<T> plus = null;
      Node<T> next = null;
      String level = levels.at(at);
      if (level == null) {
        accept(node.value, found);
      } else {
        plus = wild ? node.plus : null;
        next = node.named(level);
      }
      at++;
      if (next != null && plus != null) {
        if (waiting == null) {
          waiting = new ArrayDeque<>();
          waitingAt = new int[8];
        } else if (waiting.size() == waitingAt.length) {
          waitingAt = Arrays.copyOf(waitingAt, 2 * waitingAt.length);
        }
        waitingAt[waiting.size()] = at;
        waiting.push(plus);
      }
      node = next != null ? next : plus;
      if (node == null) {
        if (waiting == null || waiting.isEmpty()) {
          return;
        }
        node = waiting.pop();
        at = waitingAt[waiting.size()];
      }
    }
  }

  private static <T> void accept(@Nullable T value, Consumer<? super T> found) {
    if (value != null) {
      found.accept(value);
    }
  }

  /// Gives each filter with its value, in no order.
  public void forEach(BiConsumer<String, T> visitor) {
    ArrayDeque<Step<T>> steps = new ArrayDeque<>();
    StringBuilder path = new StringBuilder();
    steps.push(new Step<>(root, 0, null));
    while (!steps.isEmpty()) {
      Step<T> step = steps.pop();
      path.setLength(step.parentLength);
      if (step.level != null) {
        path.append(step.level);
      }
      T value = step.node.value;
      if (value != null) {
        visitor.accept(path.toString(), value);
      }
      if (step.level != null) {
        path.append('/');
      }
      T many = step.node.many;
      if (many != null) {
        visitor.accept(path + "#", many);
      }
      int length = path.length();
      Node<T> plus = step.node.plus;
      if (plus != null) {
        steps.push(new Step<>(plus, length, "+"));
      }
      switch (step.node.children) {
        case null -> {}
        case One<T> one -> steps.push(new Step<>(one.node, length, one.level));
        case Many<T> several ->
            several.byLevel.forEach((level, child) -> steps.push(new Step<>(child, length, level)));
      }
    }
  }

  /// A node that [#forEach] has yet to visit.
  ///
  /// @param parentLength how much of the path leads to its parent, with the separator
  /// @param level null for the root
  private record Step<T>(Node<T> node, int parentLength, @Nullable String level) {}

  /// The levels of a topic or filter, cut off as far as they are asked for.
  private static final class Levels {
    private final String text;
    private String[] known = new String[8];
    private int count;

    /// where the next level begins; -1 after the last
    private int from;

    Levels(String text) {
      this.text = text;
    }

    /// @param i at most one more than any before
    /// @return null after the last
    @Nullable String at(int i) {
      if (i < count) {
        return known[i];
      }
      if (from < 0) {
        return null;
      }
      int slash = text.indexOf('/', from);
      if (count == known.length) {
        known = Arrays.copyOf(known, 2 * known.length);
      }
      String level = text.substring(from, slash < 0 ? text.length() : slash);
      known[count++] = level;
      from = slash < 0 ? -1 : slash + 1;
      return level;
    }
  }
}
