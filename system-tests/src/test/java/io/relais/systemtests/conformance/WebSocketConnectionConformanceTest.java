package io.relais.systemtests.conformance;

import static io.relais.protocol.ProtocolVersion.MQTT_5;
import static io.relais.testkit.MqttSocket.text;
import static org.assertj.core.api.Assertions.assertThat;

import io.relais.protocol.Packet;
import io.relais.protocol.Properties;
import io.relais.protocol.ProtocolVersion;
import io.relais.systemtests.EmbeddedRelais;
import io.relais.testkit.Bytes;
import io.relais.testkit.Clients;
import io.relais.testkit.Conforms;
import io.relais.testkit.Connecting;
import io.relais.testkit.EachVersion;
import io.relais.testkit.Link;
import io.relais.testkit.MqttSocket;
import io.relais.testkit.WebSocketClient;
import io.relais.testkit.WebSocketClient.Frame;
import io.relais.testkit.Wire;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// MQTT over WebSocket [section 6].
@Timeout(30)
class WebSocketConnectionConformanceTest {
  private static final String PATH = "/mqtt";
  private static EmbeddedRelais relais;
  private Clients clients;
  private Link link;

  @BeforeAll
  static void start() {
    relais = EmbeddedRelais.start();
  }

  @AfterAll
  static void stop() {
    relais.close();
  }

  @BeforeEach
  void begin() throws IOException {
    clients = new Clients(relais);
    link = Link.tcp(relais.webSocket());
  }

  @AfterEach
  void end() throws IOException {
    link.close().close();
    clients.close();
  }

  private WebSocketClient shake(String... subprotocols) throws IOException {
    return WebSocketClient.shake(link, "127.0.0.1", PATH, List.of(subprotocols), List.of());
  }

  private byte[] connect(ProtocolVersion version) {
    return Wire.encode(new Connecting(version, clients.id()).packet(), version);
  }

  /// Reads data frames until so many bytes of MQTT are there; each has to be binary.
  private static byte[] read(WebSocketClient client, int length) throws IOException {
    ByteArrayOutputStream data = new ByteArrayOutputStream();
    while (data.size() < length) {
      Frame frame = Objects.requireNonNull(client.read(), "a frame");
      assertThat(frame.opcode()).isIn(WebSocketClient.BINARY, WebSocketClient.CONTINUATION);
      data.write(frame.data());
    }
    return data.toByteArray();
  }

  @EachVersion
  @Conforms({"MQTT-6.0.0-1", "v3:MQTT-6.0.0-1"})
  void a_text_frame_after_connect_ends_the_connection_and_publishes_the_will(
      ProtocolVersion version) throws IOException {
    String topic = clients.topic();
    MqttSocket watcher = clients.connected(version).subscribe(topic, 1);
    WebSocketClient client = shake("mqtt");
    Packet connect = new Connecting(version, clients.id()).will(topic, "gone", 1, false).packet();
    client.write(WebSocketClient.BINARY, true, Wire.encode(connect, version));
    read(client, 4);

    client.write(WebSocketClient.TEXT, true, Bytes.hex("c0 00"));

    assertThat(text(watcher.receive())).isEqualTo("gone");
  }

  @EachVersion
  @Conforms({"MQTT-6.0.0-2", "v3:MQTT-6.0.0-2"})
  void a_message_of_several_frames_with_a_ping_between_is_one_stream(ProtocolVersion version)
      throws IOException {
    WebSocketClient client = shake("mqtt");
    byte[] connect = connect(version);

    client.write(WebSocketClient.BINARY, false, Arrays.copyOf(connect, 5));
    client.write(WebSocketClient.PING, true, new byte[] {1, 2, 3});
    client.write(
        WebSocketClient.CONTINUATION, true, Arrays.copyOfRange(connect, 5, connect.length));

    Frame pong = Objects.requireNonNull(client.read(), "a pong");
    assertThat(pong.opcode()).isEqualTo(WebSocketClient.PONG);
    assertThat(pong.data()).containsExactly(1, 2, 3);
    assertThat(read(client, 4)[0]).isEqualTo((byte) 0x20);
  }

  @EachVersion
  @Conforms({"MQTT-6.0.0-2", "v3:MQTT-6.0.0-2"})
  void large_messages_pass_both_ways(ProtocolVersion version) throws IOException {
    String topic = clients.topic();
    MqttSocket socket = clients.over(link.webSocket("127.0.0.1", PATH, List.of("mqtt")), version);
    socket.connect(clients.id());
    socket.subscribe(topic, 2);
    String payload = "0123456789".repeat(30_000);

    for (int qos = 0; qos <= 2; qos++) {
      socket.publish(topic, payload, qos);

      assertThat(text(socket.receive())).isEqualTo(payload);
    }
  }

  @Test
  void a_refusal_reaches_the_client_over_websocket_too() throws IOException {
    MqttSocket socket = clients.over(link.webSocket("127.0.0.1", PATH, List.of("mqtt")), MQTT_5);
    socket.patience(Duration.ofSeconds(5)).connect(clients.id());

    socket.send("f0 02 19 00");

    Packet.Disconnect disconnect = socket.expect(Packet.Disconnect.class);
    assertThat(disconnect.reason().isError()).isTrue();
    socket.expectClosed();
  }

  @EachVersion
  void the_will_is_published_when_a_websocket_is_cut(ProtocolVersion version) throws IOException {
    String topic = clients.topic();
    MqttSocket watcher = clients.connected(version).subscribe(topic, 1);
    MqttSocket socket = clients.over(link.webSocket("127.0.0.1", PATH, List.of("mqtt")), version);
    socket.connect(clients.id(), how -> how.will(topic, "gone", 1, false, Properties.NONE));

    socket.cut();

    assertThat(text(watcher.receive())).isEqualTo("gone");
  }
}
