package io.relais.systemtests.durability;

import io.relais.protocol.Packet;
import io.relais.protocol.Properties;
import io.relais.protocol.ProtocolVersion;
import io.relais.protocol.ReasonCode;
import io.relais.testkit.Connecting;
import io.relais.testkit.MqttSocket;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/// A client with a persistent session that remembers all it received over all restarts of the
/// broker, its side of QoS 2 included, and holds it to the book.
///
/// Owner: guarded by itself; the endpoint's reader and the test's threads use it. Limits: as many
/// packets unacknowledged as the lazy one is told.
final class Consumer {
  /// Topics whose messages are numbered and come in order.
  static final String ORDERED = "c/";

  private static final class Received {
    private final BitSet numbers = new BitSet();

    /// Messages up to here may have been sent before the subscription stood.
    private int from;
  }

  private final String id;
  private final ProtocolVersion version;
  private final List<String> filters;
  private final Book book;
  private final History history;
  private final Map<String, Received> ordered = new TreeMap<>();

  /// How often each other message came, by topic and its first two words.
  private final Map<String, Integer> others = new HashMap<>();

  private final Map<String, Long> firstNanos = new HashMap<>();

  /// What each id of a QoS 2 message stands for, from its PUBLISH to its PUBREL.
  private final Map<Integer, String> open = new HashMap<>();

  private final List<Packet> unsent = new ArrayList<>();
  private @Nullable Endpoint endpoint;
  private boolean known;
  private boolean subscribed;
  private int lazyUpTo;

  Consumer(String id, ProtocolVersion version, List<String> filters, Book book, History history) {
    this.id = id;
    this.version = version;
    this.filters = filters;
    this.book = book;
    this.history = history;
  }

  String id() {
    return id;
  }

  /// Connects, and subscribes if no SUBACK was seen yet.
  boolean resume(InetSocketAddress to) {
    leave();
    Endpoint fresh = new Endpoint(id, history, to, version, this::onPacket);
    synchronized (this) {
      endpoint = fresh;
      unsent.clear();
    }
    Packet.Connack connack = fresh.connect(new Connecting(version, id).persistent());
    if (connack == null) {
      return false;
    }
    synchronized (this) {
      if (known && !connack.sessionPresent()) {
        history.violation(
            id + ": the session of a subscriber is gone, its CONNACK was seen before");
        open.clear();
      }
      known = true;
      if (subscribed) {
        return true;
      }
    }
    Packet answer =
        fresh.ask(
            new Packet.Subscribe(
                1,
                Properties.NONE,
                filters.stream().map(filter -> MqttSocket.subscription(filter, 2)).toList()));
    if (!(answer instanceof Packet.Suback suback)) {
      return false;
    }
    synchronized (this) {
      suback.reasons().stream()
          .filter(ReasonCode::isError)
          .forEach(reason -> history.violation(id + ": SUBSCRIBE is refused with " + reason));
      book.sent().forEach((topic, sent) -> received(topic).from = sent);
      subscribed = true;
    }
    return true;
  }

  private Received received(String topic) {
    return ordered.computeIfAbsent(topic, _ -> new Received());
  }

  /// Ends the connection without a word and waits until all was read.
  void leave() {
    Endpoint now;
    synchronized (this) {
      now = endpoint;
    }
    if (now != null) {
      now.cut();
      now.awaitEnd();
    }
  }

  /// Holds acks back from now on, this many at most; 0: none, and those held back are sent.
  synchronized void lazy(int upTo) {
    lazyUpTo = upTo;
    if (upTo == 0) {
      flush();
    }
  }

  private void flush() {
    Endpoint to = endpoint;
    if (to != null) {
      unsent.forEach(to::send);
    }
    unsent.clear();
  }

  private synchronized void onPacket(Packet packet) {
    if (Endpoint.isEnd(packet)) {
      notifyAll();
      return;
    }
    switch (packet) {
      case Packet.Publish message -> onMessage(message);
      case Packet.Pubrel(int packetId, ReasonCode _, Properties _) -> {
        open.remove(packetId);
        answer(new Packet.Pubcomp(packetId, ReasonCode.SUCCESS, Properties.NONE));
      }
      default -> history.violation(id + ": unexpected " + packet);
    }
  }

  private void onMessage(Packet.Publish message) {
    String what = message.topic() + " " + Book.head(message.payload());
    if (message.qos() == 2) {
      String before = open.get(message.packetId());
      if (before == null) {
        open.put(message.packetId(), what);
        arrived(message);
      } else if (!before.equals(what)) {
        history.violation(
            "%s: packet id %d stood for [%s], which was not released, and now for [%s]"
                .formatted(id, message.packetId(), before, what));
      }
      answer(new Packet.Pubrec(message.packetId(), ReasonCode.SUCCESS, Properties.NONE));
    } else {
      arrived(message);
      if (message.qos() == 1) {
        answer(new Packet.Puback(message.packetId(), ReasonCode.SUCCESS, Properties.NONE));
      }
    }
    notifyAll();
  }

  private void answer(Packet ack) {
    unsent.add(ack);
    if (unsent.size() > lazyUpTo) {
      flush();
    }
  }

  private void arrived(Packet.Publish message) {
    String topic = message.topic();
    if (!topic.startsWith(ORDERED)) {
      String key = topic + " " + Book.head(message.payload());
      others.merge(key, 1, Integer::sum);
      firstNanos.putIfAbsent(key, System.nanoTime());
      return;
    }
    String head = Book.head(message.payload());
    int number;
    try {
      number = Integer.parseInt(head.substring(head.indexOf(' ') + 1));
    } catch (NumberFormatException e) {
      history.violation(id + ": on " + topic + " came what nobody sent: " + head);
      return;
    }
    if (number > book.sent(topic)
        || !Arrays.equals(message.payload(), Book.payload(topic, number))) {
      history.violation(id + ": on " + topic + " came what nobody sent: " + head);
      return;
    }
    Received received = received(topic);
    BitSet numbers = received.numbers;
    if (!numbers.get(number)) {
      // What was sent before the subscription stood comes here only if it is sent again.
      if (subscribed && number > received.from && number < numbers.length() - 1) {
        history.violation(
            "%s: %s came first after #%d"
                .formatted(id, book.told(topic, number), numbers.length() - 1));
      }
      numbers.set(number);
    } else if (message.qos() == 2) {
      history.violation(
          "%s: %s came a second time, at QoS 2".formatted(id, book.told(topic, number)));
    }
  }

  /// Waits until all messages that were sent since the subscription stood are here.
  ///
  /// @return what is missing, after that time
  synchronized List<String> missing(long untilNanos) {
    if (!subscribed) {
      return List.of();
    }
    while (true) {
      List<String> missing = new ArrayList<>();
      book.sent()
          .forEach(
              (topic, sent) -> {
                if (topic.startsWith(ORDERED)) {
                  Received received = received(topic);
                  for (int number = received.numbers.nextClearBit(received.from + 1);
                      number <= sent;
                      number = received.numbers.nextClearBit(number + 1)) {
                    missing.add(book.told(topic, number));
                  }
                }
              });
      long millis = (untilNanos - System.nanoTime()) / 1_000_000;
      Endpoint now = endpoint;
      if (missing.isEmpty() || millis <= 0 || now == null || !now.isOpen()) {
        return missing;
      }
      try {
        wait(millis);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        return missing;
      }
    }
  }

  /// Whatever is missing is told, and not expected any more.
  synchronized void forgive() {
    book.sent()
        .forEach(
            (topic, sent) -> {
              if (topic.startsWith(ORDERED)) {
                received(topic).from = sent;
              }
            });
  }

  /// How often a message came that is not numbered in order.
  ///
  /// @param key its topic and first two words
  synchronized int count(String key) {
    return others.getOrDefault(key, 0);
  }

  synchronized @Nullable Long firstNanos(String key) {
    return firstNanos.get(key);
  }

  /// Waits until such a message came.
  synchronized boolean await(String key, long untilNanos) {
    while (count(key) == 0) {
      long millis = (untilNanos - System.nanoTime()) / 1_000_000;
      Endpoint now = endpoint;
      if (millis <= 0 || now == null || !now.isOpen()) {
        return false;
      }
      try {
        wait(millis);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        return false;
      }
    }
    return true;
  }

  /// Asks on its connection; only while nobody else does.
  @Nullable Packet ask(Packet packet) {
    Endpoint now;
    synchronized (this) {
      now = endpoint;
    }
    return now == null ? null : now.ask(packet);
  }
}
