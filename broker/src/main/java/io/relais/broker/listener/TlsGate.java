package io.relais.broker.listener;

import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.ssl.SslHandler;
import io.netty.handler.ssl.SslHandshakeCompletionEvent;
import io.netty.util.ReferenceCountUtil;
import java.nio.channels.ClosedChannelException;
import java.security.cert.X509Certificate;
import javax.net.ssl.SSLPeerUnverifiedException;
import javax.net.ssl.SSLSession;
import org.jspecify.annotations.Nullable;

/// Waits behind the TLS handler for the end of its handshake.
///
/// Owner: the channel's loop.
final class TlsGate extends ChannelInboundHandlerAdapter {
  private final Handshake handshake;

  TlsGate(Handshake handshake) {
    this.handshake = handshake;
  }

  @Override
  public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
    if (!(event instanceof SslHandshakeCompletionEvent completion)) {
      ctx.fireUserEventTriggered(event);
      return;
    }
    if (!completion.isSuccess()) {
      boolean left = completion.cause() instanceof ClosedChannelException;
      handshake.refuse(
          left ? Refusal.ABANDONED : Refusal.TLS,
          "the TLS handshake failed: " + completion.cause());
      return;
    }
    SSLSession session = ctx.pipeline().get(SslHandler.class).engine().getSession();
    handshake.secured(shown(session));
    ctx.pipeline().remove(this);
  }

  private static @Nullable X509Certificate shown(SSLSession session) {
    try {
      return (X509Certificate) session.getPeerCertificates()[0];
    } catch (SSLPeerUnverifiedException _) { // it need not, or the handshake had failed
      return null;
    }
  }

  @Override
  public void channelRead(ChannelHandlerContext ctx, Object message) {
    ReferenceCountUtil.release(message); // of a connection that was refused
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
    handshake.fail(Refusal.TLS, cause);
  }
}
