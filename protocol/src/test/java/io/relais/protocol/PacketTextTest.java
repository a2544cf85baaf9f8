package io.relais.protocol;

import static io.relais.protocol.ProtocolVersion.MQTT_3_1_1;
import static io.relais.protocol.ProtocolVersion.MQTT_5;
import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/// What operators see of packets.
class PacketTextTest {
  private static final byte[] SECRET = "secret".getBytes(StandardCharsets.UTF_8);

  private static Packet.Connect connect(String username, Properties properties) {
    var will = new Packet.Will("w", SECRET, 1, true, Properties.NONE);
    return new Packet.Connect(
        MQTT_5, false, true, 30, properties, "press 7", will, username, SECRET);
  }

  @Test
  void neither_passwords_nor_authentication_data_nor_payloads_are_told() {
    Properties properties =
        Properties.builder()
            .add(Property.AUTHENTICATION_METHOD, "SCRAM")
            .add(Property.AUTHENTICATION_DATA, SECRET)
            .build();

    String text = PacketText.told(connect("ann", properties), MQTT_5, 1_000);

    assertThat(text)
        .isEqualTo(
            "CONNECT v5.0 id=\"press 7\" keep-alive=30 username=ann password=..."
                + " authentication-method=\"SCRAM\" authentication-data=..."
                + " will q1 retain w (6 bytes)");
  }

  @Test
  void a_token_in_the_place_of_the_user_name_is_not_told() {
    String token = "eyJhbGciOiJIUzI1NiJ9.e30.c2lnbmF0dXJl";

    assertThat(PacketText.told(connect(token, Properties.NONE), MQTT_5, 1_000))
        .contains("username=... ")
        .doesNotContain("eyJ");
  }

  @Test
  void a_packet_of_any_size_gives_a_text_that_is_bounded() {
    List<Packet.Subscription> many = new ArrayList<>();
    for (int i = 0; i < 10_000; i++) {
      many.add(new Packet.Subscription("plant/" + i, 1, false, false, 0));
    }
    var properties = Properties.builder();
    for (int i = 0; i < 1_000; i++) {
      properties.addUser("😀".repeat(500), "😀".repeat(500));
    }
    var subscribe = new Packet.Subscribe(1, properties.build(), many);
    var publish =
        new Packet.Publish(false, 0, false, "x😀".repeat(20_000), 0, properties.build(), SECRET);

    assertThat(PacketText.told(subscribe, MQTT_5, 300)).hasSizeBetween(200, 400);
    String text = PacketText.told(publish, MQTT_5, 1_000);
    assertThat(text).hasSizeBetween(500, 1_010);
    assertThat(StandardCharsets.UTF_8.newEncoder().canEncode(text)).as("no half pairs").isTrue();
  }

  @Test
  void a_view_is_told_like_the_packet_that_it_makes() throws MalformedPacket {
    var packet =
        new Packet.Publish(
            true,
            2,
            true,
            "plant/lyon",
            7,
            Properties.builder().addUser("a", "b c").build(),
            SECRET);
    byte[] bytes = new byte[PacketEncoder.size(packet, MQTT_5)];
    PacketEncoder.write(packet, MQTT_5, bytes, 0);
    var view = new PublishView();

    PacketDecoder.publish(MQTT_5, Sender.CLIENT, bytes, 0, bytes.length, view);

    assertThat(PacketText.told(view, 6, 1_000)).isEqualTo(PacketText.told(packet, MQTT_5, 1_000));
    assertThat(PacketText.of(new Packet.Pingreq(), MQTT_3_1_1)).isEqualTo("PINGREQ");
  }
}
