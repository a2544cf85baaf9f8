package io.relais.broker.listener;

import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.IoHandlerFactory;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.assertj.core.api.Assertions;
import org.jspecify.annotations.Nullable;

/// A listener on a free port of loopback whose connections send back what they get, and the peers
/// and pipelines that they saw when they began.
final class Trial implements AutoCloseable {
  /// Settings under way; every `with` gives changed ones.
  record Options(
      Transport transport,
      String bind,
      int maximumConnections,
      int connectionsPerSecond,
      Duration connectTimeout,
      boolean proxyProtocol,
      List<String> trustedProxies,
      List<String> allowedOrigins,
      @Nullable TlsSettings tls) {

    static Options of(Transport transport) {
      return new Options(
          transport,
          "127.0.0.1:0",
          1000,
          0,
          Duration.ofSeconds(30),
          false,
          List.of(),
          List.of(),
          null);
    }

    Options withBind(String to) {
      return new Options(
          transport,
          to,
          maximumConnections,
          connectionsPerSecond,
          connectTimeout,
          proxyProtocol,
          trustedProxies,
          allowedOrigins,
          tls);
    }

    Options withLimits(int connections, int perSecond, Duration timeout) {
      return new Options(
          transport,
          bind,
          connections,
          perSecond,
          timeout,
          proxyProtocol,
          trustedProxies,
          allowedOrigins,
          tls);
    }

    Options withProxies(boolean proxyHeader, String... trusted) {
      return new Options(
          transport,
          bind,
          maximumConnections,
          connectionsPerSecond,
          connectTimeout,
          proxyHeader,
          List.of(trusted),
          allowedOrigins,
          tls);
    }

    Options withOrigins(String... origins) {
      return new Options(
          transport,
          bind,
          maximumConnections,
          connectionsPerSecond,
          connectTimeout,
          proxyProtocol,
          trustedProxies,
          List.of(origins),
          tls);
    }

    Options withTls(TlsSettings settings) {
      return new Options(
          transport,
          bind,
          maximumConnections,
          connectionsPerSecond,
          connectTimeout,
          proxyProtocol,
          trustedProxies,
          allowedOrigins,
          settings);
    }

    ListenerSettings settings() {
      return new ListenerSettings(
          "trial",
          transport,
          bind,
          true,
          "/mqtt",
          maximumConnections,
          connectionsPerSecond,
          1 << 20,
          connectTimeout,
          proxyProtocol,
          trustedProxies,
          allowedOrigins,
          tls);
    }
  }

  /// What a connection saw when it began.
  record Begun(Peer peer, boolean active, List<String> pipeline, boolean hasDeadline) {}

  private final EventLoopGroup loops;
  private final ListenerCounters counters = new ListenerCounters();
  private final BlockingQueue<Begun> begun = new LinkedBlockingQueue<>();
  private final Listener listener;

  Trial(Options options) throws IOException {
    this(options, Sockets.ioHandlers());
  }

  Trial(Options options, IoHandlerFactory io) throws IOException {
    loops = new MultiThreadIoEventLoopGroup(1, io);
    try {
      listener = Listener.bind(options.settings(), loops, loops, _ -> new Echo(), counters);
    } catch (IOException e) {
      end(loops);
      throw e;
    }
  }

  private final class Echo extends ChannelInboundHandlerAdapter {
    @Override
    public void handlerAdded(ChannelHandlerContext ctx) {
      List<String> pipeline =
          ctx.pipeline().toMap().values().stream()
              .map(handler -> handler.getClass().getSimpleName())
              .toList();
      begun.add(
          new Begun(
              ctx.channel().attr(Peer.KEY).get(),
              ctx.channel().isActive(),
              pipeline,
              ctx.channel().hasAttr(Peer.CONNECT_DEADLINE_NANOS)));
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
      var _ = ctx.writeAndFlush(message);
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
      var _ = ctx.close();
    }
  }

  Listener listener() {
    return listener;
  }

  ListenerCounters counters() {
    return counters;
  }

  int port() {
    return ((InetSocketAddress) listener.address()).getPort();
  }

  Wire connect() {
    return Wire.to(port());
  }

  Begun begun() {
    try {
      Begun next = begun.poll(10, TimeUnit.SECONDS);
      return next == null ? Assertions.fail("no connection began") : next;
    } catch (InterruptedException e) {
      throw new IllegalStateException("interrupted", e);
    }
  }

  boolean noneBegan() {
    return begun.isEmpty();
  }

  static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.ISO_8859_1);
  }

  @Override
  public void close() {
    listener.close();
    end(loops);
  }

  private static void end(EventLoopGroup loops) {
    if (!loops.shutdownGracefully(0, 5, TimeUnit.SECONDS).awaitUninterruptibly(10_000)) {
      throw new UncheckedIOException(new IOException("the loops do not end"));
    }
  }
}
