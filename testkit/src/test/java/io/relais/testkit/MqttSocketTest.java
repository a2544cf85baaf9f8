package io.relais.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.relais.protocol.Packet;
import io.relais.protocol.PacketText;
import io.relais.protocol.PacketType;
import io.relais.protocol.Properties;
import io.relais.protocol.Property;
import io.relais.protocol.ProtocolVersion;
import io.relais.protocol.ReasonCode;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.PipedInputStream;
import java.io.PipedOutputStream;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// The test client against bytes that a test plays as the server.
class MqttSocketTest {
  private final ByteArrayOutputStream sent = new ByteArrayOutputStream();
  private final PipedOutputStream server = new PipedOutputStream();
  private MqttSocket socket;

  @BeforeEach
  void connect() throws IOException {
    InputStream in = new PipedInputStream(server, 1 << 16);
    socket =
        new MqttSocket("A", new Link(in, sent, server, server), ProtocolVersion.MQTT_5)
            .patience(Duration.ofSeconds(2));
  }

  @AfterEach
  void close() {
    socket.close();
  }

  private void serve(String hex) throws IOException {
    server.write(Bytes.hex(hex));
    server.flush();
  }

  @Test
  void a_connect_has_the_bytes_of_the_standard() throws IOException {
    serve("20 03 00 00 00");

    socket.connect("ab", how -> how.keepAlive(10).sessionExpiry(5).will("w", "x", 1, true));

    assertThat(sent.toByteArray())
        .isEqualTo(
            Bytes.hex(
                "10 1b 0004 4d515454 05 2e 000a 05 11 00000005 0002 6162 00 0001 77 0001 78"));
  }

  @Test
  void a_message_is_read_with_its_properties() throws IOException {
    serve("20 03 00 00 00  32 0e 0001 61 0007 07 02 0000003c 0b 01 78");
    socket.connect("ab");

    Packet.Publish message = socket.expectPublish();

    assertThat(message.packetId()).isEqualTo(7);
    assertThat(message.properties().longValue(Property.MESSAGE_EXPIRY_INTERVAL, -1)).isEqualTo(60);
    assertThat(message.properties().intValue(Property.SUBSCRIPTION_IDENTIFIER, 0)).isEqualTo(1);
  }

  @Test
  void what_arrives_during_a_verb_is_what_the_next_expect_sees() throws IOException {
    serve("20 03 00 00 00  30 04 0001 61 00  90 04 0001 00 01");
    socket.connect("ab");

    socket.subscribe("a", 1);

    assertThat(socket.expectPublish().topic()).isEqualTo("a");
  }

  @Test
  void an_unexpected_packet_fails_with_the_conversation() throws IOException {
    serve("20 03 00 00 00  30 04 0001 61 00");
    socket.connect("ab");

    assertThatThrownBy(() -> socket.expectAck(PacketType.PUBACK, 1))
        .isInstanceOf(AssertionError.class)
        .hasMessageContaining("A> CONNECT v5.0 id=ab")
        .hasMessageContaining("A< PUBLISH q0 a");
  }

  @Test
  void reserved_bits_of_the_server_are_noticed() throws IOException {
    serve("20 03 02 00 00");
    socket.sendConnect("ab", how -> how);

    assertThatThrownBy(socket::expectPacket).hasMessageContaining("acknowledge flags");
  }

  @Test
  void a_length_that_is_not_minimal_is_noticed() throws IOException {
    serve("20 83 00 00 00 00");
    socket.sendConnect("ab", how -> how);

    assertThatThrownBy(socket::expectPacket).hasMessageContaining("shortest form");
  }

  @Test
  void a_refusal_may_be_silent_or_give_an_allowed_reason_before_the_end() throws IOException {
    serve("20 03 00 81 00");
    server.close();

    ReasonCode reason =
        socket.expectRefused(ReasonCode.PROTOCOL_ERROR, ReasonCode.MALFORMED_PACKET);

    assertThat(reason).isEqualTo(ReasonCode.MALFORMED_PACKET);
  }

  @Test
  void a_refusal_with_another_reason_fails() throws IOException {
    serve("20 03 00 81 00");
    server.close();

    assertThatThrownBy(() -> socket.expectRefused(ReasonCode.PROTOCOL_ERROR))
        .hasMessageContaining("PROTOCOL_ERROR");
  }

  @Test
  void a_packet_that_stops_amid_its_bytes_is_no_orderly_end() throws IOException {
    serve("20 03 00");
    server.close();

    assertThatThrownBy(socket::expectClosed).hasMessageContaining("amid a packet");
  }

  @Test
  void the_written_form_of_a_packet_can_be_read_again() {
    Packet packet =
        new Packet.Connect(
            ProtocolVersion.MQTT_5,
            false,
            false,
            7,
            Properties.builder()
                .add(Property.RECEIVE_MAXIMUM, 3)
                .addUser("a b", "say \"x\"")
                .add(Property.AUTHENTICATION_DATA, new byte[] {0, (byte) 0xFF})
                .build(),
            "id 1",
            new Packet.Will(
                "w/t",
                new byte[] {'x'},
                2,
                true,
                Properties.builder().add(Property.WILL_DELAY_INTERVAL, 9L).build()),
            "me",
            null);

    String text = PacketText.of(packet, ProtocolVersion.MQTT_5);

    assertThat(new PacketWords(text).packet(ProtocolVersion.MQTT_3_1)).isEqualTo(packet);
  }
}
