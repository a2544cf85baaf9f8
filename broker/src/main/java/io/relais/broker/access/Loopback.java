package io.relais.broker.access;

import io.netty.util.NetUtil;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/// Which names and addresses are this machine's own and reached from nowhere else. Names are never
/// looked up.
public final class Loopback {
  private Loopback() {}

  /// @param host a name or a literal address, IPv6 with or without brackets
  public static boolean isHost(String host) {
    String bare =
        host.startsWith("[") && host.endsWith("]") ? host.substring(1, host.length() - 1) : host;
    if (bare.toLowerCase(Locale.ROOT).equals("localhost")) {
      return true;
    }
    InetAddress address = literal(bare);
    return address != null && address.isLoopbackAddress();
  }

  public static boolean isAddress(@Nullable SocketAddress address) {
    return address instanceof InetSocketAddress internet
        && internet.getAddress() != null
        && internet.getAddress().isLoopbackAddress();
  }

  /// Of a literal address, else null; an IPv4 address inside IPv6 comes out as IPv4.
  public static @Nullable InetAddress literal(String text) {
    return NetUtil.isValidIpV4Address(text) || NetUtil.isValidIpV6Address(text)
        ? NetUtil.createInetAddressFromIpAddressString(text)
        : null;
  }
}
