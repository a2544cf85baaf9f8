package io.relais.systemtests.durability;

import static io.relais.protocol.ProtocolVersion.MQTT_3_1_1;
import static io.relais.protocol.ProtocolVersion.MQTT_5;
import static org.assertj.core.api.Assertions.assertThat;

import io.relais.protocol.Packet;
import io.relais.protocol.PacketType;
import io.relais.protocol.Properties;
import io.relais.protocol.ReasonCode;
import io.relais.systemtests.hostile.ResidentMemory;
import io.relais.testkit.Connecting;
import io.relais.testkit.FaultyDisk;
import io.relais.testkit.FaultyDisk.Fault;
import io.relais.testkit.FaultyDisk.Remains;
import io.relais.testkit.MqttSocket;
import io.relais.testkit.RelaisProcess;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// Disks that fail and disks that are slow. After a failed write or sync nobody knows what is
/// durable, so the process ends rather than acknowledge again.
class DiskFaultsTest {
  private static final Duration END_MAX = Duration.ofSeconds(15);
  private static final String TOPIC = Consumer.ORDERED + "p/q1";

  @TempDir private Path home;

  private final History history = new History();
  private final Book book = new Book();
  private final Consumer keeper =
      new Consumer("keeper", MQTT_5, List.of(Consumer.ORDERED + "#"), book, history);
  private final Producer producer = new Producer("p", MQTT_3_1_1, book, history);
  private FaultyDisk disk;
  private RelaisProcess broker;

  @BeforeEach
  void start() {
    disk = new FaultyDisk(home);
    broker = launched();
  }

  private RelaisProcess launched() {
    return RelaisProcess.start(
        disk.environment(), "store=disk", "data=" + disk.watched().resolve("data"));
  }

  @AfterEach
  void stop() {
    keeper.leave();
    producer.cut();
    broker.process().kill();
    broker.close();
    assertThat(disk.violations()).as("what the disk's image cannot tell").isZero();
  }

  @ParameterizedTest
  @CsvSource({"sync,EIO", "write,EIO", "write,EROFS", "write,ENOSPC"})
  void a_disk_that_fails_ends_the_process_and_every_ack_was_true(String call, Fault fault) {
    assertThat(keeper.resume(broker.tcp())).isTrue();
    keeper.leave();
    assertThat(producer.resume(broker.tcp())).isTrue();
    for (int i = 0; i < 20; i++) {
      producer.publish("", TOPIC, 1, false, Book::payload);
    }
    assertThat(producer.settle(END_MAX)).isTrue();
    try (MqttSocket other = new MqttSocket("O", broker.link(), MQTT_5)) {
      other.connect("other");

      if (call.equals("sync")) {
        disk.failSyncs(fault, 3);
      } else {
        disk.failWrites(fault, 3);
      }
      int sent = 0;
      while (sent < 1_000 && producer.publish("", TOPIC, 1, false, Book::payload) > 0) {
        sent++;
      }

      int code = broker.process().awaitEnd(END_MAX);
      assertThat(disk.faults()).as("calls that failed").isPositive();
      assertThat(code).as("exit code; it said: %s", broker.output()).isNotZero();
      assertThat(lastLine())
          .as("the last line of %s", broker.output())
          .matches(DiskFaultsTest::isClear);
      other.expectRefused(END_MAX, ReasonCode.values());
    }

    producer.cut();
    disk.heal();
    disk.cut(Remains.STRICT, new Random(1));
    broker = launched();
    assertThat(keeper.resume(broker.tcp())).isTrue();
    List<String> lost =
        keeper.missing(System.nanoTime() + TimeUnit.SECONDS.toNanos(2)).stream()
            .filter(told -> told.contains("(acknowledged"))
            .toList();
    assertThat(lost).as("acknowledged and not there").isEmpty();
    assertThat(producer.resume(broker.tcp())).isTrue();
    assertThat(producer.settle(END_MAX)).isTrue();
    assertThat(keeper.missing(System.nanoTime() + END_MAX.toNanos())).isEmpty();
    assertThat(history.violations()).isEmpty();
  }

  private String lastLine() {
    return broker.output().lines().filter(line -> !line.isBlank()).reduce("", (_, line) -> line);
  }

  /// Says what failed in the operator's words, not with a trace of the program's.
  private static boolean isClear(String line) {
    return !line.startsWith("\t")
        && !line.contains("Exception in thread")
        && line.matches("(?i).*(store|disk|data).*");
  }

  @Test
  void a_slow_disk_holds_acks_back_and_nothing_else() {
    try (MqttSocket publisher = new MqttSocket("P", broker.link(), MQTT_5);
        MqttSocket quick = new MqttSocket("Q", broker.link(), MQTT_5);
        MqttSocket listener = new MqttSocket("L", broker.link(), MQTT_5)) {
      assertThat(keeper.resume(broker.tcp())).isTrue();
      publisher.connect("publisher");
      quick.connect("quick");
      listener.connect("listener");
      listener.subscribe("quick", 0);
      // All of its own is written before.
      publisher.publish(TOPIC + "/before", "x", 1);

      disk.slowSyncs(Duration.ofSeconds(3));
      int number = book.send(TOPIC);
      byte[] payload = Book.payload(TOPIC, number);
      publisher.send(new Packet.Publish(false, 1, false, TOPIC, 7, Properties.NONE, payload));
      for (int i = 0; i < 30; i++) {
        quick.publish("quick", String.valueOf(i), 0);
        assertThat(MqttSocket.text(listener.receive())).isEqualTo(String.valueOf(i));
      }

      // The ack is not out yet.
      publisher.expectNothingFor(Duration.ofMillis(50));
      publisher.patience(END_MAX);
      publisher.expectAck(PacketType.PUBACK, 7);
      disk.heal();
      assertThat(keeper.missing(System.nanoTime() + END_MAX.toNanos())).isEmpty();
    }
  }

  @Test
  void a_slow_disk_makes_publishers_wait_and_memory_does_not_grow() throws Exception {
    assertThat(keeper.resume(broker.tcp())).isTrue();
    keeper.leave();
    ResidentMemory memory = new ResidentMemory(broker.process().pid());
    memory.collect();
    int before = memory.mebibytes();
    disk.slowSyncs(Duration.ofMillis(200));
    byte[] payload = new byte[64 * 1024];
    List<Endpoint> pushing = new ArrayList<>();
    List<Thread> threads = new ArrayList<>();
    AtomicInteger acks = new AtomicInteger();
    AtomicInteger sent = new AtomicInteger();
    for (int i = 0; i < 4; i++) {
      Endpoint endpoint =
          new Endpoint(
              "push" + i,
              new History(),
              broker.tcp(),
              MQTT_3_1_1,
              packet -> {
                if (packet instanceof Packet.Puback) {
                  acks.incrementAndGet();
                }
              });
      assertThat(endpoint.connect(new Connecting(MQTT_3_1_1, "push" + i))).isNotNull();
      pushing.add(endpoint);
      threads.add(
          Thread.ofPlatform()
              .start(
                  () -> {
                    for (int id = 1; id <= 20_000; id++) {
                      if (!endpoint.send(
                          new Packet.Publish(
                              false,
                              1,
                              false,
                              Consumer.ORDERED + "push",
                              id,
                              Properties.NONE,
                              payload))) {
                        return;
                      }
                      sent.incrementAndGet();
                    }
                  }));
    }

    int most = 0;
    int held = 0;
    long start = System.nanoTime();
    for (int second = 1; second <= 6; second++) {
      while (System.nanoTime() - start < TimeUnit.SECONDS.toNanos(second)
          && threads.stream().anyMatch(Thread::isAlive)) {
        most = Math.max(most, memory.mebibytes());
        LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(100));
      }
      // What is merely not collected yet is no sign of missing back-pressure.
      memory.collect();
      held = Math.max(held, memory.mebibytes());
    }
    int acknowledged = acks.get();
    pushing.forEach(Endpoint::cut);
    for (Thread thread : threads) {
      thread.join(TimeUnit.SECONDS.toMillis(10));
    }

    System.out.printf(
        "slow disk: %,d of %,d messages of 64 KiB acknowledged in 6 s, resident %d MiB before, %d at most, %d collected%n",
        acknowledged, sent.get(), before, most, held);
    assertThat(acknowledged).isPositive();
    // 5 GiB wait to be pushed.
    assertThat(held).as("resident MiB, %d before", before).isLessThan(before + 320);
    disk.heal();
  }
}
