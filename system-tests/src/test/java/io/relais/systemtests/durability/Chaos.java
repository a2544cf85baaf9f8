package io.relais.systemtests.durability;

import io.relais.protocol.Packet;
import io.relais.protocol.Properties;
import io.relais.protocol.ProtocolVersion;
import io.relais.testkit.Connecting;
import io.relais.testkit.FaultyDisk;
import io.relais.testkit.FaultyDisk.Remains;
import io.relais.testkit.MqttSocket;
import io.relais.testkit.RelaisProcess;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/// Rounds of load on a real broker that is killed at some moment, restarted and held to all that it
/// acknowledged, in this round and all before.
///
/// Owner: the test's thread. The seed decides what is done and when the kill comes; how threads
/// interleave it cannot decide.
final class Chaos implements AutoCloseable {
  /// How a round ends.
  enum Crash {
    /// All connections are reset and the broker goes on: what holds for a kill holds for this, too.
    NETWORK,
    /// SIGKILL.
    KILL,
    /// SIGKILL, restart, and SIGKILL while it starts.
    KILL_AT_START,
    /// SIGKILL, and only what was synced is there at the restart.
    POWER_CUT
  }

  /// How long a broker may take after its restart until everything has arrived.
  static final Duration PATIENCE = Duration.ofSeconds(15);

  private static final int LOAD_MILLIS_MAX = 1_200;
  private static final int MESSAGES_MAX = 1_500;
  private static final int RETAINED_TOPICS = 4;
  private static final String RETAINED_FENCE = "retained-fence";
  private static final int NEWCOMERS_MAX = 3;

  private final FaultyDisk disk;
  private final Random random;
  private final Duration patience;
  private final History history = new History();
  private final Book book = new Book();
  private final Consumer watcher =
      new Consumer("watcher", ProtocolVersion.MQTT_5, List.of("w/#", "d/#"), book, history);
  private final Fates fates = new Fates(watcher, history);
  private final Leavers leavers = new Leavers(history, fates, watcher);
  private final Changer changer = new Changer(book, history);
  private final Producer witness = new Producer("witness", ProtocolVersion.MQTT_5, book, history);
  private final List<Producer> producers = new ArrayList<>();
  private final List<Consumer> consumers = new ArrayList<>();
  private final List<Consumer> newcomers = new ArrayList<>();
  private @Nullable RelaisProcess broker;
  private int round;
  private String lastCut = "";

  /// @param patience until what has not arrived counts as lost
  Chaos(Path home, long seed, Duration patience) {
    this.patience = patience;
    disk = new FaultyDisk(home);
    random = new Random(seed);
    for (int i = 1; i <= 4; i++) {
      producers.add(new Producer("p" + i, version(i), book, history));
      consumers.add(
          new Consumer("s" + i, version(i / 2), List.of(Consumer.ORDERED + "#"), book, history));
    }
  }

  private static ProtocolVersion version(int i) {
    return i % 2 == 0 ? ProtocolVersion.MQTT_5 : ProtocolVersion.MQTT_3_1_1;
  }

  FaultyDisk disk() {
    return disk;
  }

  History history() {
    return history;
  }

  /// What the broker printed, of the process that runs or ran last.
  String output() {
    RelaisProcess last = broker;
    return last == null ? "" : last.output();
  }

  /// Starts the broker for the first time, with all sessions and subscriptions.
  void begin() {
    history.begin("first start");
    start();
    verify();
  }

  /// Load, a crash, a restart, and all checks. What is wrong is in [#history()].
  void round(Crash crash) {
    round++;
    history.begin("round " + round + ": " + crash);
    load(crash);
    if (crash != Crash.NETWORK) {
      start();
    }
    if (broker != null) {
      verify();
    }
    if (disk.violations() > 0) {
      history.violation("the image of the disk is wrong: " + output());
    }
  }

  /// Waits until wills and delayed messages have come, or are late.
  void end() {
    RelaisProcess running = broker;
    while (running != null && running.process().isAlive() && fates.check() > 0) {
      LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(20));
    }
    if (running != null) {
      leavers.verify(running.tcp());
    }
  }

  @Override
  public String toString() {
    int messages = book.sent().values().stream().mapToInt(Integer::intValue).sum();
    return "round %d: %,d messages, %,d syncs in all; %s"
        .formatted(round, messages, disk.syncs(), lastCut);
  }

  private void start() {
    RelaisProcess launched =
        RelaisProcess.launch(
            disk.environment(), "store=disk", "data=" + disk.watched().resolve("data"));
    broker = launched;
    try {
      launched.process().awaitReady();
      history.note("the broker is ready, process " + launched.process().pid());
      fates.up();
    } catch (AssertionError e) {
      history.violation("the broker does not start: " + e.getMessage());
      broker = null;
    }
  }

  private InetSocketAddress address() {
    RelaisProcess running = broker;
    if (running == null) {
      throw new IllegalStateException("no broker runs");
    }
    return running.tcp();
  }

  // Load

  private void load(Crash crash) {
    InetSocketAddress to = address();
    // Some are away during the load, and some hold acks back until the crash.
    for (Consumer consumer : consumers) {
      switch (random.nextInt(3)) {
        case 0 -> consumer.leave();
        case 1 -> consumer.lazy(random.nextInt(10));
        default -> {}
      }
    }
    long seed = random.nextLong();
    CountDownLatch over = new CountDownLatch(1);
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      int index = 0;
      for (Producer producer : producers) {
        Random own = new Random(seed + ++index);
        int number = index;
        threads.execute(() -> publish(producer, number, to, own, over));
      }
      threads.execute(
          () -> {
            Random own = new Random(seed - 1);
            while (over.getCount() > 0 && changer.change(own)) {
              pause(own, 20);
            }
          });
      threads.execute(
          () -> {
            Random own = new Random(seed - 2);
            for (int i = 0; i < 40 && over.getCount() > 0; i++) {
              if (!leavers.come(to, own, witness)) {
                return;
              }
              pause(own, 60);
            }
          });
      if (random.nextInt(3) == 0) {
        Consumer newcomer =
            new Consumer(
                "n" + round, version(round), List.of(Consumer.ORDERED + "#"), book, history);
        newcomers.add(newcomer);
        threads.execute(() -> newcomer.resume(to));
      }
      if (random.nextInt(3) == 0) {
        Consumer moving = consumers.get(random.nextInt(consumers.size()));
        Random own = new Random(seed - 3);
        threads.execute(
            () -> {
              pause(own, 300);
              moving.leave();
              moving.resume(to);
            });
      }
      pause(random, LOAD_MILLIS_MAX);
      crash(crash);
      over.countDown();
      if (crash == Crash.NETWORK) {
        cutAll();
      }
    }
    // All threads are done, and each connection has ended.
    cutAll();
    leavers.crash();
    if (crash == Crash.POWER_CUT) {
      Remains remains = Remains.values()[random.nextInt(Remains.values().length)];
      lastCut = disk.cut(remains, random).toString();
      history.note(lastCut);
    } else {
      lastCut = crash.toString();
    }
    if (crash == Crash.KILL_AT_START) {
      RelaisProcess second =
          RelaisProcess.launch(
              disk.environment(), "store=disk", "data=" + disk.watched().resolve("data"));
      pause(random, 1_500);
      end(second);
      history.note("killed while it started; it said: " + second.output());
    }
  }

  /// The kill's moment is what is tried here; nothing is waited for.
  private static void pause(Random random, int millisMax) {
    LockSupport.parkNanos(TimeUnit.MICROSECONDS.toNanos(random.nextInt(millisMax * 1_000)));
  }

  private void crash(Crash crash) {
    book.killed();
    RelaisProcess running = broker;
    if (crash != Crash.NETWORK && running != null) {
      fates.down();
      end(running);
      history.note("the broker is dead");
    }
  }

  private static void end(RelaisProcess process) {
    process.process().kill();
    process.process().awaitEnd(Duration.ofSeconds(10));
    process.close();
  }

  private void cutAll() {
    producers.forEach(Producer::cut);
    witness.cut();
    consumers.forEach(Consumer::leave);
    newcomers.forEach(Consumer::leave);
    watcher.leave();
    changer.cut();
  }

  private void publish(
      Producer producer, int number, InetSocketAddress to, Random own, CountDownLatch over) {
    for (int i = 0; i < MESSAGES_MAX && over.getCount() > 0; i++) {
      int choice = own.nextInt(100);
      int sent;
      if (choice < 45) {
        sent = producer.publish("", "c/" + producer.id() + "/q1", 1, false, Book::payload);
      } else if (choice < 90) {
        sent = producer.publish("", "c/" + producer.id() + "/q2", 2, false, Book::payload);
      } else if (choice < 99 && number == 3) {
        sent =
            producer.publish(
                "", "r/" + own.nextInt(RETAINED_TOPICS), 1 + own.nextInt(2), true, Chaos::retained);
      } else if (choice < 92 && number == 1) {
        sent = delayed(producer, 1 + own.nextInt(3), 1 + own.nextInt(2));
      } else if (choice == 99 && own.nextInt(4) == 0) {
        producer.cut();
        sent = producer.resume(to) ? 1 : 0;
      } else {
        pause(own, 8);
        continue;
      }
      if (sent == 0) {
        return;
      }
    }
  }

  private int delayed(Producer producer, int seconds, int qos) {
    String topic = "d/" + producer.id();
    long before = System.nanoTime();
    int sent = producer.publish("$delayed/" + seconds + "/", topic, qos, false, Book::payload);
    if (sent > 0) {
      // It is sent again until it is acknowledged, at QoS 1 maybe twice.
      fates.expect(
          topic + " " + Book.head(topic, sent),
          1,
          qos == 2 ? 1 : Integer.MAX_VALUE,
          before + TimeUnit.SECONDS.toNanos(seconds),
          // Acknowledged maybe only after the restart, which is when its time begins.
          Duration.ofSeconds(seconds).plus(PATIENCE));
    }
    return sent;
  }

  /// Each seventh takes the retained message away.
  private static byte[] retained(String topic, int number) {
    return number % 7 == 0 ? new byte[0] : Book.payload(topic, number);
  }

  // Checks

  private void verify() {
    InetSocketAddress to = address();
    long until = System.nanoTime() + patience.toNanos();
    if (round > 0) {
      retainedAreThere(to);
    }
    leavers.verify(to);
    consumers.forEach(consumer -> consumer.lazy(0));
    resumed("watcher", watcher.resume(to));
    newcomers.forEach(newcomer -> resumed(newcomer.id(), newcomer.resume(to)));
    consumers.forEach(consumer -> resumed(consumer.id(), consumer.resume(to)));
    resumed("changer", changer.resume(to));
    resumed("witness", witness.resume(to));
    producers.forEach(producer -> resumed(producer.id(), producer.resume(to)));
    for (Producer producer : producers) {
      if (!producer.settle(patience)) {
        history.violation(
            producer.id() + ": no ack within " + patience + " for " + producer.inFlight());
      }
    }
    if (round == 0) {
      producers.getFirst().publish("", RETAINED_FENCE, 1, true, Book::payload);
    }
    for (Consumer consumer : consumers) {
      complete(consumer, until);
    }
    newcomers.forEach(newcomer -> complete(newcomer, until));
    while (newcomers.size() > NEWCOMERS_MAX) {
      newcomers.removeFirst().leave();
    }
    changer.probe();
    fates.check();
  }

  private void resumed(String who, boolean stands) {
    if (!stands) {
      history.violation(who + " cannot resume");
    }
  }

  private void complete(Consumer consumer, long untilNanos) {
    List<String> missing = consumer.missing(untilNanos);
    if (!missing.isEmpty()) {
      history.violation(
          "%s: %d messages are missing: %s"
              .formatted(
                  consumer.id(),
                  missing.size(),
                  String.join(", ", missing.subList(0, Math.min(missing.size(), 10)))));
      consumer.forgive();
    }
  }

  /// Before any publisher is back: each retained message is the last one that was acknowledged, or
  /// a later one that was sent.
  private void retainedAreThere(InetSocketAddress to) {
    Map<String, byte[]> found = new HashMap<>();
    CountDownLatch fence = new CountDownLatch(1);
    Endpoint reader =
        new Endpoint(
            "reader",
            history,
            to,
            ProtocolVersion.MQTT_5,
            packet -> {
              if (packet instanceof Packet.Publish message) {
                if (message.topic().equals(RETAINED_FENCE)) {
                  fence.countDown();
                } else {
                  found.put(message.topic(), message.payload());
                }
              }
            });
    boolean complete;
    try {
      complete =
          reader.connect(new Connecting(ProtocolVersion.MQTT_5, "reader")) != null
              && reader.ask(subscribe(1, "r/#")) != null
              && reader.ask(subscribe(2, RETAINED_FENCE)) != null
              && fence.await(patience.toMillis(), TimeUnit.MILLISECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      complete = false;
    }
    reader.cut();
    reader.awaitEnd();
    if (!complete) {
      history.violation("retained: " + RETAINED_FENCE + " is not there");
      return;
    }
    for (int i = 0; i < RETAINED_TOPICS; i++) {
      String topic = "r/" + i;
      byte[] there = found.getOrDefault(topic, new byte[0]);
      int from = book.lastAcknowledged(topic);
      int upTo = book.sent(topic);
      boolean right = from == 0 && there.length == 0;
      for (int number = Math.max(from, 1); number <= upTo; number++) {
        right |= java.util.Arrays.equals(there, retained(topic, number));
      }
      if (!right) {
        history.violation(
            "retained: on %s is [%s], #%d was acknowledged last and #%d sent last"
                .formatted(topic, Book.head(there), from, upTo));
      }
    }
  }

  private static Packet.Subscribe subscribe(int packetId, String filter) {
    return new Packet.Subscribe(
        packetId, Properties.NONE, List.of(MqttSocket.subscription(filter, 0)));
  }

  @Override
  public void close() {
    cutAll();
    RelaisProcess running = broker;
    if (running != null) {
      running.process().kill();
      running.close();
    }
  }
}
