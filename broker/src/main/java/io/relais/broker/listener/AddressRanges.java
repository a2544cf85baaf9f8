package io.relais.broker.listener;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// A set of addresses, written as `10.0.0.0/8`, `2001:db8::/32` or one address. An IPv4 address
/// that is wrapped in IPv6 counts as the IPv4 address that it is.
///
/// Owner: immutable.
final class AddressRanges {
  private record Range(byte[] network, int bits) {
    boolean contains(byte[] address) {
      if (address.length != network.length) {
        return false;
      }
      int whole = bits >> 3;
      for (int i = 0; i < whole; i++) {
        if (address[i] != network[i]) {
          return false;
        }
      }
      int rest = bits & 7;
      return rest == 0 || ((address[whole] ^ network[whole]) & 0xFF) >>> (8 - rest) == 0;
    }
  }

  private final List<Range> ranges;

  private AddressRanges(List<Range> ranges) {
    this.ranges = ranges;
  }

  static AddressRanges parse(List<String> texts) {
    List<Range> ranges = new ArrayList<>(texts.size());
    for (String text : texts) {
      ranges.add(range(text));
    }
    return new AddressRanges(List.copyOf(ranges));
  }

  private static Range range(String text) {
    int slash = text.indexOf('/');
    InetAddress address = Loopback.literal(slash < 0 ? text : text.substring(0, slash));
    if (address == null) {
      throw malformed(text);
    }
    byte[] network = unwrapped(address);
    int most = network.length * 8;
    if (slash < 0) {
      return new Range(network, most);
    }
    int bits;
    try {
      bits = Integer.parseInt(text, slash + 1, text.length(), 10);
    } catch (NumberFormatException _) {
      throw malformed(text);
    }
    if (bits < 0 || bits > most) {
      throw malformed(text);
    }
    return new Range(network, bits);
  }

  private static IllegalArgumentException malformed(String text) {
    return new IllegalArgumentException(
        "'" + text + "' is no range of addresses; write 10.0.0.0/8, 2001:db8::/32 or one address");
  }

  boolean contains(@Nullable SocketAddress address) {
    return address instanceof InetSocketAddress internet
        && internet.getAddress() != null
        && contains(internet.getAddress());
  }

  boolean contains(InetAddress address) {
    byte[] bytes = unwrapped(address);
    for (Range range : ranges) {
      if (range.contains(bytes)) {
        return true;
      }
    }
    return false;
  }

  private static byte[] unwrapped(InetAddress address) {
    byte[] bytes = address.getAddress();
    if (bytes.length != 16 || bytes[10] != -1 || bytes[11] != -1) {
      return bytes;
    }
    for (int i = 0; i < 10; i++) {
      if (bytes[i] != 0) {
        return bytes;
      }
    }
    return new byte[] {bytes[12], bytes[13], bytes[14], bytes[15]};
  }
}
