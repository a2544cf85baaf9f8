package io.relais.server.config;

import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// One address where clients connect.
public record ListenerConfiguration(
    @Key(
            "Address as `HOST:PORT` (`[::1]:1883` for IPv6, port 0 for any free one), or the path of the socket file where the"
                + " transport is `unix`.")
        String bind,
    @Key(value = "What the connection speaks below MQTT.", standard = "tcp") Transport transport,
    @Key(
            value = "Whether clients without a user name are let in.",
            derived =
                "true on loopback addresses and unix sockets without the PROXY protocol, else false")
        boolean allowAnonymous,
    @Key(
            value = "Path of the WebSocket, where the transport is one.",
            derived = "/mqtt for WebSocket transports")
        String path,
    @Key(value = "Connections at the same time; more are closed at once.", standard = "1000000")
        int maxConnections,
    @Key(
            value = "New connections per second; more are closed at once. `0`: no limit.",
            standard = "0")
        int connectionRate,
    @Key(value = "Largest payload here. `0`: as `limits.payload-bytes`.", standard = "0")
        int payloadBytes,
    @Key(
            value = "Time in which PROXY header, TLS, WebSocket and CONNECT must be done.",
            standard = "10s")
        Duration connectTimeout,
    @Key(
            value = "Whether each connection begins with a PROXY protocol header (version 1 or 2).",
            standard = "false")
        boolean proxyProtocol,
    @Key(
            value =
                "Networks whose PROXY headers and `X-Forwarded-For` are believed; with the PROXY protocol others are closed.",
            standard = "127.0.0.0/8, ::1/128")
        List<String> trustedProxies,
    @Key(
            value =
                "Origins of web pages that may use the WebSocket, like `https://example.com`, beside its own, the admin"
                    + " listener's and loopback; `*` for all.",
            standard = "")
        List<String> allowedOrigins,
    @Key("Certificates, for the transports `tls` and `secure-websocket` only, which need it.")
        @Nullable TlsConfiguration tls,
    @Key("What acknowledgements stand for here. Left out: as `mqtt.acknowledge`.")
        @Nullable Acknowledge acknowledge) {

  public ListenerConfiguration {
    trustedProxies = List.copyOf(trustedProxies);
    allowedOrigins = List.copyOf(allowedOrigins);
    Violations violations = new Violations();
    switch (transport) {
      case UNIX ->
          violations.require(
              !bind.isBlank() && bind.length() <= 107,
              "bind",
              "is '%s'; a unix socket needs a path of 1 to 107 characters".formatted(bind));
      case TCP, TLS, WEBSOCKET, SECURE_WEBSOCKET -> {
        try {
          bind = HostPort.parse(bind).toString();
        } catch (IllegalArgumentException notAnAddress) {
          violations.add("bind", String.valueOf(notAnAddress.getMessage()), "transport");
        }
      }
    }
    violations.require(
        transport.isWebSocket() || path.isEmpty(),
        "path",
        "is for the transports websocket and secure-websocket; this one is "
            + Spelling.kebab(transport),
        "transport");
    violations.require(
        !transport.isWebSocket() || path.matches("/[^\\s?#]{0,255}"),
        "path",
        "is '%s'; it must begin with / and have no spaces, ? or #".formatted(path));
    violations.range("max-connections", maxConnections, 1, 100_000_000);
    violations.range("connection-rate", connectionRate, 0, 100_000_000);
    violations.size("payload-bytes", payloadBytes, 0, LimitsConfiguration.REMAINING_LENGTH_MAX);
    violations.range(
        "connect-timeout", connectTimeout, Duration.ofMillis(100), Duration.ofHours(1));
    for (String network : trustedProxies) {
      violations.require(
          Networks.isNetwork(network),
          "trusted-proxies",
          "has '%s'; write addresses or networks like 10.0.0.0/8 and fd00::/8".formatted(network));
    }
    for (String origin : allowedOrigins) {
      violations.require(
          origin.equals("*") || origin.matches("[a-z][a-z0-9+.-]*://[^/\\s]+"),
          "allowed-origins",
          "has '%s'; write origins like https://example.com, without a path".formatted(origin));
    }
    violations.require(
        transport.isWebSocket() || allowedOrigins.isEmpty(),
        "allowed-origins",
        "is for the transports websocket and secure-websocket; this one is "
            + Spelling.kebab(transport),
        "transport");
    violations.require(
        !proxyProtocol || transport == Transport.UNIX || !trustedProxies.isEmpty(),
        "trusted-proxies",
        "is empty, so that proxy-protocol would refuse everyone; name the proxies' addresses",
        "proxy-protocol",
        "transport");
    violations.require(
        !transport.isSecure() || tls != null,
        "transport",
        "is %s, which needs the section tls with certificate and key"
            .formatted(Spelling.kebab(transport)),
        "tls");
    violations.require(
        transport.isSecure() || tls == null,
        "tls",
        "is for the transports tls and secure-websocket; this one is " + Spelling.kebab(transport),
        "transport");
    violations.throwIfAny();
  }

  /// How log lines and metrics call this listener.
  public String name() {
    return Spelling.kebab(transport) + "://" + bind + path;
  }

  /// The address of any transport but `unix`.
  public HostPort hostPort() {
    return HostPort.parse(bind);
  }

  /// Whether only this machine can reach it.
  public boolean isLocal() {
    return transport == Transport.UNIX || hostPort().isLoopback();
  }

  /// What acknowledgements stand for here, when `mqtt` holds where the listener says nothing.
  public Acknowledge acknowledge(MqttConfiguration mqtt) {
    return acknowledge == null ? mqtt.acknowledge() : acknowledge;
  }

  /// The largest payload here, when `limits` holds where the listener says nothing.
  public int payloadBytes(LimitsConfiguration limits) {
    return payloadBytes == 0 ? limits.payloadBytes() : payloadBytes;
  }
}
