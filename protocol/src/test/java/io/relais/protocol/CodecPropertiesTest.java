package io.relais.protocol;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;

import io.relais.protocol.PacketVectors.Vector;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class CodecPropertiesTest {
  private static final List<Vector> VECTORS = PacketVectors.all();

  @Test
  void every_packet_survives_the_round_trip_in_every_version() {
    Cases.run(
        20_000,
        random -> {
          ProtocolVersion v = RandomPackets.oneOf(random, ProtocolVersion.values());
          Sender from = RandomPackets.oneOf(random, Sender.values());
          Packet packet = new RandomPackets(random, v, from).next();
          byte[] bytes = encode(packet, v);

          Packet decoded = PacketDecoder.decode(v, from, bytes, 0, bytes.length);

          assertThat(decoded).isEqualTo(packet);
        });
  }

  @Test
  void random_bytes_give_a_packet_or_malformed_packet_and_both_faces_agree() {
    Cases.run(
        40_000,
        random -> {
          byte[] bytes = new byte[2 + random.nextInt(60)];
          random.nextBytes(bytes);
          bytes[1] = (byte) (bytes.length - 2);
          if (random.nextInt(4) > 0) { // a header that says something
            PacketType type = RandomPackets.oneOf(random, PacketType.values());
            bytes[0] = (byte) type.headerByte();
          }

          checkAnswers(random, bytes);
        });
  }

  @Test
  void mutated_packets_give_a_packet_or_malformed_packet_and_both_faces_agree() {
    Cases.run(
        40_000,
        random -> {
          byte[] bytes = mutated(random, valid(random));

          checkAnswers(random, bytes);
        });
  }

  private static byte[] valid(Random random) {
    if (random.nextBoolean()) {
      return RandomPackets.oneOf(random, VECTORS.toArray(Vector[]::new)).bytes().clone();
    }
    ProtocolVersion v = RandomPackets.oneOf(random, ProtocolVersion.values());
    Sender from = RandomPackets.oneOf(random, Sender.values());
    return encode(new RandomPackets(random, v, from).next(), v);
  }

  private static byte[] mutated(Random random, byte[] bytes) {
    for (int i = random.nextInt(3); i >= 0; i--) {
      int at = random.nextInt(bytes.length);
      switch (random.nextInt(4)) {
        case 0 -> bytes[at] ^= (byte) (1 << random.nextInt(8));
        case 1 -> bytes[at] = (byte) random.nextInt();
        case 2 -> bytes[at] = 0;
        default -> {
          int length = Math.max(2, at);
          bytes = Arrays.copyOf(bytes, length);
        }
      }
    }
    if (bytes.length > 1 && bytes.length < 0x80 && random.nextBoolean()) {
      bytes[1] = (byte) (bytes.length - 2); // so that more than the frame is looked at
    }
    return bytes;
  }

  /// Also that nothing outside of the packet is read: around it stands what would be refused, once,
  /// and what would be taken, another time.
  private static void checkAnswers(Random random, byte[] bytes) {
    ProtocolVersion v = RandomPackets.oneOf(random, ProtocolVersion.values());
    Sender from = RandomPackets.oneOf(random, Sender.values());

    Object record = record(v, from, bytes, 0, bytes.length);
    byte[] around = new byte[bytes.length + 16];
    Arrays.fill(around, (byte) random.nextInt());
    System.arraycopy(bytes, 0, around, 8, bytes.length);

    assertThat(record(v, from, around, 8, 8 + bytes.length)).isEqualTo(record);
    int type = bytes[0] >> 4 & 0x0F;
    if (type >= PacketType.PUBLISH.number() && type <= PacketType.PUBCOMP.number()) {
      assertThat(view(v, from, around, 8, 8 + bytes.length)).isEqualTo(record);
    }
    if (record instanceof Packet packet) {
      byte[] encoded = encode(packet, v);
      assertThat(record(v, from, encoded, 0, encoded.length)).isEqualTo(packet);
    }
  }

  /// The packet, or the reason and the sentence of its refusal.
  private static Object record(ProtocolVersion v, Sender from, byte[] a, int at, int end) {
    try {
      return PacketDecoder.decode(v, from, a, at, end);
    } catch (MalformedPacket refused) {
      return refused.reason() + ": " + refused.getMessage();
    }
  }

  private static Object view(ProtocolVersion v, Sender from, byte[] a, int at, int end) {
    try {
      if (at < end && (a[at] & 0xF0) == 0x30) {
        PublishView view = new PublishView();
        PacketDecoder.publish(v, from, a, at, end, view);
        view.checkTopic();
        checkTrusted(v, a, at, end, view);
        return view.toPacket();
      }
      AckView view = new AckView();
      PacketDecoder.ack(v, a, at, end, view);
      return view.toPacket();
    } catch (MalformedPacket refused) {
      return refused.reason() + ": " + refused.getMessage();
    }
  }

  private static void checkTrusted(
      ProtocolVersion v, byte[] a, int at, int end, PublishView checked) {
    PublishView trusted = new PublishView();
    PacketDecoder.publishTrusted(v, a, at, end, trusted);
    assertThat(places(trusted)).isEqualTo(places(checked));

    byte[] forwarded = new byte[trusted.forwardableLength()];
    if (trusted.copyForwardable(forwarded, 0) != forwarded.length) {
      fail("forwardableLength() and copyForwardable() disagree");
    }
    List<Properties.Entry> expected =
        trusted.toPacket().properties().entries().stream()
            .filter(
                e ->
                    switch (e.property()) {
                      case TOPIC_ALIAS, MESSAGE_EXPIRY_INTERVAL, SUBSCRIPTION_IDENTIFIER -> false;
                      default -> true;
                    })
            .toList();
    assertThat(Fields.trustedProperties(forwarded, 0, forwarded.length).entries())
        .isEqualTo(expected);
  }

  private static List<Object> places(PublishView view) {
    return List.of(
        view.version(),
        view.start(),
        view.end(),
        view.topicStart(),
        view.topicEnd(),
        view.packetIdStart(),
        view.propertiesStart(),
        view.propertiesEnd(),
        view.payloadStart(),
        view.topicAlias(),
        view.messageExpirySeconds(),
        view.forwardsAsIs(),
        view.forwardableLength());
  }

  private static byte[] encode(Packet packet, ProtocolVersion v) {
    byte[] bytes = new byte[PacketEncoder.size(packet, v)];
    assertThat(PacketEncoder.write(packet, v, bytes, 0)).isEqualTo(bytes.length);
    return bytes;
  }
}
