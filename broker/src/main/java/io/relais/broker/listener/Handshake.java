package io.relais.broker.listener;

import io.netty.channel.Channel;
import io.netty.channel.ChannelPipeline;
import io.netty.handler.ssl.SslHandler;
import io.netty.util.concurrent.Future;
import java.io.IOException;
import java.net.SocketAddress;
import java.security.cert.X509Certificate;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// What one connection goes through until MQTT begins: [#begin], [#proxied], [#secured],
/// [#upgraded], in this order, each of which puts the handler of the next step into the pipeline or
/// passes on where the listener asks for none. In the end the connection handler is added.
///
/// Owner: the channel's loop. Limits: all steps together last no longer than the listener's
/// connect-timeout.
final class Handshake {
  private static final Logger LOG = LoggerFactory.getLogger(Handshake.class);

  private final Listener listener;
  private final Channel channel;
  private final Future<?> deadline;
  private SocketAddress address;
  private @Nullable X509Certificate certificate;
  private boolean secure;

  /// Handed over or refused.
  private boolean ended;

  Handshake(Listener listener, Channel channel) {
    this.listener = listener;
    this.channel = channel;
    this.address = channel.remoteAddress();
    long nanos = listener.settings().connectTimeout().toNanos();
    channel.attr(Peer.CONNECT_DEADLINE_NANOS).set(System.nanoTime() + nanos);
    this.deadline =
        channel
            .eventLoop()
            .schedule(
                () -> refuse(Refusal.TIMEOUT, "the handshakes took too long"),
                nanos,
                TimeUnit.NANOSECONDS);
    // Later, since a decoder may close first and then say why.
    channel
        .closeFuture()
        .addListener(
            _ -> channel.eventLoop().execute(() -> refuse(Refusal.ABANDONED, "the peer closed")));
  }

  ListenerSettings settings() {
    return listener.settings();
  }

  Channel channel() {
    return channel;
  }

  /// Of the client, as far as known.
  SocketAddress address() {
    return address;
  }

  boolean isTrustedProxy(SocketAddress proxy) {
    return listener.trustedProxies().contains(proxy);
  }

  OriginRule origins() {
    return listener.origins();
  }

  void begin() {
    if (!settings().proxyProtocol()) {
      proxied(address, false);
    } else if (settings().transport() == Transport.UNIX || isTrustedProxy(address)) {
      ProxyHeader.addTo(channel.pipeline(), this);
    } else {
      refuse(Refusal.PROXY, "it is none of trusted-proxies");
    }
  }

  /// @param encrypted the proxy says that the client speaks TLS with it
  void proxied(SocketAddress client, boolean encrypted) {
    address = client;
    secure = encrypted;
    TlsIdentity identity = listener.tls();
    if (identity == null) {
      secured(null);
      return;
    }
    SslHandler tls = identity.context().newHandler(channel.alloc());
    tls.setHandshakeTimeoutMillis(0); // the deadline holds for all steps
    secure = true;
    channel.pipeline().addLast(tls, new TlsGate(this));
  }

  void secured(@Nullable X509Certificate shown) {
    certificate = shown;
    if (settings().transport().isWebSocket()) {
      WebSocketUpgrade.addTo(channel.pipeline(), this);
    } else {
      handOver();
    }
  }

  /// @param encrypted the proxy says that the client speaks TLS with it
  void upgraded(SocketAddress client, boolean encrypted) {
    address = client;
    secure |= encrypted;
    handOver();
  }

  private void handOver() {
    if (ended) {
      return;
    }
    ended = true;
    deadline.cancel(false);
    SocketAddress socketAddress = channel.remoteAddress();
    channel.attr(Peer.KEY).set(new Peer(address, socketAddress, certificate, settings(), secure));
    ChannelPipeline pipeline = channel.pipeline();
    pipeline.addLast(listener.connectionHandler(channel));
  }

  /// Closes at once. Only the first refusal of a connection counts, and none after the hand-over.
  void refuse(Refusal refusal, String why) {
    if (count(refusal, why)) {
      var _ = channel.close();
    }
  }

  /// Of a handler's `exceptionCaught`. A socket that breaks is a peer that left.
  void fail(Refusal refusal, Throwable cause) {
    boolean left = cause instanceof IOException && !(cause instanceof SSLException);
    refuse(left ? Refusal.ABANDONED : refusal, "the handshake failed: " + cause);
  }

  /// Counts a refusal that the caller carries out. False where it is too late for one.
  boolean count(Refusal refusal, String why) {
    if (ended) {
      return false;
    }
    ended = true;
    deadline.cancel(false);
    listener.counters().count(refusal);
    LOG.debug("listener {}: {} refused: {}", settings().name(), address, why);
    return true;
  }
}
