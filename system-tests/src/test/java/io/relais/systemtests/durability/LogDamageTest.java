package io.relais.systemtests.durability;

import static io.relais.protocol.ProtocolVersion.MQTT_5;
import static org.assertj.core.api.Assertions.assertThat;

import io.relais.protocol.Packet;
import io.relais.testkit.Connecting;
import io.relais.testkit.MqttSocket;
import io.relais.testkit.RelaisProcess;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The newest log of a store that was killed, cut off at some byte or changed at one. A cut is what
/// crashes leave: the start gives everything up to it. A change before the end is damage: the start
/// says where.
class LogDamageTest {
  private static final int MESSAGES = 40;
  private static final int TAIL_BYTES = 4_096;
  private static final int CUTS = Integer.getInteger("relais.chaos.cuts", 8);
  private static final Duration END_MAX = Duration.ofSeconds(30);

  @TempDir private Path home;

  /// How long the log was when message i had been acknowledged.
  private final List<Long> lengths = new ArrayList<>();

  private Path data() {
    return home.resolve("data");
  }

  /// Makes a store with 40 messages and kills its process.
  ///
  /// @param lastBytes how large the last message is
  /// @return its newest log
  private Path fill(int lastBytes) throws IOException {
    Path data = data();
    RelaisProcess broker = start(data);
    try (MqttSocket keeper = new MqttSocket("K", broker.link(), MQTT_5);
        MqttSocket publisher = new MqttSocket("P", broker.link(), MQTT_5)) {
      keeper.connect("keeper", Connecting::persistent);
      keeper.subscribe("kept", 1);
      keeper.cut();
      publisher.connect("publisher");
      for (int i = 0; i < MESSAGES; i++) {
        int size = i == MESSAGES - 1 ? lastBytes : i * 7 % 300;
        publisher.publish("kept", "message " + i + "x".repeat(size), 1);
        lengths.add(Files.size(newestLog(data)));
      }
      return newestLog(data);
    } finally {
      broker.process().kill();
      broker.process().awaitEnd(END_MAX);
      broker.close();
    }
  }

  private static RelaisProcess start(Path data) {
    return RelaisProcess.start(Map.of(), "store=disk", "data=" + data);
  }

  private static Path newestLog(Path data) throws IOException {
    try (Stream<Path> files = Files.walk(data)) {
      return files
          .filter(file -> file.getFileName().toString().matches("\\d+\\.log"))
          .max((a, b) -> a.getFileName().toString().compareTo(b.getFileName().toString()))
          .orElseThrow(() -> new AssertionError("no log of the store below " + data));
    }
  }

  @Test
  void a_log_that_is_cut_off_gives_all_that_was_acknowledged_before_the_cut() throws IOException {
    Path log = fill(100);
    long seed = new Random().nextInt(1_000_000);
    Random random = new Random(seed);
    long length = lengths.getLast();
    SortedSet<Long> cuts = new TreeSet<>();
    cuts.add(length - 1);
    cuts.add(lengths.get(MESSAGES - 2));
    cuts.add(lengths.get(MESSAGES - 3) + 1);
    while (cuts.size() < CUTS) {
      cuts.add(length - random.nextInt((int) Math.min(TAIL_BYTES, length - lengths.getFirst())));
    }

    for (long cut : cuts) {
      Path copy = copy();
      Path cutLog = copy.resolve(data().relativize(log));
      try (FileChannel channel = FileChannel.open(cutLog, StandardOpenOption.WRITE)) {
        channel.truncate(cut);
      }

      int there = messagesIn(copy, "cut at byte %,d (seed %d)".formatted(cut, seed));

      long before = lengths.stream().filter(end -> end <= cut).count();
      assertThat((long) there)
          .as("messages after a cut at byte %,d of %,d (seed %d)", cut, length, seed)
          .isBetween(before, (long) MESSAGES);
    }
  }

  /// Disks write pages in the order they like: of a write whose sync never came back, later pages
  /// may be there without the first one.
  @Test
  void a_page_that_is_missing_in_the_last_write_is_an_end_like_any_other() throws IOException {
    Path log = fill(200_000);
    Path copy = copy();
    long before = lengths.get(MESSAGES - 2);
    try (FileChannel channel =
        FileChannel.open(copy.resolve(data().relativize(log)), StandardOpenOption.WRITE)) {
      channel.write(ByteBuffer.allocate(4_096), before);
    }

    int there = messagesIn(copy, "without the page at byte " + before);

    assertThat(there).isEqualTo(MESSAGES - 1);
  }

  @Test
  void a_changed_byte_before_the_end_is_refused_with_its_place() throws IOException {
    Path log = fill(100);
    Path copy = copy();
    Path changed = copy.resolve(data().relativize(log));
    long at = lengths.get(MESSAGES / 2) - 20;
    try (FileChannel channel =
        FileChannel.open(changed, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
      ByteBuffer one = ByteBuffer.allocate(1);
      channel.read(one, at);
      one.put(0, (byte) (one.get(0) ^ 0x10)).flip();
      channel.write(one, at);
    }

    RelaisProcess broker = RelaisProcess.launch(Map.of(), "store=disk", "data=" + copy);
    int code;
    try {
      code = broker.process().awaitEnd(END_MAX);
    } finally {
      broker.process().kill();
      broker.close();
    }

    assertThat(code).as("exit code; it said: %s", broker.output()).isNotZero();
    assertThat(broker.output())
        .contains(changed.getFileName().toString())
        .containsPattern("(offset|byte) [\\d,]+");
  }

  private Path copy() throws IOException {
    Path copy = Files.createTempDirectory(home, "copy");
    try (Stream<Path> files = Files.walk(data())) {
      for (Path file : files.toList()) {
        Path to = copy.resolve(data().relativize(file));
        if (Files.isDirectory(file)) {
          Files.createDirectories(to);
        } else {
          Files.copy(file, to);
        }
      }
    }
    return copy;
  }

  /// How many of the messages are there, which must be the first ones, in order.
  private static int messagesIn(Path data, String how) {
    RelaisProcess broker = start(data);
    try (MqttSocket keeper = new MqttSocket("K", broker.link(), MQTT_5);
        MqttSocket publisher = new MqttSocket("P", broker.link(), MQTT_5)) {
      publisher.connect("publisher");
      publisher.publish("kept", "end", 1);
      assertThat(keeper.connect("keeper", Connecting::persistent).sessionPresent())
          .as(how)
          .isTrue();
      for (int i = 0; i <= MESSAGES; i++) {
        Packet.Publish message = keeper.receive();
        String text = MqttSocket.text(message);
        if (text.equals("end")) {
          return i;
        }
        assertThat(text).as(how).startsWith("message " + i);
      }
      throw new AssertionError(how + ": more messages than were sent");
    } finally {
      broker.process().kill();
      broker.process().awaitEnd(END_MAX);
      broker.close();
    }
  }
}
