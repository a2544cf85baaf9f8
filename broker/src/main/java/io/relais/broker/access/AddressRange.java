package io.relais.broker.access;

import io.netty.util.NetUtil;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.UnknownHostException;
import org.jspecify.annotations.Nullable;

/// Addresses that begin alike, written as `10.0.0.0/8`, `2001:db8::/32` or one address. An IPv4
/// address that is wrapped in IPv6 counts as the IPv4 address that it is.
///
/// Owner: immutable.
public final class AddressRange {
  private final byte[] network;
  private final int bits;

  private AddressRange(byte[] network, int bits) {
    this.network = network;
    this.bits = bits;
  }

  /// @throws IllegalArgumentException with a sentence that says what is wrong
  public static AddressRange parse(String text) {
    int slash = text.indexOf('/');
    InetAddress address = Loopback.literal(slash < 0 ? text : text.substring(0, slash));
    if (address == null) {
      throw malformed(text);
    }
    byte[] network = unwrapped(address);
    int most = network.length * 8;
    if (slash < 0) {
      return new AddressRange(network, most);
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
    return new AddressRange(network, bits);
  }

  private static IllegalArgumentException malformed(String text) {
    return new IllegalArgumentException(
        "'" + text + "' is no range of addresses; write 10.0.0.0/8, 2001:db8::/32 or one address");
  }

  public boolean contains(@Nullable SocketAddress other) {
    return other instanceof InetSocketAddress internet
        && internet.getAddress() != null
        && contains(internet.getAddress());
  }

  public boolean contains(InetAddress other) {
    byte[] address = unwrapped(other);
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

  /// Its first address; of a range of one address, that one.
  InetAddress first() {
    return address(network);
  }

  /// An address in the form in which [#first()] gives it.
  static InetAddress plain(InetAddress address) {
    return address instanceof Inet4Address ? address : address(unwrapped(address));
  }

  private static InetAddress address(byte[] bytes) {
    try {
      return InetAddress.getByAddress(bytes);
    } catch (UnknownHostException e) {
      throw new IllegalStateException("an address has 4 or 16 bytes", e);
    }
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

  /// As it is written.
  @Override
  public String toString() {
    String address = NetUtil.toAddressString(first());
    return bits == network.length * 8 ? address : address + "/" + bits;
  }
}
