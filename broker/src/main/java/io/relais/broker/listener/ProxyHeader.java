package io.relais.broker.listener;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelPipeline;
import io.netty.handler.codec.haproxy.HAProxyCommand;
import io.netty.handler.codec.haproxy.HAProxyMessage;
import io.netty.handler.codec.haproxy.HAProxyMessageDecoder;
import io.netty.handler.codec.haproxy.HAProxySSLTLV;
import io.netty.handler.codec.haproxy.HAProxyTLV;
import io.netty.util.ReferenceCountUtil;
import io.relais.broker.access.Loopback;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import org.jspecify.annotations.Nullable;

/// Takes the PROXY header, version 1 or 2, of which Netty's decoder makes a message. Of the
/// extensions of version 2 only "the client speaks TLS" is looked at.
///
/// Owner: the channel's loop. One [HAProxyMessage] at a time, released here.
final class ProxyHeader extends ChannelInboundHandlerAdapter {
  private final Handshake handshake;

  private ProxyHeader(Handshake handshake) {
    this.handshake = handshake;
  }

  static void addTo(ChannelPipeline pipeline, Handshake handshake) {
    pipeline.addLast(
        new FirstByte(handshake), new HAProxyMessageDecoder(), new ProxyHeader(handshake));
  }

  @Override
  public void channelRead(ChannelHandlerContext ctx, Object message) {
    if (!(message instanceof HAProxyMessage header)) {
      ReferenceCountUtil.release(message); // what follows a header that was refused
      return;
    }
    try {
      SocketAddress client = client(header);
      if (client == null) {
        handshake.refuse(
            Refusal.PROXY, "its PROXY header is for " + header.proxiedProtocol() + ", not TCP");
        return;
      }
      handshake.proxied(client, header.command() == HAProxyCommand.PROXY && encrypted(header));
    } finally {
      header.release();
    }
    ctx.pipeline().remove(this); // the decoder leaves by itself, and hands on what followed
  }

  /// A LOCAL header (a health check of the proxy), an unknown or a Unix client: what the socket
  /// says.
  private @Nullable SocketAddress client(HAProxyMessage header) {
    if (header.command() == HAProxyCommand.LOCAL) {
      return handshake.address();
    }
    return switch (header.proxiedProtocol()) {
      case UNKNOWN, UNIX_STREAM -> handshake.address();
      case TCP4, TCP6 -> {
        InetAddress address = Loopback.literal(header.sourceAddress());
        yield address == null ? null : new InetSocketAddress(address, header.sourcePort());
      }
      case UDP4, UDP6, UNIX_DGRAM -> null;
    };
  }

  private static boolean encrypted(HAProxyMessage header) {
    for (HAProxyTLV tlv : header.tlvs()) {
      if (tlv instanceof HAProxySSLTLV tls) {
        return tls.isPP2ClientSSL();
      }
    }
    return false;
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
    handshake.fail(Refusal.PROXY, cause);
  }

  /// Refuses what cannot become a PROXY header with its first byte, where the decoder would wait
  /// for the end of a line.
  private static final class FirstByte extends ChannelInboundHandlerAdapter {
    private final Handshake handshake;

    FirstByte(Handshake handshake) {
      this.handshake = handshake;
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
      if (message instanceof ByteBuf bytes && bytes.isReadable()) {
        byte first = bytes.getByte(bytes.readerIndex());
        if (first != 'P' && first != '\r') {
          bytes.release();
          handshake.refuse(Refusal.PROXY, "it sends no PROXY header");
          return;
        }
        ctx.pipeline().remove(this);
      }
      ctx.fireChannelRead(message);
    }
  }
}
