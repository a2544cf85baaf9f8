package io.relais.broker.listener;

import io.relais.broker.access.Loopback;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;

/// `host:port` of a listener. `*:1883` and `:1883` are all addresses of this machine, an IPv6
/// address stands in brackets, port 0 is any free one.
public record BindAddress(String host, int port) {

  public BindAddress {
    if (port < 0 || port > 65_535) {
      throw new IllegalArgumentException("port " + port + " is not between 0 and 65535");
    }
  }

  public static BindAddress parse(String text) {
    int colon = text.lastIndexOf(':');
    if (colon < 0) {
      throw malformed(text, "it has no port");
    }
    String host = text.substring(0, colon);
    if (host.startsWith("[") && host.endsWith("]")) {
      host = host.substring(1, host.length() - 1);
    } else if (host.indexOf(':') >= 0) {
      throw malformed(text, "an IPv6 address stands in brackets");
    }
    int port;
    try {
      port = Integer.parseInt(text, colon + 1, text.length(), 10);
    } catch (NumberFormatException _) {
      throw malformed(text, "the port is no number");
    }
    return new BindAddress(host.isEmpty() ? "*" : host, port);
  }

  private static IllegalArgumentException malformed(String text, String why) {
    return new IllegalArgumentException(
        "bind address '"
            + text
            + "': "
            + why
            + "; write host:port, such as 127.0.0.1:1883, [::1]:1883 or *:1883");
  }

  public boolean isLoopback() {
    return Loopback.isHost(host);
  }

  InetSocketAddress resolve() throws UnknownHostException {
    return host.equals("*")
        ? new InetSocketAddress(port)
        : new InetSocketAddress(InetAddress.getByName(host), port);
  }
}
