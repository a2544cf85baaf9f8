package io.relais.server.config;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// A host, by name or address, and a port. An IPv6 address is kept without its brackets. Nothing is
/// resolved here.
public record HostPort(String host, int port) {

  private static final Pattern WRITTEN =
      Pattern.compile(
          "(?:\\[(?<six>[0-9A-Fa-f:.%a-zA-Z]*:[0-9A-Fa-f:.%a-zA-Z]*)]|(?<name>[^\\s:/\\[\\]]*)):(?<port>\\d{1,5})");

  public HostPort {
    if (host.isBlank()) {
      throw new IllegalArgumentException(
          "has no host before the port; write 127.0.0.1:PORT for this machine only, 0.0.0.0:PORT for all addresses");
    }
    if (port < 0 || port > 65_535) {
      throw new IllegalArgumentException("has port %d; ports go from 0 to 65535".formatted(port));
    }
  }

  /// Reads `HOST:PORT` or `[IPV6]:PORT`.
  public static HostPort parse(String text) {
    Matcher written = WRITTEN.matcher(text);
    if (!written.matches()) {
      throw new IllegalArgumentException(
          "is '%s'; write HOST:PORT, like 127.0.0.1:1883 or [::1]:1883".formatted(text));
    }
    String six = written.group("six");
    return new HostPort(
        six == null ? written.group("name") : six, Integer.parseInt(written.group("port")));
  }

  /// Whether only this machine can reach it; judged by the text, so that only the name `localhost`
  /// counts.
  public boolean isLoopback() {
    return host.equals("localhost")
        || host.matches("127(\\.\\d{1,3}){3}")
        || host.matches("(0{0,4}:){2,7}0{0,3}1");
  }

  @Override
  public String toString() {
    return (host.indexOf(':') >= 0 ? "[" + host + "]" : host) + ":" + port;
  }
}
