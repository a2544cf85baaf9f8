package io.relais.broker.listener;

import io.netty.util.AttributeKey;
import io.relais.broker.access.CertificateName;
import java.net.SocketAddress;
import java.security.cert.X509Certificate;
import org.jspecify.annotations.Nullable;

/// Where a connection comes from, known when its handshakes are done.
///
/// @param address of the client: what a trusted proxy says, else the socket's
/// @param socketAddress of the other end of the socket, maybe a proxy
/// @param certificate that the client showed and that was checked against the listener's ca
/// @param listener that accepted it
/// @param secure TLS, here or as a trusted proxy says
public record Peer(
    SocketAddress address,
    SocketAddress socketAddress,
    @Nullable X509Certificate certificate,
    ListenerSettings listener,
    boolean secure) {

  /// Set on the channel before the connection handler is added.
  public static final AttributeKey<Peer> KEY = AttributeKey.valueOf(Peer.class, "peer");

  /// `System.nanoTime()` by which CONNECT must be there. Set only where handshakes took part of the
  /// listener's connect-timeout; where it is absent the whole of it begins with the handler.
  public static final AttributeKey<Long> CONNECT_DEADLINE_NANOS =
      AttributeKey.valueOf(Peer.class, "connectDeadlineNanos");

  /// Of the certificate's subject; null without a certificate, or if it has none.
  public @Nullable String commonName() {
    return CertificateName.COMMON_NAME.of(certificate);
  }
}
