package io.relais.systemtests.durability;

import static io.relais.protocol.ProtocolVersion.MQTT_3_1_1;
import static io.relais.protocol.ProtocolVersion.MQTT_5;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.relais.protocol.Packet;
import io.relais.protocol.Properties;
import io.relais.protocol.ReasonCode;
import io.relais.testkit.Connecting;
import io.relais.testkit.MqttSocket;
import io.relais.testkit.RelaisProcess;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// A real file system of 64 MiB that fills up: what is new is refused while there is still room to
/// read, acknowledge and clean up, and taken again once there is room.
class FullDiskTest {
  // Of chance, since the store would make zeros small when it merges its files.
  private static final byte[] KIBIBYTES_64 = new byte[64 * 1024];

  static {
    new Random(64).nextBytes(KIBIBYTES_64);
  }

  private static final int MESSAGES_MAX = 1_000;
  private static final int REFUSED_WHEN_FULL = 10;
  private static final Duration PATIENCE = Duration.ofSeconds(20);

  @TempDir private Path home;
  private Path full;
  private RelaisProcess broker;

  @BeforeEach
  void mount() throws Exception {
    assumeTrue(
        "root".equals(System.getProperty("user.name")),
        "a file system of 64 MiB can only be mounted by root, and this runs as "
            + System.getProperty("user.name"));
    full = Files.createDirectory(home.resolve("full"));
    run("mount", "-t", "tmpfs", "-o", "size=64m", "tmpfs", full.toString());
    broker =
        RelaisProcess.start(
            Map.of(),
            "store=disk",
            "data=" + full.resolve("data"),
            "limits.disk-reserve-bytes=16MiB");
  }

  @AfterEach
  void unmount() throws Exception {
    if (broker != null) {
      broker.process().kill();
      broker.process().awaitEnd(PATIENCE);
      broker.close();
    }
    if (full != null) {
      run("umount", full.toString());
    }
  }

  private static void run(String... command) throws Exception {
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor(10, TimeUnit.SECONDS)).isTrue();
    // Where even root may not mount, like in some containers, the message says so.
    assumeTrue(process.exitValue() == 0, String.join(" ", command) + ": " + said);
  }

  @Test
  void a_full_disk_refuses_what_is_new_and_recovers_without_a_restart() {
    try (MqttSocket keeper = new MqttSocket("K", broker.link(), MQTT_5)) {
      keeper.connect("keeper", Connecting::persistent);
      keeper.subscribe("full/#", 2);
      keeper.cut();
    }
    int kept = 0;
    ReasonCode reason = ReasonCode.SUCCESS;
    try (MqttSocket publisher = new MqttSocket("P", broker.link(), MQTT_5)) {
      publisher.patience(PATIENCE);
      publisher.connect("publisher");
      int refusedInARow = 0;
      while (kept < MESSAGES_MAX && refusedInARow < REFUSED_WHEN_FULL) {
        reason = published(publisher, 1);
        if (reason.isError()) {
          // While files are merged there is less room for a moment.
          refusedInARow++;
          Awaitility.await().pollDelay(Duration.ofMillis(200)).until(() -> true);
        } else {
          refusedInARow = 0;
          kept++;
        }
      }
      System.out.printf("full disk: %d messages of 64 KiB are kept, then %s%n", kept, reason);

      assertThat(reason)
          .as("of PUBACK after %d messages", kept)
          .isEqualTo(ReasonCode.QUOTA_EXCEEDED);
      assertThat(kept).isGreaterThan(16);
      assertThat(published(publisher, 2)).as("of PUBREC").isEqualTo(ReasonCode.QUOTA_EXCEEDED);
      // What needs no room goes on.
      publisher.expectSilence();
    }
    try (MqttSocket older = new MqttSocket("O", broker.link(), MQTT_3_1_1)) {
      older.connect("older");
      older.send(publish(1, 1));
      older.expectClosed(PATIENCE);
    }

    try (MqttSocket keeper = new MqttSocket("K", broker.link(), MQTT_5)) {
      keeper.patience(PATIENCE);
      assertThat(keeper.connect("keeper", Connecting::persistent).sessionPresent()).isTrue();
      for (int i = 0; i < kept; i++) {
        assertThat(keeper.receive().payload()).hasSize(KIBIBYTES_64.length);
      }
      keeper.expectSilence();
      keeper.disconnect();
    }

    Awaitility.await("the disk has room again")
        .atMost(Duration.ofSeconds(60))
        .pollInterval(Duration.ofMillis(500))
        .pollInSameThread()
        .until(
            () -> {
              try (MqttSocket publisher = new MqttSocket("P", broker.link(), MQTT_5)) {
                publisher.connect("publisher");
                return !published(publisher, 1).isError();
              }
            });
    assertThat(broker.process().isAlive()).isTrue();
  }

  private static Packet.Publish publish(int qos, int packetId) {
    return new Packet.Publish(false, qos, false, "full/x", packetId, Properties.NONE, KIBIBYTES_64);
  }

  /// @return the reason of PUBACK or PUBREC; a message that is taken is released
  private static ReasonCode published(MqttSocket publisher, int qos) {
    int id = publisher.nextPacketId();
    publisher.send(publish(qos, id));
    if (qos == 1) {
      return publisher.expect(Packet.Puback.class, PATIENCE).reason();
    }
    ReasonCode reason = publisher.expect(Packet.Pubrec.class, PATIENCE).reason();
    if (!reason.isError()) {
      publisher.sendPubrel(id);
      publisher.expect(Packet.Pubcomp.class, PATIENCE);
    }
    return reason;
  }
}
