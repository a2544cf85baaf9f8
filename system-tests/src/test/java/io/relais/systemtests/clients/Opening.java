package io.relais.systemtests.clients;

import io.relais.protocol.ProtocolVersion;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/// How a client is to connect.
///
/// @param persistent the session outlives the connection, in the version's own way
/// @param authority the certificate to trust, a PEM file
record Opening(
    InetSocketAddress to,
    Transport transport,
    ProtocolVersion version,
    String clientId,
    boolean persistent,
    @Nullable Will will,
    @Nullable Login login,
    Path authority) {
  /// How long a persistent session lives in 5.0.
  static final long SESSION_EXPIRY_SECONDS = 600;

  record Will(String topic, byte[] payload, int qos, boolean retain) {}

  record Login(String username, String password) {}

  Opening to(InetSocketAddress other) {
    return new Opening(other, transport, version, clientId, persistent, will, login, authority);
  }

  Opening lasting() {
    return new Opening(to, transport, version, clientId, true, will, login, authority);
  }

  Opening will(String topic, byte[] payload, int qos, boolean retain) {
    return new Opening(
        to,
        transport,
        version,
        clientId,
        persistent,
        new Will(topic, payload, qos, retain),
        login,
        authority);
  }

  Opening login(String username, String password) {
    return new Opening(
        to,
        transport,
        version,
        clientId,
        persistent,
        will,
        new Login(username, password),
        authority);
  }

  /// As Paho wants it.
  String uri() {
    return "%s://%s:%d%s"
        .formatted(
            transport.scheme(),
            to.getHostString(),
            to.getPort(),
            transport.webSocket() ? "/mqtt" : "");
  }
}
