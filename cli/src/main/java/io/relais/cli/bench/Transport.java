package io.relais.cli.bench;

import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelOutboundHandlerAdapter;
import io.netty.channel.ChannelPipeline;
import io.netty.channel.ChannelPromise;
import io.netty.channel.IoHandlerFactory;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollSocketChannel;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.netty.handler.codec.http.DefaultHttpHeaders;
import io.netty.handler.codec.http.HttpClientCodec;
import io.netty.handler.codec.http.HttpObjectAggregator;
import io.netty.handler.codec.http.websocketx.BinaryWebSocketFrame;
import io.netty.handler.codec.http.websocketx.WebSocketClientProtocolConfig;
import io.netty.handler.codec.http.websocketx.WebSocketClientProtocolHandler;
import io.netty.handler.codec.http.websocketx.WebSocketClientProtocolHandler.ClientHandshakeStateEvent;
import io.netty.handler.codec.http.websocketx.WebSocketFrame;
import io.netty.handler.codec.http.websocketx.WebSocketVersion;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslHandshakeCompletionEvent;
import java.net.URI;

/// Sockets, and what may lie between them and MQTT: TLS, WebSocket, both.
final class Transport {
  private static final int HANDSHAKE_BYTES_MAX = 16 * 1024;
  private static final int FRAME_BYTES_MAX = 32 * 1024 * 1024;

  private Transport() {}

  static IoHandlerFactory ioHandlers() {
    return Epoll.isAvailable() ? EpollIoHandler.newFactory() : NioIoHandler.newFactory();
  }

  static Channel socket() {
    return Epoll.isAvailable() ? new EpollSocketChannel() : new NioSocketChannel();
  }

  static void prepare(Channel channel, Plan plan) {
    ChannelPipeline pipeline = channel.pipeline();
    SslContext tls = plan.tls();
    int port = plan.address().getPort();
    if (tls != null) {
      pipeline.addLast(tls.newHandler(channel.alloc(), plan.host(), port));
    }
    String path = plan.webSocketPath();
    if (path != null) {
      String scheme = tls == null ? "ws" : "wss";
      var config =
          WebSocketClientProtocolConfig.newBuilder()
              .webSocketUri(URI.create("%s://%s:%d%s".formatted(scheme, plan.host(), port, path)))
              .subprotocol("mqtt")
              .version(WebSocketVersion.V13)
              .customHeaders(new DefaultHttpHeaders())
              .maxFramePayloadLength(FRAME_BYTES_MAX)
              .build();
      pipeline.addLast(
          new HttpClientCodec(),
          new HttpObjectAggregator(HANDSHAKE_BYTES_MAX),
          new WebSocketClientProtocolHandler(config),
          new FromFrames(),
          new ToFrames());
    }
  }

  /// Whether MQTT may begin with this event. Over plain TCP it begins without one.
  static boolean isReady(Object event, Plan plan) {
    return plan.webSocketPath() != null
        ? event == ClientHandshakeStateEvent.HANDSHAKE_COMPLETE
        : event instanceof SslHandshakeCompletionEvent done && done.isSuccess();
  }

  /// An exception in a few words that are the same for all connections.
  static String sentence(Throwable thrown) {
    String message = thrown.getMessage();
    return message == null || message.isBlank() ? thrown.getClass().getSimpleName() : message;
  }

  private static final class FromFrames extends ChannelInboundHandlerAdapter {
    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
      if (message instanceof WebSocketFrame frame) {
        context.fireChannelRead(frame.content());
      } else {
        context.fireChannelRead(message);
      }
    }
  }

  private static final class ToFrames extends ChannelOutboundHandlerAdapter {
    @Override
    public void write(ChannelHandlerContext context, Object message, ChannelPromise promise) {
      // What is no packet is the handshake, which comes this way too.
      Object framed = message instanceof ByteBuf bytes ? new BinaryWebSocketFrame(bytes) : message;
      context.write(framed, promise);
    }
  }
}
