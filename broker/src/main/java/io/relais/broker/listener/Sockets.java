package io.relais.broker.listener;

import io.netty.channel.ChannelFactory;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.IoEventLoopGroup;
import io.netty.channel.IoHandlerFactory;
import io.netty.channel.ServerChannel;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollServerDomainSocketChannel;
import io.netty.channel.epoll.EpollServerSocketChannel;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioServerDomainSocketChannel;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.channel.unix.DomainSocketAddress;
import java.net.SocketAddress;
import java.net.UnixDomainSocketAddress;

/// The choice between epoll and NIO, made once where the event loops are made; the channels follow
/// their loops.
public final class Sockets {
  private Sockets() {}

  /// For the event loops: epoll on Linux, NIO elsewhere.
  public static IoHandlerFactory ioHandlers() {
    return Epoll.isAvailable() ? EpollIoHandler.newFactory() : NioIoHandler.newFactory();
  }

  static ChannelFactory<ServerChannel> serverChannels(
      EventLoopGroup acceptor, Transport transport) {
    boolean unix = transport == Transport.UNIX;
    if (isEpoll(acceptor)) {
      return unix ? EpollServerDomainSocketChannel::new : EpollServerSocketChannel::new;
    }
    return unix ? NioServerDomainSocketChannel::new : NioServerSocketChannel::new;
  }

  static SocketAddress unixAddress(EventLoopGroup acceptor, String path) {
    return isEpoll(acceptor) ? new DomainSocketAddress(path) : UnixDomainSocketAddress.of(path);
  }

  private static boolean isEpoll(EventLoopGroup group) {
    return group instanceof IoEventLoopGroup io && io.isIoType(EpollIoHandler.class);
  }
}
