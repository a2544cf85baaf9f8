package io.relais.systemtests.model;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/// One session as its client may believe in it: its subscriptions, and for every message that was
/// published while one of them stood, whether it must arrive and how often it has.
///
/// The rules: at QoS 1 at least once, at QoS 2 exactly once, at QoS 0 at most once; first arrivals
/// of one publisher's messages on one topic at one QoS in the order of their publishing; nothing
/// that no subscription of this very session asked for. What was on its way when a subscription
/// ended, or at QoS 0 when the connection did, may arrive or not.
///
/// Owner: the thread that runs the history.
final class SessionModel {
  /// @param number grows with each message of this publisher
  record Message(String publisher, int number, String topic, int qos) {
    String payload() {
      return publisher + " " + number;
    }
  }

  private static final class Expected {
    private final Message message;
    private final Set<Integer> levels = new HashSet<>();
    private boolean must;

    /// A subscription has stood all the time since it was first published.
    private boolean steady = true;

    private boolean mayRepeat;
    private int seen;

    Expected(Message message, int qos, boolean must) {
      this.message = message;
      levels.add(qos);
      this.must = must;
    }

    /// It survives the end of a connection.
    boolean isKept() {
      return !levels.contains(0);
    }
  }

  private final Map<String, Integer> subscriptions = new HashMap<>();
  private final Map<String, Expected> expected = new LinkedHashMap<>();
  private final Map<String, Integer> lastNumbers = new HashMap<>();

  /// A SUBSCRIBE is about to be sent.
  ///
  /// @param adrift sent by others of late: the broker may only now come upon them
  void subscribing(String filter, int qos, List<Message> adrift) {
    subscriptions.put(filter, qos);
    for (Expected one : expected.values()) {
      if (matches(filter, one.message.topic)) {
        // The new QoS may hold for what was on its way.
        one.levels.add(Math.min(qos, one.message.qos));
      }
    }
    for (Message message : adrift) {
      if (!expected.containsKey(message.payload())) {
        published(message, false, true);
        Expected late = expected.get(message.payload());
        if (late != null) {
          late.steady = false;
        }
      }
    }
  }

  void unsubscribed(String filter) {
    subscriptions.remove(filter);
    for (Expected one : expected.values()) {
      if (matches(filter, one.message.topic)) {
        one.must = false;
        one.steady = false;
      }
    }
  }

  /// A message is about to be published.
  ///
  /// @param sure the publisher will wait for what its QoS gives it
  /// @param connected this session's client is
  void published(Message message, boolean sure, boolean connected) {
    subscriptions.forEach(
        (filter, granted) -> {
          if (matches(filter, message.topic)) {
            int qos = Math.min(granted, message.qos);
            boolean must = sure && (qos > 0 || connected);
            expected.put(message.payload(), new Expected(message, qos, must));
          }
        });
  }

  /// A message whose first sending was not acknowledged is about to be sent again. Who subscribed
  /// in between may get it; who was there both times must.
  void publishedAgain(Message message, boolean connected) {
    Expected before = expected.get(message.payload());
    if (before == null) {
      published(message, false, connected);
      return;
    }
    // At QoS 1 the broker cannot know that both were one.
    before.mayRepeat = message.qos == 1;
    subscriptions.forEach(
        (filter, granted) -> {
          if (matches(filter, message.topic)) {
            before.must |= before.steady && before.isKept() && Math.min(granted, message.qos) > 0;
            before.levels.add(Math.min(granted, message.qos));
          }
        });
  }

  /// The connection ended while the session lives on.
  void disconnected() {
    for (Expected one : expected.values()) {
      one.must &= one.isKept();
    }
  }

  /// A message came, not counting what the receiver of QoS 2 knows to be a repetition.
  ///
  /// @param dup says so of itself, or came again on a later connection
  /// @return what is wrong with that, or empty
  String arrived(String payload, String topic, int qos, boolean dup) {
    Expected one = expected.get(payload);
    if (one == null) {
      return "nobody asked for it in this session";
    }
    if (!one.message.topic.equals(topic)) {
      return "it was published to " + one.message.topic;
    }
    if (!one.levels.contains(qos)) {
      return "it should come at QoS " + one.levels;
    }
    one.seen++;
    if (one.seen > 1) {
      return one.mayRepeat || (qos == 1 && dup) ? "" : "it came before";
    }
    String line = one.message.publisher + " " + topic + " " + qos;
    Integer last = lastNumbers.put(line, one.message.number);
    return last == null || last < one.message.number
        ? ""
        : "number %d of the same publisher, topic and QoS came before it".formatted(last);
  }

  /// What must have arrived and has not.
  List<String> missing() {
    List<String> missing = new ArrayList<>();
    for (Expected one : expected.values()) {
      if (one.must && one.seen == 0) {
        missing.add(
            "\"%s\" on %s at QoS %s"
                .formatted(one.message.payload(), one.message.topic, one.levels));
      }
    }
    return missing;
  }

  /// Filters of this model are a topic or end in `/#`; they do not overlap.
  private static boolean matches(String filter, String topic) {
    return filter.endsWith("/#")
        ? topic.startsWith(filter.substring(0, filter.length() - 1))
        : filter.equals(topic);
  }
}
