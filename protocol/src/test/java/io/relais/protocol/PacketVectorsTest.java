package io.relais.protocol;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.relais.protocol.PacketVectors.Outcome;
import io.relais.protocol.PacketVectors.Vector;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.assertj.core.api.InstanceOfAssertFactories;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class PacketVectorsTest {
  static List<Vector> all() {
    return PacketVectors.all();
  }

  static List<Vector> accepted() {
    return all().stream().filter(v -> v.outcome() instanceof Outcome.Accepted).toList();
  }

  static List<Vector> canonical() {
    return accepted().stream().filter(v -> ((Outcome.Accepted) v.outcome()).canonical()).toList();
  }

  @ParameterizedTest
  @MethodSource("all")
  void the_decoder_gives_the_packet_or_the_reason_that_the_row_names(Vector row) throws Exception {
    switch (row.outcome()) {
      case Outcome.Accepted(String text, boolean _) ->
          assertThat(PacketNotation.of(decode(row), row.version())).isEqualTo(text);
      case Outcome.Refused(ReasonCode reason) ->
          assertThatThrownBy(() -> decode(row))
              .asInstanceOf(InstanceOfAssertFactories.type(MalformedPacket.class))
              .returns(reason, MalformedPacket::reason)
              .extracting(MalformedPacket::getMessage)
              .asString()
              .isNotBlank();
    }
  }

  @ParameterizedTest
  @MethodSource("canonical")
  void the_encoder_writes_the_bytes_of_the_row_and_no_more(Vector row) throws Exception {
    Packet packet = decode(row);
    byte[] out = new byte[row.bytes().length + 4];

    int size = PacketEncoder.size(packet, row.version());
    int stop = PacketEncoder.write(packet, row.version(), out, 2);

    assertThat(size).isEqualTo(row.bytes().length);
    assertThat(stop).isEqualTo(2 + size);
    assertThat(Arrays.copyOfRange(out, 2, stop)).isEqualTo(row.bytes());
    assertThat(new byte[] {out[0], out[1], out[stop], out[stop + 1]}).containsOnly(0);
  }

  @ParameterizedTest
  @MethodSource("accepted")
  void what_the_encoder_makes_of_a_packet_decodes_to_the_same_packet(Vector row) throws Exception {
    Packet packet = decode(row);
    byte[] out = new byte[PacketEncoder.size(packet, row.version())];

    PacketEncoder.write(packet, row.version(), out, 0);

    assertThat(decode(row, out, 0, out.length)).isEqualTo(packet).hasSameHashCodeAs(packet);
  }

  @ParameterizedTest
  @MethodSource("accepted")
  void the_frame_is_known_as_soon_as_its_header_is_whole(Vector row) throws Exception {
    byte[] bytes = row.bytes();
    int headerLength = 1 + PacketEncoder.variableSize(bytes.length - 2);

    for (int end = 0; end <= bytes.length; end++) {
      int length = PacketDecoder.frameLength(row.version(), bytes, 0, end, bytes.length);
      assertThat(length).isEqualTo(end < headerLength ? 0 : bytes.length);
    }
  }

  @ParameterizedTest
  @MethodSource("accepted")
  void a_packet_in_the_middle_of_an_array_decodes_alike(Vector row) throws Exception {
    byte[] around = new byte[row.bytes().length + 20];
    Arrays.fill(around, (byte) 0xFF);
    System.arraycopy(row.bytes(), 0, around, 10, row.bytes().length);

    Packet packet = decode(row, around, 10, row.bytes().length);

    assertThat(packet).isEqualTo(decode(row));
  }

  @ParameterizedTest
  @MethodSource("accepted")
  void a_packet_that_breaks_off_is_refused(Vector row) {
    for (int end = 0; end < row.bytes().length; end++) {
      byte[] part = Arrays.copyOf(row.bytes(), end);
      assertThatThrownBy(() -> decode(row, part, 0, part.length))
          .isInstanceOf(MalformedPacket.class);
    }
  }

  @Test
  void the_table_has_every_packet_type_and_property_both_well_and_ill_formed() {
    Set<PacketType> accepted = EnumSet.noneOf(PacketType.class);
    Set<PacketType> refused = EnumSet.noneOf(PacketType.class);
    StringBuilder texts = new StringBuilder();

    for (Vector row : all()) {
      int type = row.bytes()[0] >> 4 & 0x0F;
      if (row.outcome() instanceof Outcome.Accepted(String text, boolean _)) {
        accepted.add(PacketType.of(type));
        texts.append(text).append('\n');
      } else if (type > 0) {
        refused.add(PacketType.of(type));
      }
    }

    assertThat(accepted).containsExactly(PacketType.values());
    assertThat(refused).containsExactly(PacketType.values());
    for (Property property : Property.values()) {
      String name =
          property == Property.USER_PROPERTY
              ? " user:"
              : " " + property.name().toLowerCase(Locale.ROOT).replace('_', '-') + "=";
      assertThat(texts).contains(name);
    }
  }

  private static Packet decode(Vector row) throws MalformedPacket {
    return decode(row, row.bytes(), 0, row.bytes().length);
  }

  private static Packet decode(Vector row, byte[] array, int at, int length)
      throws MalformedPacket {
    return PacketDecoder.decode(row.version(), row.sender(), array, at, at + length);
  }
}
