package io.relais.broker.listener;

import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.socket.DuplexChannel;
import io.netty.handler.ssl.SslHandler;
import io.netty.util.ReferenceCountUtil;
import io.netty.util.concurrent.Future;
import java.util.concurrent.TimeUnit;

/// Closes so that the peer reads the end, and what was written before it. A socket closed with
/// input unread is reset, and the reset overtakes the last answer; so only the sending half is
/// closed, and what comes is thrown away until the peer closes too, for at most [#LINGER_MILLIS].
///
/// As a handler it is the whole pipeline of a connection that is refused when accepted. Owner: the
/// channel's loop.
final class Farewell extends ChannelInboundHandlerAdapter {
  static final long LINGER_MILLIS = 1_000;

  /// @param last what was written last; the handlers throw away further input by themselves
  static void say(Channel channel, ChannelFuture last) {
    var close =
        channel.eventLoop().schedule(() -> end(channel), LINGER_MILLIS, TimeUnit.MILLISECONDS);
    channel.closeFuture().addListener(_ -> close.cancel(false));
    channel.config().setAutoRead(true);
    last.addListener(
        _ -> {
          SslHandler tls = channel.pipeline().get(SslHandler.class);
          if (tls == null) {
            endOutput(channel);
          } else {
            Future<Void> notified = tls.closeOutbound();
            notified.addListener(_ -> endOutput(channel));
          }
        });
  }

  private static void end(Channel channel) {
    var _ = channel.close();
  }

  private static void endOutput(Channel channel) {
    if (channel instanceof DuplexChannel duplex && duplex.isActive()) {
      var _ = duplex.shutdownOutput();
    }
  }

  @Override
  public void handlerAdded(ChannelHandlerContext ctx) {
    say(ctx.channel(), ctx.newSucceededFuture());
  }

  @Override
  public void channelRead(ChannelHandlerContext ctx, Object message) {
    ReferenceCountUtil.release(message);
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
    var _ = ctx.close(); // it was refused and counted already
  }
}
