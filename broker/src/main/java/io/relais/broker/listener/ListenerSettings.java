package io.relais.broker.listener;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// One listener, as configured.
///
/// @param name in logs and metrics
/// @param transport what carries MQTT
/// @param bind `host:port`, see [BindAddress], or the path of a Unix domain socket
/// @param allowAnonymous clients need no user name here
/// @param path of the WebSocket; of no meaning elsewhere
/// @param maximumConnections at a time, at least 1; more are closed at once
/// @param connectionsPerSecond new ones, in bursts of as many; 0: any number
/// @param maximumPacketBytes of one MQTT packet
/// @param connectTimeout from the accepted socket to the complete CONNECT, all handshakes included
/// @param proxyProtocol every connection begins with a PROXY header, version 1 or 2
/// @param trustedProxies ranges of the proxies whose PROXY header or X-Forwarded-For is believed
/// @param allowedOrigins pages that may open a WebSocket, besides the listener's own and those on
///   loopback: `https://app.example.com`; `http://*:18083` is a page of any host at that port on
///   the very host that the WebSocket asks for; `*` is any page
/// @param tls for the secure transports, null for the others
public record ListenerSettings(
    String name,
    Transport transport,
    String bind,
    boolean allowAnonymous,
    String path,
    int maximumConnections,
    int connectionsPerSecond,
    int maximumPacketBytes,
    Duration connectTimeout,
    boolean proxyProtocol,
    List<String> trustedProxies,
    List<String> allowedOrigins,
    @Nullable TlsSettings tls) {

  /// What the kernel holds, with the NUL at its end.
  private static final int UNIX_PATH_BYTES_MAX = 107;

  public ListenerSettings {
    trustedProxies = List.copyOf(trustedProxies);
    allowedOrigins = List.copyOf(allowedOrigins);
    check(!name.isBlank(), "?", "it has no name");
    check(!bind.isBlank(), name, "it has no bind address");
    if (transport == Transport.UNIX) {
      int bytes = bind.getBytes(StandardCharsets.UTF_8).length;
      check(
          bytes <= UNIX_PATH_BYTES_MAX,
          name,
          "the path "
              + bind
              + " has "
              + bytes
              + " bytes; a Unix socket's has at most "
              + UNIX_PATH_BYTES_MAX);
    } else {
      valid(name, bind, BindAddress::parse);
    }
    if (transport.isWebSocket()) {
      check(
          path.startsWith("/") && path.indexOf('?') < 0 && path.indexOf('#') < 0,
          name,
          "path '" + path + "' is not a path such as /mqtt");
    }
    check(
        transport.isSecure() == (tls != null),
        name,
        transport.isSecure()
            ? "transport " + transport + " needs a certificate and a key"
            : "transport " + transport + " takes no certificate");
    check(
        maximumConnections > 0,
        name,
        "maximum-connections is " + maximumConnections + ", not 1 or more");
    check(
        connectionsPerSecond >= 0,
        name,
        "connection-rate is " + connectionsPerSecond + ", not 0 (any) or more");
    check(
        maximumPacketBytes > 0,
        name,
        "maximum-packet-size is " + maximumPacketBytes + ", not 1 or more");
    check(
        connectTimeout.isPositive(),
        name,
        "connect-timeout is " + connectTimeout + ", not positive");
    check(
        !proxyProtocol || transport == Transport.UNIX || !trustedProxies.isEmpty(),
        name,
        "proxy-protocol without trusted-proxies refuses everyone; name the proxies' addresses");
    valid(name, trustedProxies, AddressRanges::parse);
    valid(name, allowedOrigins, OriginRule::of);
  }

  /// Whether a listener of these settings can get those of `before`, or the other way round, while
  /// its socket stays open.
  public boolean needsNoOtherSocket(ListenerSettings before) {
    return equals(
        new ListenerSettings(
            before.name,
            before.transport,
            before.bind,
            before.allowAnonymous,
            before.path,
            maximumConnections,
            connectionsPerSecond,
            maximumPacketBytes,
            connectTimeout,
            before.proxyProtocol,
            before.trustedProxies,
            before.allowedOrigins,
            before.tls));
  }

  private static void check(boolean right, String name, String sentence) {
    if (!right) {
      throw new IllegalArgumentException("listener " + name + ": " + sentence);
    }
  }

  private static <T> void valid(String name, T value, Consumer<T> parse) {
    try {
      parse.accept(value);
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException("listener " + name + ": " + e.getMessage(), e);
    }
  }
}
