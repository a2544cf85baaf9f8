package io.relais.systemtests.durability;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.util.BitSet;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;

/// What was sent and what was acknowledged: on each topic, numbered from 1, by one producer.
///
/// Owner: any thread; guarded by itself.
final class Book {
  private static final int LARGE_BYTES = 20_000;

  private static final class Topic {
    private int sent;
    private final BitSet acknowledged = new BitSet();
    private BitSet acknowledgedBefore = new BitSet();
  }

  private final Map<String, Topic> topics = new TreeMap<>();

  /// @return the number of the message that is about to be sent
  synchronized int send(String topic) {
    return ++topics.computeIfAbsent(topic, _ -> new Topic()).sent;
  }

  synchronized void acknowledged(String topic, int number) {
    of(topic).acknowledged.set(number);
  }

  /// The broker is being killed: what is acknowledged now was so before.
  synchronized void killed() {
    topics.values().forEach(topic -> topic.acknowledgedBefore = copy(topic.acknowledged));
  }

  private static BitSet copy(BitSet of) {
    return BitSet.valueOf(of.toLongArray());
  }

  synchronized int sent(String topic) {
    Topic found = topics.get(topic);
    return found == null ? 0 : found.sent;
  }

  synchronized int lastAcknowledged(String topic) {
    Topic found = topics.get(topic);
    return found == null ? 0 : Math.max(found.acknowledged.length() - 1, 0);
  }

  /// The number of the last message on each topic.
  synchronized Map<String, Integer> sent() {
    Map<String, Integer> numbers = new TreeMap<>();
    topics.forEach((name, topic) -> numbers.put(name, topic.sent));
    return numbers;
  }

  synchronized String told(String topic, int number) {
    Topic found = of(topic);
    return topic
        + " #"
        + number
        + (found.acknowledgedBefore.get(number)
            ? " (acknowledged before the crash)"
            : found.acknowledged.get(number) ? " (acknowledged)" : " (not acknowledged)");
  }

  private Topic of(String topic) {
    Topic found = topics.get(topic);
    if (found == null) {
      throw new IllegalStateException("nothing was sent on " + topic);
    }
    return found;
  }

  /// What the message with this number is; one in fifty is large.
  static byte[] payload(String topic, int number) {
    Random random = new Random(topic.hashCode() * 31L + number);
    int size = random.nextInt(50) == 0 ? LARGE_BYTES : random.nextInt(200);
    StringBuilder text = new StringBuilder(head(topic, number)).append(' ');
    while (text.length() < size) {
      text.append((char) ('a' + random.nextInt(26)));
    }
    return text.toString().getBytes(US_ASCII);
  }

  static String head(String topic, int number) {
    return topic + " " + number;
  }

  /// The first two words.
  static String head(byte[] payload) {
    String text = new String(payload, US_ASCII);
    int end = text.indexOf(' ', text.indexOf(' ') + 1);
    return end < 0 ? text : text.substring(0, end);
  }
}
