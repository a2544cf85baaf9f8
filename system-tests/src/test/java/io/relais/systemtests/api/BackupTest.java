package io.relais.systemtests.api;

import static io.relais.protocol.ProtocolVersion.MQTT_5;
import static io.relais.testkit.MqttSocket.text;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.relais.api.ApiClient;
import io.relais.api.ApiFailure;
import io.relais.server.store.StoreFiles;
import io.relais.systemtests.EmbeddedRelais;
import io.relais.testkit.Clients;
import io.relais.testkit.Connecting;
import io.relais.testkit.MqttSocket;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// A backup of a node that works, and a node from a backup.
class BackupTest {
  @TempDir private Path folder;

  private static ApiClient client(EmbeddedRelais relais, Api api) {
    return new ApiClient(URI.create("http://127.0.0.1:" + relais.api().getPort()))
        .withToken(Objects.requireNonNull(api.token()));
  }

  private void backUp(EmbeddedRelais relais, Api api, Path to) throws IOException {
    try (ApiClient client = client(relais, api)) {
      client.download("/api/v1/store/backup", to);
    }
  }

  @Test
  void what_was_acknowledged_before_a_backup_is_in_it_while_the_node_goes_on() throws Exception {
    Path file = folder.resolve("backup.zip");
    Path data = folder.resolve("data");
    Path restored = folder.resolve("restored");
    String token;
    try (EmbeddedRelais relais = EmbeddedRelais.start("store=disk", "data=" + data);
        Clients clients = new Clients(relais);
        Api api = Api.ready(relais)) {
      token = String.valueOf(api.token());
      MqttSocket away = clients.open(MQTT_5);
      away.connect("away", Connecting::persistent);
      away.subscribe("q", 1).disconnect();
      MqttSocket publisher = clients.connected(MQTT_5);
      for (int i = 0; i < 100; i++) {
        publisher.publish("q", "" + i, 1);
      }
      publisher.publishRetained("r", "kept", 1);
      var stop = new AtomicBoolean();
      Thread more =
          Thread.ofVirtual()
              .start(
                  () -> {
                    for (int i = 100; !stop.get() && i < 50_000; i++) {
                      publisher.publish("q", "" + i, 1);
                    }
                  });

      backUp(relais, api, file);
      backUp(relais, api, file);

      stop.set(true);
      more.join();
      assertThat(data.resolve("backup")).doesNotExist();
      assertThat(folder.toFile().list()).containsExactlyInAnyOrder("backup.zip", "data");
    }

    StoreFiles.Checked checked = StoreFiles.restore(file, restored);

    assertThat(checked.damages()).isEmpty();
    try (EmbeddedRelais relais = EmbeddedRelais.start("store=disk", "data=" + restored);
        Clients clients = new Clients(relais);
        Api api = new Api(relais.api())) {
      api.as(token).get("/api/v1/nodes").is(200);
      MqttSocket back = clients.open(MQTT_5);
      back.connect("away", Connecting::persistent);
      for (int i = 0; i < 100; i++) {
        assertThat(text(back.receive())).isEqualTo("" + i);
      }
      MqttSocket reader = clients.connected(MQTT_5).subscribe("r", 1);
      assertThat(text(reader.receive())).isEqualTo("kept");
    }
  }

  @Test
  void a_backup_goes_nowhere_where_something_is_and_a_damaged_one_leaves_nothing()
      throws Exception {
    Path file = folder.resolve("backup.zip");
    Path data = folder.resolve("data");
    try (EmbeddedRelais relais = EmbeddedRelais.start("store=disk", "data=" + data);
        Api api = Api.ready(relais)) {
      backUp(relais, api, file);
    }
    byte[] whole = Files.readAllBytes(file);

    assertThatThrownBy(() -> StoreFiles.restore(file, data))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("is not empty");
    for (int cut : new int[] {0, 10, whole.length / 2, whole.length - 1_000}) {
      Path damaged =
          Files.write(folder.resolve("damaged.zip"), java.util.Arrays.copyOf(whole, cut));
      Path into = folder.resolve("into" + cut);
      assertThatThrownBy(() -> StoreFiles.restore(damaged, into)).isInstanceOf(IOException.class);
      assertThat(into.resolve("state")).doesNotExist();
    }
    StoreFiles.restore(file, folder.resolve("into0"));
    Path other = Files.writeString(folder.resolve("other.zip"), "no zip at all");
    assertThatThrownBy(() -> StoreFiles.restore(other, folder.resolve("other")))
        .hasMessageContaining("no backup of Relais");
  }

  @Test
  void a_node_that_keeps_nothing_has_no_backup() throws Exception {
    try (EmbeddedRelais relais = EmbeddedRelais.start("store=memory");
        Api api = Api.ready(relais);
        ApiClient client = client(relais, api)) {
      Path file = folder.resolve("backup.zip");

      assertThatThrownBy(() -> client.download("/api/v1/store/backup", file))
          .isInstanceOf(ApiFailure.class)
          .hasMessageContaining("store: memory");
      assertThat(file).doesNotExist();
    }
  }
}
