package io.relais.server.config;

import java.net.InetAddress;

/// Judges addresses and networks in CIDR notation.
final class Networks {
  private Networks() {}

  static boolean isNetwork(String text) {
    int slash = text.indexOf('/');
    String address = slash < 0 ? text : text.substring(0, slash);
    int bits;
    try {
      bits = InetAddress.ofLiteral(address).getAddress().length * 8;
    } catch (IllegalArgumentException notAnAddress) {
      return false;
    }
    if (slash < 0) {
      return true;
    }
    String prefix = text.substring(slash + 1);
    return prefix.matches("\\d{1,3}") && Integer.parseInt(prefix) <= bits;
  }
}
