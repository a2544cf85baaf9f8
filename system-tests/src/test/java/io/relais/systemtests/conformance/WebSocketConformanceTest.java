package io.relais.systemtests.conformance;

import static io.relais.protocol.ProtocolVersion.MQTT_3_1;
import static io.relais.protocol.ProtocolVersion.MQTT_3_1_1;
import static io.relais.protocol.ProtocolVersion.MQTT_5;
import static io.relais.testkit.MqttSocket.text;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.relais.protocol.Packet;
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
import io.relais.testkit.Wire;
import java.io.IOException;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// MQTT over WebSocket, frame by frame.
@Timeout(30)
class WebSocketConformanceTest {
  private static EmbeddedRelais relais;
  private Clients clients;

  @BeforeAll
  static void start() {
    relais = EmbeddedRelais.start();
  }

  @AfterAll
  static void stop() {
    relais.close();
  }

  @BeforeEach
  void openClients() {
    clients = new Clients(relais);
  }

  @AfterEach
  void closeClients() {
    clients.close();
  }

  private static WebSocketClient shake(String... subprotocols) throws IOException {
    return WebSocketClient.shake(
        Link.tcp(relais.webSocket()), host(), "/mqtt", List.of(subprotocols), List.of());
  }

  private static String host() {
    return "127.0.0.1:" + relais.webSocket().getPort();
  }

  private MqttSocket connected(ProtocolVersion version) throws IOException {
    MqttSocket socket =
        clients.over(
            Link.tcp(relais.webSocket()).webSocket(host(), "/mqtt", List.of("mqtt")), version);
    socket.connect(clients.id());
    return socket;
  }

  private byte[] connect(ProtocolVersion version) {
    return Wire.encode(new Connecting(version, clients.id()).packet(), version);
  }

  @EachVersion
  @Conforms({"MQTT-6.0.0-1", "v3:MQTT-6.0.0-1"})
  void messages_pass_in_binary_frames(ProtocolVersion version) throws IOException {
    String topic = clients.topic();
    MqttSocket subscriber = connected(version);
    subscriber.subscribe(topic, 2);

    connected(version).publish(topic, "x", 2);

    // The client refuses every other kind of data frame.
    assertThat(text(subscriber.receive())).isEqualTo("x");
    subscriber.disconnect();
  }

  @Test
  @Conforms({"MQTT-6.0.0-1", "v3:MQTT-6.0.0-1"})
  void a_text_frame_ends_the_connection() throws IOException {
    WebSocketClient client = shake("mqtt");

    client.write(WebSocketClient.TEXT, true, "hello".getBytes(UTF_8));

    WebSocketClient.Frame answer = client.read();
    if (answer != null) {
      assertThat(answer.opcode()).isEqualTo(WebSocketClient.CLOSE);
      assertThat(client.read()).isNull();
    }
  }

  @EachVersion
  @Conforms({"MQTT-6.0.0-2", "v3:MQTT-6.0.0-2"})
  void a_packet_may_be_spread_over_frames(ProtocolVersion version) throws IOException {
    WebSocketClient client = shake("mqtt");

    for (byte b : connect(version)) {
      client.write(WebSocketClient.BINARY, true, new byte[] {b});
    }

    WebSocketClient.Frame answer = Objects.requireNonNull(client.read(), "an answer");
    assertThat(answer.opcode()).isEqualTo(WebSocketClient.BINARY);
    assertThat(answer.data()[0]).isEqualTo((byte) 0x20);
  }

  @EachVersion
  @Conforms({"MQTT-6.0.0-2", "v3:MQTT-6.0.0-2"})
  void a_message_of_frames_may_be_fragmented_anywhere(ProtocolVersion version) throws IOException {
    WebSocketClient client = shake("mqtt");
    byte[] bytes = connect(version);

    for (int i = 0; i < bytes.length; i++) {
      client.write(
          i == 0 ? WebSocketClient.BINARY : WebSocketClient.CONTINUATION,
          i == bytes.length - 1,
          new byte[] {bytes[i]});
    }

    WebSocketClient.Frame answer = Objects.requireNonNull(client.read(), "an answer");
    assertThat(answer.data()[0]).isEqualTo((byte) 0x20);
  }

  @EachVersion
  @Conforms({"MQTT-6.0.0-2", "v3:MQTT-6.0.0-2"})
  void a_frame_may_hold_several_packets(ProtocolVersion version) throws IOException {
    MqttSocket socket =
        clients.over(
            Link.tcp(relais.webSocket()).webSocket(host(), "/mqtt", List.of("mqtt")), version);
    byte[] all = new Bytes().raw(connect(version)).raw("c0 00 c0 00").toArray();

    socket.send(all);

    socket.expect(Packet.Connack.class);
    socket.expect(Packet.Pingresp.class);
    socket.expect(Packet.Pingresp.class);
  }

  @Test
  @Conforms({"MQTT-6.0.0-4", "v3:MQTT-6.0.0-4"})
  void the_subprotocol_mqtt_is_selected() throws IOException {
    assertThat(shake("mqtt").subprotocol()).isEqualTo("mqtt");
    assertThat(shake("other", "mqtt").subprotocol()).isEqualTo("mqtt");
  }

  @Test
  @Conforms({"MQTT-6.0.0-3", "v3:MQTT-6.0.0-3"})
  void a_handshake_without_a_known_subprotocol_is_refused() {
    assertThatThrownBy(() -> shake()).isInstanceOf(WebSocketClient.Refused.class);
    assertThatThrownBy(() -> shake("other")).isInstanceOf(WebSocketClient.Refused.class);
  }

  @Test
  @Conforms("MQIsdp-18")
  void the_subprotocol_of_3_1_is_selected_as_well() throws IOException {
    assertThat(shake("mqttv3.1").subprotocol()).isEqualTo("mqttv3.1");
    assertThat(shake("mqttv3.1", "mqtt").subprotocol()).isIn("mqtt", "mqttv3.1");
    MqttSocket socket =
        clients.over(
            Link.tcp(relais.webSocket()).webSocket(host(), "/mqtt", List.of("mqttv3.1")), MQTT_3_1);
    socket.connect(clients.id());
  }

  @Test
  @Conforms({"MQTT-6.0.0-2", "v3:MQTT-6.0.0-2"})
  void a_large_message_passes_in_whatever_frames() throws IOException {
    String topic = clients.topic();
    String large = "x".repeat(500_000);
    MqttSocket subscriber = connected(MQTT_3_1_1);
    subscriber.subscribe(topic, 1);

    connected(MQTT_5).publish(topic, large, 1);

    assertThat(text(subscriber.receive())).isEqualTo(large);
  }
}
