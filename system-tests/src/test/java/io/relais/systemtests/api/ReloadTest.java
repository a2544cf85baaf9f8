package io.relais.systemtests.api;

import static io.relais.protocol.ProtocolVersion.MQTT_5;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.relais.protocol.Property;
import io.relais.testkit.Clients;
import io.relais.testkit.MqttSocket;
import io.relais.testkit.RelaisProcess;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// SIGHUP, as a service manager sends it.
class ReloadTest {
  @TempDir private Path folder;

  @Test
  void sighup_reads_the_file_again_and_a_wrong_one_is_reported_and_changes_nothing()
      throws IOException, InterruptedException {
    Path file = Files.writeString(folder.resolve("relais.yaml"), "limits: {topic-alias: 5}\n");
    try (RelaisProcess relais = RelaisProcess.start(file);
        Clients clients = new Clients(relais)) {
      MqttSocket there = clients.connected(MQTT_5);

      Files.writeString(file, "limits:\n  topic-alias: 70000\n");
      hangUp(relais);
      awaitOutput(relais, "relais.yaml:2:3: limits.topic-alias is 70000; it must be 0 to 65535");
      int unchanged = topicAliases(clients);
      Files.writeString(file, "limits:\n  topic-alias: 6\n");
      hangUp(relais);
      awaitOutput(relais, "limits.topic-alias becomes 6, from 5");

      assertThat(unchanged).isEqualTo(5);
      assertThat(topicAliases(clients)).isEqualTo(6);
      there.publish("a", "still there", 1);
    }
  }

  private static int topicAliases(Clients clients) {
    return clients
        .open(MQTT_5)
        .connect(clients.id())
        .properties()
        .intValue(Property.TOPIC_ALIAS_MAXIMUM, 0);
  }

  private static void hangUp(RelaisProcess relais) throws IOException, InterruptedException {
    Process kill = new ProcessBuilder("kill", "-HUP", Long.toString(relais.pid())).start();
    assertThat(kill.waitFor(10, TimeUnit.SECONDS)).isTrue();
  }

  private static void awaitOutput(RelaisProcess relais, String text) {
    await()
        .atMost(Duration.ofSeconds(20))
        .untilAsserted(() -> assertThat(relais.output()).contains(text));
  }
}
