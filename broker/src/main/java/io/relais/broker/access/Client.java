package io.relais.broker.access;

import io.relais.protocol.ProtocolVersion;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.security.cert.X509Certificate;
import java.util.LinkedHashSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// Who stands behind a connection, as far as access is concerned.
///
/// @param clientId as given or assigned
/// @param username as authenticated; null: anonymous
/// @param certificate of the client, checked by TLS
/// @param listener name of the listener
/// @param anonymousAllowed whether the listener lets clients in that give no credentials
/// @param grant what its source of authentication said besides its name
public record Client(
    String clientId,
    @Nullable String username,
    ProtocolVersion version,
    SocketAddress address,
    @Nullable X509Certificate certificate,
    String listener,
    boolean anonymousAllowed,
    Grant grant) {

  /// One of whom nothing more is known.
  public Client(
      String clientId,
      @Nullable String username,
      ProtocolVersion version,
      SocketAddress address,
      @Nullable X509Certificate certificate,
      String listener,
      boolean anonymousAllowed) {
    this(clientId, username, version, address, certificate, listener, anonymousAllowed, Grant.NONE);
  }

  /// Of the certificate's subject, the innermost; null without a certificate, or if it has none.
  public @Nullable String commonName() {
    return CertificateName.COMMON_NAME.of(certificate);
  }

  /// The groups that it is in: those of its user or that its source of authentication told, and the
  /// organizational units of its certificate.
  public Set<String> groups() {
    Set<String> units = Groups.of(certificate);
    if (units.isEmpty()) {
      return grant.groups();
    }
    var all = new LinkedHashSet<>(grant.groups());
    all.addAll(units);
    return all;
  }

  /// An address as users read it: `192.0.2.1:40000`, `[2001:db8::1]:40000`, or the path of a Unix
  /// socket.
  public static String written(SocketAddress address) {
    if (address instanceof InetSocketAddress internet && internet.getAddress() != null) {
      String host = internet.getAddress().getHostAddress();
      return (host.indexOf(':') < 0 ? host : "[" + host + "]") + ":" + internet.getPort();
    }
    return address.toString();
  }

  public Client withUsername(@Nullable String name) {
    return with(name, grant);
  }

  public Client with(@Nullable String name, Grant granted) {
    return new Client(
        clientId, name, version, address, certificate, listener, anonymousAllowed, granted);
  }
}
