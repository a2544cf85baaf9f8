package io.relais.broker.listener;

import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.PooledByteBufAllocator;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.WriteBufferWaterMark;
import java.io.IOException;
import java.net.SocketAddress;
import java.net.UnknownHostException;
import java.nio.file.Path;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// A bound socket and the way from it to MQTT.
///
/// The connection handler of a channel is made on the channel's loop and added last in the pipeline
/// when PROXY, TLS and WebSocket are done with; on plain TCP and Unix sockets it is the only one.
/// From then on it reads and writes the bytes of MQTT. Its `handlerAdded` is where the connection
/// begins, on every transport: the channel is active by then and has its [Peer#KEY].
/// `channelActive` follows on some transports and means nothing. What remains of connect-timeout is
/// told by [Peer#CONNECT_DEADLINE_NANOS].
///
/// Connections handed over belong to their handlers; neither [#stopAccepting] nor [#close] touches
/// them.
///
/// Owner: bound, changed and closed by the thread that starts, changes and ends the node, one at a
/// time, and never by an event loop.
public final class Listener implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Listener.class);

  /// Connections that the kernel holds until they are accepted; it may hold fewer (somaxconn).
  static final int BACKLOG = 4096;

  /// A channel is unwritable from the one until it is back at the other.
  static final int WRITE_HIGH_BYTES = 64 * 1024;

  static final int WRITE_LOW_BYTES = 32 * 1024;

  private volatile ListenerSettings settings; // read once for each connection
  private final ListenerCounters counters;
  private final Function<Channel, ChannelHandler> connectionHandler;
  private final AddressRanges trustedProxies;
  private final OriginRule origins;
  private final @Nullable TlsIdentity tls;
  private final @Nullable UnixPath unixPath;
  private final Entrance entrance;
  private final Channel channel;
  private final SocketAddress address;

  /// @throws IOException naming the listener, its bind address or file, and what is wrong
  public static Listener bind(
      ListenerSettings settings,
      EventLoopGroup acceptor,
      EventLoopGroup loops,
      Function<Channel, ChannelHandler> connectionHandler,
      ListenerCounters counters)
      throws IOException {
    return new Listener(settings, acceptor, loops, connectionHandler, counters);
  }

  /// Looks whether the files that a listener needs can be used, without opening it.
  ///
  /// @throws IOException naming the listener, the file and what is wrong
  public static void verify(ListenerSettings settings) throws IOException {
    var _ = identity(settings);
  }

  private static @Nullable TlsIdentity identity(ListenerSettings settings) throws IOException {
    try {
      return settings.tls() == null ? null : new TlsIdentity(settings.name(), settings.tls());
    } catch (IOException e) {
      throw new IOException("listener " + settings.name() + ": " + e.getMessage(), e);
    }
  }

  private Listener(
      ListenerSettings settings,
      EventLoopGroup acceptor,
      EventLoopGroup loops,
      Function<Channel, ChannelHandler> connectionHandler,
      ListenerCounters counters)
      throws IOException {
    this.settings = settings;
    this.counters = counters;
    this.connectionHandler = connectionHandler;
    this.trustedProxies = AddressRanges.parse(settings.trustedProxies());
    this.origins = OriginRule.of(settings.allowedOrigins());
    this.entrance = new Entrance(settings, counters, System::nanoTime);
    boolean unix = settings.transport() == Transport.UNIX;
    this.unixPath = unix ? new UnixPath(Path.of(settings.bind())) : null;
    this.tls = identity(settings);
    ServerBootstrap bootstrap =
        new ServerBootstrap()
            .group(acceptor, loops)
            .channelFactory(Sockets.serverChannels(acceptor, settings.transport()))
            .option(ChannelOption.SO_BACKLOG, BACKLOG)
            .handler(entrance)
            .childHandler(new Beginning())
            .childOption(ChannelOption.ALLOCATOR, PooledByteBufAllocator.DEFAULT)
            .childOption(
                ChannelOption.WRITE_BUFFER_WATER_MARK,
                new WriteBufferWaterMark(WRITE_LOW_BYTES, WRITE_HIGH_BYTES));
    if (!unix) {
      bootstrap
          .option(ChannelOption.SO_REUSEADDR, true)
          .childOption(ChannelOption.TCP_NODELAY, true)
          .childOption(ChannelOption.SO_KEEPALIVE, true);
    }
    this.channel = bound(bootstrap, acceptor);
    this.address = channel.localAddress();
    if (unixPath != null) {
      try {
        unixPath.restrict();
      } catch (IOException e) {
        stopAccepting();
        throw cannotBind(e);
      }
    }
    if (tls != null) {
      tls.watch();
    }
    LOG.info("listener {}: {} on {}", settings.name(), settings.transport(), address);
  }

  private Channel bound(ServerBootstrap bootstrap, EventLoopGroup acceptor) throws IOException {
    SocketAddress where;
    try {
      if (unixPath != null) {
        unixPath.clear();
        where = Sockets.unixAddress(acceptor, settings.bind());
      } else {
        where = BindAddress.parse(settings.bind()).resolve();
      }
    } catch (IOException e) {
      throw cannotBind(e);
    }
    ChannelFuture bind = bootstrap.bind(where).awaitUninterruptibly();
    Throwable failure = bind.cause();
    if (failure != null) {
      throw cannotBind(failure);
    }
    return bind.channel();
  }

  private IOException cannotBind(Throwable cause) {
    String message = String.valueOf(cause.getMessage());
    String reason;
    if (cause instanceof UnknownHostException) {
      reason = "no address is known for this host name";
    } else if (message.contains("Address already in use")) {
      reason = "another process listens there already";
    } else if (message.contains("Permission denied")) {
      reason =
          settings.transport() == Transport.UNIX
              ? "the user '" + System.getProperty("user.name") + "' may not write to its directory"
              : "permission denied; ports below 1024 need root or CAP_NET_BIND_SERVICE";
    } else if (message.contains("Cannot assign requested address")) {
      reason = "this machine has no interface with that address";
    } else if (settings.transport() == Transport.UNIX
        && message.contains("No such file or directory")) {
      reason = "its directory does not exist";
    } else {
      reason = message;
    }
    return new IOException(
        "listener " + settings.name() + ": cannot bind " + settings.bind() + ": " + reason, cause);
  }

  /// Begins every accepted channel.
  private final class Beginning extends ChannelInitializer<Channel> {
    @Override
    protected void initChannel(Channel accepted) {
      if (accepted.hasAttr(Entrance.REFUSED)) {
        accepted.pipeline().addLast(new Farewell());
        return;
      }
      SocketAddress remote = accepted.remoteAddress();
      if (remote == null) { // NIO may not know it any more if the peer left at once
        counters.count(Refusal.ABANDONED);
        var _ = accepted.close();
      } else if (settings.proxyProtocol() || tls != null || settings.transport().isWebSocket()) {
        new Handshake(Listener.this, accepted).begin();
      } else {
        accepted.attr(Peer.KEY).set(new Peer(remote, remote, null, settings, false));
        accepted.pipeline().addLast(connectionHandler(accepted));
      }
    }
  }

  public ListenerSettings settings() {
    return settings;
  }

  /// Takes over what needs no other socket; connections that are there keep what they came with.
  ///
  /// @param now for which [ListenerSettings#needsNoOtherSocket] holds
  public void change(ListenerSettings now) {
    if (!now.needsNoOtherSocket(settings)) {
      throw new IllegalArgumentException("Listener " + now.name() + " would need another socket");
    }
    settings = now;
    entrance.change(now);
  }

  /// Where it is bound, with the port that was free if it asked for any.
  public SocketAddress address() {
    return address;
  }

  /// Open at the moment, in handshakes or handed over.
  public int connections() {
    return entrance.open();
  }

  ListenerCounters counters() {
    return counters;
  }

  AddressRanges trustedProxies() {
    return trustedProxies;
  }

  OriginRule origins() {
    return origins;
  }

  @Nullable TlsIdentity tls() {
    return tls;
  }

  ChannelHandler connectionHandler(Channel accepted) {
    return connectionHandler.apply(accepted);
  }

  /// Closes the listening socket; returns when nobody can connect any more.
  public void stopAccepting() {
    var _ = channel.close().awaitUninterruptibly();
    if (unixPath != null) {
      unixPath.remove();
    }
  }

  /// Stops accepting and watching the certificate's files. Handshakes under way end by themselves.
  @Override
  public void close() {
    stopAccepting();
    if (tls != null) {
      tls.close();
    }
  }
}
