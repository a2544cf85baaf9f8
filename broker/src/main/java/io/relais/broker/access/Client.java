package io.relais.broker.access;

import io.relais.protocol.ProtocolVersion;
import java.net.SocketAddress;
import java.security.cert.X509Certificate;
import org.jspecify.annotations.Nullable;

/// Who stands behind a connection, as far as access is concerned.
///
/// @param clientId as given or assigned
/// @param username as authenticated; null: anonymous
/// @param certificate of the client, checked by TLS
/// @param listener name of the listener
/// @param anonymousAllowed whether the listener lets clients in that give no credentials
public record Client(
    String clientId,
    @Nullable String username,
    ProtocolVersion version,
    SocketAddress address,
    @Nullable X509Certificate certificate,
    String listener,
    boolean anonymousAllowed) {

  public Client withUsername(@Nullable String name) {
    return new Client(clientId, name, version, address, certificate, listener, anonymousAllowed);
  }
}
