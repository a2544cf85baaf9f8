package io.relais.protocol;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;

class Utf8Test {
  @Test
  void every_character_but_u0000_and_surrogates_is_taken_and_written_as_the_platform_does() {
    for (int point = 1; point <= Character.MAX_CODE_POINT; point++) {
      if (point >= Character.MIN_SURROGATE && point <= Character.MAX_SURROGATE) {
        continue;
      }
      String text = Character.toString(point);
      byte[] expected = text.getBytes(UTF_8);
      byte[] written = new byte[Utf8.length(text)];

      Utf8.write(text, written, 0);

      if (!Arrays.equals(written, expected)
          || Utf8.firstBadByte(expected, 0, expected.length) != -1) {
        assertThat(written).as("U+%04X", point).isEqualTo(expected);
        assertThat(Utf8.firstBadByte(expected, 0, expected.length))
            .as("U+%04X", point)
            .isEqualTo(-1);
      }
    }
  }

  @Test
  void random_bytes_are_taken_if_the_platform_takes_them_and_no_zero_stands_among_them() {
    Cases.run(
        100_000,
        random -> {
          byte[] bytes = nearlyUtf8(random);
          int start = random.nextInt(bytes.length + 1);

          boolean taken = Utf8.firstBadByte(bytes, start, bytes.length) < 0;

          assertThat(taken).isEqualTo(platformTakes(bytes, start));
        });
  }

  @Test
  void the_first_bad_byte_is_found_wherever_it_stands() {
    for (int length = 1; length < 40; length++) {
      for (int bad = 0; bad < length; bad++) {
        byte[] zero = "x".repeat(length).getBytes(UTF_8);
        byte[] high = zero.clone();
        zero[bad] = 0;
        high[bad] = (byte) 0xFF;

        assertThat(Utf8.firstBadByte(zero, 0, length)).isEqualTo(bad);
        assertThat(Utf8.firstBadByte(high, 0, length)).isEqualTo(bad);
        assertThat(Utf8.firstBadByte(zero, 0, bad)).isEqualTo(-1);
      }
    }
  }

  @Test
  void half_a_surrogate_pair_cannot_be_written() {
    assertThatThrownBy(() -> Utf8.length("ab\uD83D"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("U+D83D")
        .hasMessageContaining("index 2");
  }

  private static byte[] nearlyUtf8(Random random) {
    byte[] bytes = new byte[random.nextInt(24)];
    int[] heads = {0x61, 0x61, 0x61, 0xC3, 0xE0, 0xED, 0xEF, 0xF0, 0xF4, 0xF5, 0xC1, 0x00};
    for (int i = 0; i < bytes.length; i++) {
      int low = random.nextBoolean() ? 0x80 : 0x90 + random.nextInt(0x30);
      boolean head = i == 0 || random.nextInt(3) > 0;
      bytes[i] = (byte) (head && bytes[Math.max(0, i - 1)] >= 0 ? heads[random.nextInt(12)] : low);
    }
    return bytes;
  }

  private static boolean platformTakes(byte[] bytes, int start) {
    try {
      UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes, start, bytes.length - start));
    } catch (CharacterCodingException malformed) {
      return false;
    }
    for (int i = start; i < bytes.length; i++) {
      if (bytes[i] == 0) {
        return false;
      }
    }
    return true;
  }
}
