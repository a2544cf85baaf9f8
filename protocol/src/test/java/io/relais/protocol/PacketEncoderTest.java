package io.relais.protocol;

import static io.relais.protocol.ProtocolVersion.MQTT_3_1;
import static io.relais.protocol.ProtocolVersion.MQTT_3_1_1;
import static io.relais.protocol.ProtocolVersion.MQTT_5;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Arrays;
import java.util.Collections;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class PacketEncoderTest {
  @ParameterizedTest
  @CsvSource({
    "PUBACK, 1, 0, MQTT_5, 40020001",
    "PUBREC, 65535, 0, MQTT_3_1_1, 5002ffff",
    "PUBREL, 7, 0x92, MQTT_5, 6203000792",
    "PUBREL, 7, 0, MQTT_3_1, 62020007",
    "PUBCOMP, 256, 0x92, MQTT_5, 7003010092",
    "PUBACK, 1, 0x87, MQTT_3_1_1, 40020001",
  })
  void an_ack_in_its_short_form_has_a_reason_only_where_it_says_something(
      PacketType type, int id, String reason, ProtocolVersion v, String expected) {
    byte[] out = new byte[6];

    int stop = PacketEncoder.writeAck(out, 1, type, id, Integer.decode(reason), v);

    assertThat(HexFormat.of().formatHex(out, 1, stop)).isEqualTo(expected);
  }

  @ParameterizedTest
  @ValueSource(
      ints = {0, 1, 127, 128, 16_383, 16_384, 2_097_151, 2_097_152, 268_435_454, 268_435_455})
  void a_variable_byte_integer_takes_as_many_bytes_as_announced_and_reads_back(int n)
      throws Exception {
    byte[] out = new byte[4];

    int stop = PacketEncoder.writeVariable(out, 0, n);

    assertThat(stop).isEqualTo(PacketEncoder.variableSize(n));
    assertThat(Fields.variable(out, 0, stop, "n")).isEqualTo(n);
    assertThat(Fields.trustedVariable(out, 0)).isEqualTo(n);
  }

  @Test
  void numbers_are_written_big_endian() {
    byte[] out = new byte[6];

    PacketEncoder.writeInt(out, PacketEncoder.writeShort(out, 0, 0x1234), 0xCAFEBABE);

    assertThat(HexFormat.of().formatHex(out)).isEqualTo("1234cafebabe");
  }

  @Test
  void a_field_over_its_limit_is_refused_before_anything_is_written() {
    Packet longTopic =
        new Packet.Publish(false, 0, false, "x".repeat(65_536), 0, Properties.NONE, new byte[0]);
    List<String> filters = Collections.nCopies(4_096, "x".repeat(65_535));
    Packet manyFilters = new Packet.Unsubscribe(1, Properties.NONE, filters);

    assertThatThrownBy(() -> PacketEncoder.size(longTopic, MQTT_3_1_1))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("65536");
    assertThatThrownBy(() -> PacketEncoder.size(manyFilters, MQTT_3_1_1))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("268439554");
  }

  @Test
  void properties_and_reasons_of_acks_are_left_out_in_3x() {
    Properties properties = Properties.builder().addUser("a", "b").build();
    Packet ack = new Packet.Puback(1, ReasonCode.NOT_AUTHORIZED, properties);

    assertThat(PacketEncoder.size(ack, MQTT_3_1_1)).isEqualTo(4);
    assertThat(PacketEncoder.size(ack, MQTT_5)).isEqualTo(4 + 1 + 1 + 7);
  }

  @Test
  void what_a_version_cannot_say_is_refused() {
    Packet moved = new Packet.Connack(false, ReasonCode.MALFORMED_PACKET, Properties.NONE);
    Packet denied = new Packet.Suback(1, Properties.NONE, List.of(ReasonCode.NOT_AUTHORIZED));
    Packet auth = new Packet.Auth(ReasonCode.SUCCESS, Properties.NONE);

    assertThatThrownBy(() -> PacketEncoder.size(moved, MQTT_3_1_1))
        .hasMessageContaining("MALFORMED_PACKET");
    assertThatThrownBy(() -> PacketEncoder.size(denied, MQTT_3_1)).hasMessageContaining("3.1");
    assertThatThrownBy(() -> PacketEncoder.size(auth, MQTT_3_1_1)).hasMessageContaining("AUTH");
  }

  @ParameterizedTest
  @EnumSource(
      value = ReasonCode.class,
      names = {"NOT_AUTHORIZED", "TOPIC_FILTER_INVALID", "QUOTA_EXCEEDED"})
  void every_refusal_of_a_subscription_is_0x80_in_3_1_1(ReasonCode reason) {
    Packet suback =
        new Packet.Suback(1, Properties.NONE, List.of(ReasonCode.GRANTED_QOS_1, reason));
    byte[] out = new byte[6];

    PacketEncoder.write(suback, MQTT_3_1_1, out, 0);

    assertThat(Arrays.copyOfRange(out, 4, 6)).containsExactly(1, 0x80);
  }
}
