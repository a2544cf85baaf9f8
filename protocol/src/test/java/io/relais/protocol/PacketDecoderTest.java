package io.relais.protocol;

import static io.relais.protocol.ProtocolVersion.MQTT_3_1_1;
import static io.relais.protocol.ProtocolVersion.MQTT_5;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import org.assertj.core.api.InstanceOfAssertFactories;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PacketDecoderTest {
  @ParameterizedTest
  @CsvSource({
    "30 00, 2",
    "30 7F, 129",
    "30 80 01, 131",
    "30 FF 7F, 16386",
    "30 80 80 01, 16388",
    "30 FF FF 7F, 2097155",
    "30 80 80 80 01, 2097157",
    "30 FF FF FF 7F, 268435460",
  })
  void the_frame_length_is_the_remaining_length_and_its_header(String header, int length)
      throws Exception {
    byte[] bytes = hex(header);

    assertThat(PacketDecoder.frameLength(MQTT_5, bytes, 0, bytes.length, Integer.MAX_VALUE))
        .isEqualTo(length);
  }

  @Test
  void a_packet_over_the_maximum_is_refused_by_its_header_alone() throws Exception {
    byte[] header = hex("30 80 01");

    assertThat(PacketDecoder.frameLength(MQTT_5, header, 0, 3, 131)).isEqualTo(131);
    assertThatThrownBy(() -> PacketDecoder.frameLength(MQTT_5, header, 0, 3, 130))
        .hasMessage("A packet of 131 bytes is announced; the maximum is 130")
        .asInstanceOf(InstanceOfAssertFactories.type(MalformedPacket.class))
        .returns(ReasonCode.PACKET_TOO_LARGE, MalformedPacket::reason);
  }

  @Test
  void wrong_flags_are_refused_by_the_first_byte_alone() {
    assertThatThrownBy(() -> PacketDecoder.frameLength(MQTT_5, hex("36"), 0, 1, 100))
        .hasMessage("The QoS of PUBLISH is 3; it is 0, 1 or 2");
    assertThatThrownBy(() -> PacketDecoder.frameLength(MQTT_3_1_1, hex("80"), 0, 1, 100))
        .hasMessage("The flags of SUBSCRIBE are 0x0; they are 0x2");
  }

  @ParameterizedTest
  @CsvSource({
    "10 0D 00 04 4D 51 54 54 04 02 00 3C 00 01 63, 4",
    "10 0D 00 04 4D 51 54 54 84 02 00 3C 00 01 63, 4",
    "10 0D 00 04 4D 51 54 54 06, 6",
    "10 8D 01 00 04 4D 51 54 54 7F, 127",
    "10 0F 00 06 4D 51 49 73 64 70 03, 3",
    "10 0F 00 06 4D 51 49 73 64 70 83, 3",
    "10 0F 00 06 4D 51 49 73 64 70, -1",
    "10 0D 00 04 4D 51 54 58 04, -1",
    "10 0D 00 04 4D 51 54, -1",
    "10 FF FF FF FF, -1",
    "10, -1",
    "47 45 54 20, -1",
    "'', -1",
  })
  void the_level_of_a_connect_is_told_even_if_it_is_not_spoken_here(String bytes, int level) {
    assertThat(PacketDecoder.connectLevel(hex(bytes), 0, hex(bytes).length)).isEqualTo(level);
  }

  @Test
  void a_publish_view_tells_where_everything_stands() throws Exception {
    byte[] bytes =
        hex("FF FF 3B 15 00 03 61 2F 62 00 07 0D 23 00 05 02 00 00 00 3C 26 00 00 00 00 78 79 FF");
    PublishView view = new PublishView();

    PacketDecoder.publish(MQTT_5, Sender.CLIENT, bytes, 2, 25, view);

    assertThat(view.array()).isSameAs(bytes);
    assertThat(view.start()).isEqualTo(2);
    assertThat(view.end()).isEqualTo(25);
    assertThat(view.qos()).isEqualTo(1);
    assertThat(view.dup()).isTrue();
    assertThat(view.retain()).isTrue();
    assertThat(view.topicStart()).isEqualTo(6);
    assertThat(view.topicEnd()).isEqualTo(9);
    assertThat(view.topic()).isEqualTo("a/b");
    assertThat(view.packetIdStart()).isEqualTo(9);
    assertThat(view.packetId()).isEqualTo(7);
    assertThat(view.propertiesStart()).isEqualTo(12);
    assertThat(view.propertiesEnd()).isEqualTo(25);
    assertThat(view.payloadStart()).isEqualTo(25);
    assertThat(view.topicAlias()).isEqualTo(5);
    assertThat(view.messageExpirySeconds()).isEqualTo(60);
    assertThat(view.forwardsAsIs()).isFalse();
    assertThat(view.forwardableLength()).isEqualTo(5);
  }

  @Test
  void a_view_forgets_the_packet_before() throws Exception {
    byte[] rich = hex("32 0F 00 01 61 00 07 08 23 00 05 02 00 00 00 3C 78");
    byte[] plain = hex("30 03 00 01 61");
    PublishView view = new PublishView();
    PacketDecoder.publish(MQTT_5, Sender.CLIENT, rich, 0, rich.length, view);

    PacketDecoder.publish(MQTT_3_1_1, Sender.CLIENT, plain, 0, plain.length, view);

    assertThat(view.packetId()).isZero();
    assertThat(view.packetIdStart()).isEqualTo(-1);
    assertThat(view.topicAlias()).isZero();
    assertThat(view.messageExpirySeconds()).isEqualTo(-1);
    assertThat(view.forwardsAsIs()).isTrue();
    assertThat(view.forwardableLength()).isZero();
    assertThat(view.propertiesStart()).isEqualTo(5);
    assertThat(view.propertiesEnd()).isEqualTo(5);
    assertThat(view.payloadStart()).isEqualTo(5);
  }

  @Test
  void a_view_is_made_of_its_own_types_only() {
    byte[] ping = hex("C0 00");

    assertThatThrownBy(
            () -> PacketDecoder.publish(MQTT_5, Sender.CLIENT, ping, 0, 2, new PublishView()))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("PINGREQ");
    assertThatThrownBy(() -> PacketDecoder.ack(MQTT_5, ping, 0, 2, new AckView()))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("PINGREQ");
  }

  @Test
  void user_properties_are_found_by_the_bytes_of_their_names() throws Exception {
    Properties properties =
        Properties.builder()
            .addUser("a", "1")
            .add(Property.CONTENT_TYPE, "a")
            .addUser("ab", "2")
            .addUser("a", "")
            .addUser("\u00e9", "3")
            .build();
    var packet = new Packet.Publish(false, 0, false, "t", 0, properties, new byte[] {1});
    byte[] bytes = new byte[PacketEncoder.size(packet, MQTT_5)];
    PacketEncoder.write(packet, MQTT_5, bytes, 0);
    PublishView view = new PublishView();

    PacketDecoder.publish(MQTT_5, Sender.CLIENT, bytes, 0, bytes.length, view);

    assertThat(view.hasUserProperty()).isTrue();
    assertThat(userProperties(view, "a")).containsExactly("1", "");
    assertThat(userProperties(view, "ab")).containsExactly("2");
    assertThat(userProperties(view, "\u00e9")).containsExactly("3");
    assertThat(userProperties(view, "b")).isEmpty();
    assertThat(userProperties(view, "")).isEmpty();
  }

  @Test
  void a_view_without_user_properties_has_none_of_the_packet_before() throws Exception {
    byte[] with = hex("30 0B 00 01 74 07 26 00 01 61 00 01 62");
    byte[] without = hex("30 08 00 01 74 04 03 00 01 61");
    byte[] plain = hex("30 03 00 01 74");
    PublishView view = new PublishView();

    PacketDecoder.publish(MQTT_5, Sender.CLIENT, with, 0, with.length, view);
    assertThat(userProperties(view, "a")).containsExactly("b");
    PacketDecoder.publish(MQTT_5, Sender.CLIENT, without, 0, without.length, view);
    assertThat(view.hasUserProperty()).isFalse();
    assertThat(userProperties(view, "a")).isEmpty();

    PacketDecoder.publishTrusted(MQTT_5, with, 0, with.length, view);
    assertThat(userProperties(view, "a")).containsExactly("b");
    PacketDecoder.publish(MQTT_3_1_1, Sender.CLIENT, plain, 0, plain.length, view);
    assertThat(view.hasUserProperty()).isFalse();
    assertThat(userProperties(view, "a")).isEmpty();
  }

  private static List<String> userProperties(PublishView view, String name) {
    byte[] bytes = name.getBytes(UTF_8);
    List<String> found = new ArrayList<>();
    int start = view.userProperty(bytes, view.propertiesStart());
    while (start >= 0) {
      int end = view.userPropertyEnd(start);
      found.add(new String(view.array(), start, end - start, UTF_8));
      start = view.userProperty(bytes, end);
    }
    return found;
  }

  @Test
  void views_are_filled_without_allocating() throws Exception {
    byte[] publish = hex("32 15 00 03 61 2F 62 00 07 0B 23 00 05 26 00 01 61 00 02 C3 A9 78 79");
    byte[] ack = hex("40 0A 00 07 10 06 1F 00 03 77 68 79");
    PublishView view = new PublishView();
    AckView ackView = new AckView();
    ThreadMXBean thread = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    long allocated = 0;

    for (int i = 0; i < 20_000; i++) {
      if (i == 10_000) { // classes are loaded by then
        allocated = thread.getCurrentThreadAllocatedBytes();
      }
      int end = PacketDecoder.frameLength(MQTT_5, publish, 0, publish.length, 1000);
      PacketDecoder.publish(MQTT_5, Sender.CLIENT, publish, 0, end, view);
      view.checkTopic();
      PacketDecoder.publishTrusted(MQTT_5, publish, 0, end, view);
      PacketDecoder.ack(MQTT_5, ack, 0, ack.length, ackView);
    }

    long perRound = (thread.getCurrentThreadAllocatedBytes() - allocated) / 10_000;
    assertThat(perRound).isZero();
    assertThat(view.topicAlias()).isEqualTo(5);
    assertThat(ackView.reasonCode()).isEqualTo(0x10);
  }

  private static byte[] hex(String text) {
    return HexFormat.of().parseHex(text.replace(" ", ""));
  }
}
