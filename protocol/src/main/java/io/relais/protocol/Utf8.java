package io.relais.protocol;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/// MQTT's rules for strings, checked on the bytes: well-formed UTF-8 without surrogates and without
/// U+0000. Eight bytes at a time as long as they are plain ASCII, which topics nearly always are.
final class Utf8 {
  private static final VarHandle LONGS =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);
  private static final long ONES = 0x0101010101010101L;
  private static final long HIGH_BITS = 0x8080808080808080L;

  private Utf8() {}

  /// The position of the first byte that may not stand in a string, or -1 where there is none.
  static int firstBadByte(byte[] a, int at, int end) {
    while (at < end) {
      // A byte of 0 borrows into its high bit; a hit may also be a neighbour, so that it only sends
      // us to the careful way below.
      while (at + Long.BYTES <= end) {
        long eight = (long) LONGS.get(a, at);
        if (((eight | (eight - ONES)) & HIGH_BITS) != 0) {
          break;
        }
        at += Long.BYTES;
      }
      if (at == end) {
        return -1;
      }
      int length = characterLength(a, at, end);
      if (length == 0) {
        return at;
      }
      at += length;
    }
    return -1;
  }

  /// The position of the first `+` or `#`, or -1 where there is none. The bytes of longer
  /// characters are all above these two.
  static int firstWildcard(byte[] a, int at, int end) {
    for (int i = at; i < end; i++) {
      if (a[i] == '+' || a[i] == '#') {
        return i;
      }
    }
    return -1;
  }

  /// The bytes of the character at `at`, or 0 where it is not one that a string may hold.
  private static int characterLength(byte[] a, int at, int end) {
    int first = a[at];
    if (first >= 0) {
      return first == 0 ? 0 : 1; // [MQTT-1.5.4-2] [v3:MQTT-1.5.3-2]
    }
    first &= 0xFF;
    if (first < 0xC2) {
      return 0; // a continuation byte, or a longer form of an ASCII character
    }
    if (first < 0xE0) {
      return continues(a, at + 1, end, 0x80, 0xBF) ? 2 : 0;
    }
    if (first < 0xF0) {
      int low = first == 0xE0 ? 0xA0 : 0x80;
      int high = first == 0xED ? 0x9F : 0xBF; // [MQTT-1.5.4-1] [v3:MQTT-1.5.3-1]: no surrogates
      return continues(a, at + 1, end, low, high) && continues(a, at + 2, end, 0x80, 0xBF) ? 3 : 0;
    }
    int low = first == 0xF0 ? 0x90 : 0x80;
    int high = first == 0xF4 ? 0x8F : 0xBF;
    return first <= 0xF4
            && continues(a, at + 1, end, low, high)
            && continues(a, at + 2, end, 0x80, 0xBF)
            && continues(a, at + 3, end, 0x80, 0xBF)
        ? 4
        : 0;
  }

  private static boolean continues(byte[] a, int at, int end, int low, int high) {
    return at < end && (a[at] & 0xFF) >= low && (a[at] & 0xFF) <= high;
  }

  /// The bytes that a string takes in UTF-8.
  ///
  /// @throws IllegalArgumentException if it holds half of a surrogate pair, which UTF-8 cannot say
  static int length(String text) {
    int bytes = 0;
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c < 0x80) {
        bytes++;
      } else if (c < 0x800) {
        bytes += 2;
      } else if (!Character.isSurrogate(c)) {
        bytes += 3;
      } else if (Character.isHighSurrogate(c)
          && i + 1 < text.length()
          && Character.isLowSurrogate(text.charAt(i + 1))) {
        bytes += 4;
        i++;
      } else {
        throw new IllegalArgumentException(
            "Half a surrogate pair (U+%04X) stands at index %d; UTF-8 has no bytes for it"
                .formatted((int) c, i));
      }
    }
    return bytes;
  }

  /// Writes a string that [#length(String)] has measured; returns the position after it.
  static int write(String text, byte[] out, int at) {
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c < 0x80) {
        out[at++] = (byte) c;
      } else if (c < 0x800) {
        out[at++] = (byte) (0xC0 | c >> 6);
        out[at++] = (byte) (0x80 | (c & 0x3F));
      } else if (!Character.isSurrogate(c)) {
        out[at++] = (byte) (0xE0 | c >> 12);
        out[at++] = (byte) (0x80 | (c >> 6 & 0x3F));
        out[at++] = (byte) (0x80 | (c & 0x3F));
      } else {
        int point = Character.toCodePoint(c, text.charAt(++i));
        out[at++] = (byte) (0xF0 | point >> 18);
        out[at++] = (byte) (0x80 | (point >> 12 & 0x3F));
        out[at++] = (byte) (0x80 | (point >> 6 & 0x3F));
        out[at++] = (byte) (0x80 | (point & 0x3F));
      }
    }
    return at;
  }
}
