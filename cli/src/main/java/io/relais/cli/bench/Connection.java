package io.relais.cli.bench;

import io.netty.bootstrap.Bootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.handler.ssl.SslHandler;
import io.netty.util.concurrent.ScheduledFuture;
import io.relais.protocol.AckView;
import io.relais.protocol.MalformedPacket;
import io.relais.protocol.Packet;
import io.relais.protocol.PacketDecoder;
import io.relais.protocol.PacketEncoder;
import io.relais.protocol.PacketType;
import io.relais.protocol.Properties;
import io.relais.protocol.Property;
import io.relais.protocol.ProtocolVersion;
import io.relais.protocol.PublishView;
import io.relais.protocol.ReasonCode;
import io.relais.protocol.Sender;
import java.util.Arrays;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/// One connection, from the socket to DISCONNECT. What is written gathers in one buffer, which goes
/// to the socket at the end of a turn; this owns it until then.
///
/// Owner: the loop.
final class Connection extends ChannelInboundHandlerAdapter {
  /// What a connection is for. [#onDown] comes exactly once, whatever happened.
  interface Peer {
    /// The server said yes.
    void onUp(Packet.Connack connack);

    void onPublish(PublishView publish);

    void onAck(AckView ack);

    void onSuback(Packet.Suback suback);

    /// There is room to write again.
    void onRoom();

    /// The connection is no more.
    ///
    /// @param wasUp whether the server had said yes
    /// @param cause null if [#leave] asked for it
    void onDown(boolean wasUp, @Nullable String cause);
  }

  /// A due time for connections that are not counted.
  static final long NOT_TIMED = -1;

  private static final int CONNECT_TIMEOUT_MILLIS = 10_000;
  private static final int CONNACK_TIMEOUT_SECONDS = 30;
  private static final int OUTGOING_BYTES = 2 * 1024;
  private static final int PACKET_BYTES_MAX = 32 * 1024 * 1024;

  private final Plan plan;
  private final Loop loop;
  private final Packet.Connect connect;
  private final Peer peer;
  private final PublishView publish = new PublishView();
  private final AckView ack = new AckView();
  private @Nullable Channel channel;
  private @Nullable ByteBuf outgoing;
  private byte[] rest = {};
  private int restLength;
  private long dueNanos = NOT_TIMED;
  private boolean up;
  private boolean asked;
  private boolean down;
  private @Nullable String cause;
  private @Nullable ScheduledFuture<?> timeout;
  private @Nullable ScheduledFuture<?> ping;

  Connection(Plan plan, Loop loop, Packet.Connect connect, Peer peer) {
    this.plan = plan;
    this.loop = loop;
    this.connect = connect;
    this.peer = peer;
  }

  /// @param dueNanos when it was to be opened, from which its time counts, or [#NOT_TIMED]
  void open(long dueNanos) {
    this.dueNanos = dueNanos;
    new Bootstrap()
        .group(loop.events())
        .channelFactory(Transport::socket)
        .option(ChannelOption.TCP_NODELAY, true)
        .option(ChannelOption.CONNECT_TIMEOUT_MILLIS, CONNECT_TIMEOUT_MILLIS)
        .handler(
            new ChannelInitializer<Channel>() {
              @Override
              protected void initChannel(Channel made) {
                channel = made;
                Transport.prepare(made, plan);
                made.pipeline().addLast(Connection.this);
              }
            })
        .connect(plan.address())
        .addListener(
            (ChannelFutureListener)
                done -> {
                  if (!done.isSuccess()) {
                    onEnd("connecting failed: " + Transport.sentence(done.cause()));
                  }
                });
    timeout =
        loop.events()
            .schedule(
                () -> fail("no CONNACK within " + CONNACK_TIMEOUT_SECONDS + " s"),
                CONNACK_TIMEOUT_SECONDS,
                TimeUnit.SECONDS);
  }

  @Override
  public void channelActive(ChannelHandlerContext context) {
    if (context.pipeline().get(SslHandler.class) == null && plan.webSocketPath() == null) {
      sendConnect();
    }
  }

  @Override
  public void userEventTriggered(ChannelHandlerContext context, Object event) {
    if (Transport.isReady(event, plan)) {
      sendConnect();
    }
  }

  private void sendConnect() {
    send(connect);
    flush();
  }

  boolean isWritable() {
    return up && channel != null && channel.isWritable();
  }

  /// Writes a packet and leaves flushing to the caller.
  void send(Packet packet) {
    ProtocolVersion v = plan.version();
    int size = PacketEncoder.size(packet, v);
    byte[] bytes = new byte[size];
    PacketEncoder.write(packet, v, bytes, 0);
    write(bytes, size);
  }

  void sendAck(PacketType type, int packetId) {
    int end = PacketEncoder.writeAck(loop.scratch, 0, type, packetId, 0, plan.version());
    write(loop.scratch, end);
  }

  void write(byte[] bytes, int length) {
    ByteBuf out = room(length);
    if (out != null) {
      out.writeBytes(bytes, 0, length);
    }
  }

  /// A buffer to which so many bytes may be appended; null if the connection is gone.
  @Nullable ByteBuf room(int length) {
    Channel open = channel;
    if (open == null || down) {
      return null;
    }
    ByteBuf out = outgoing;
    if (out != null && out.writableBytes() < length) {
      open.write(out, open.voidPromise());
      out = null;
    }
    if (out == null) {
      out = open.alloc().directBuffer(Math.max(length, OUTGOING_BYTES));
      outgoing = out;
    }
    return out;
  }

  void flush() {
    Channel open = channel;
    if (open == null || down) {
      return;
    }
    ByteBuf out = outgoing;
    outgoing = null;
    if (out != null) {
      open.writeAndFlush(out, open.voidPromise());
    }
  }

  @Override
  public void channelRead(ChannelHandlerContext context, Object message) {
    ByteBuf in = (ByteBuf) message;
    try {
      while (in.isReadable() && !down) {
        read(in);
      }
    } catch (MalformedPacket e) {
      fail("the server sent a malformed packet: " + e.getMessage());
    } finally {
      in.release();
    }
  }

  /// The loop has one large array for what it reads; only what a packet lacks its end of is kept
  /// with the connection.
  private void read(ByteBuf in) throws MalformedPacket {
    byte[] array;
    int end;
    if (restLength == 0) {
      array = loop.incoming;
      end = Math.min(in.readableBytes(), array.length);
      in.readBytes(array, 0, end);
    } else {
      end = restLength + in.readableBytes();
      array = end <= rest.length ? rest : Arrays.copyOf(rest, Math.max(end, announced()));
      in.readBytes(array, restLength, end - restLength);
    }
    int at = 0;
    while (at < end && !down) {
      int length = PacketDecoder.frameLength(plan.version(), array, at, end, PACKET_BYTES_MAX);
      if (length == 0 || length > end - at) {
        break;
      }
      onPacket(array, at, at + length);
      at += length;
    }
    restLength = end - at;
    if (array != loop.incoming) {
      rest = array;
    } else if (restLength > rest.length) {
      rest = new byte[restLength];
    }
    System.arraycopy(array, at, rest, 0, restLength);
  }

  /// The length of the packet whose beginning is kept, so that a large one is copied once; 0 if it
  /// is not known yet.
  private int announced() throws MalformedPacket {
    return PacketDecoder.frameLength(plan.version(), rest, 0, restLength, PACKET_BYTES_MAX);
  }

  private void onPacket(byte[] array, int at, int end) throws MalformedPacket {
    ProtocolVersion v = plan.version();
    int number = array[at] >> 4 & 0x0F;
    if (number == PacketType.PUBLISH.number()) {
      PacketDecoder.publish(v, Sender.SERVER, array, at, end, publish);
      peer.onPublish(publish);
    } else if (number >= PacketType.PUBACK.number() && number <= PacketType.PUBCOMP.number()) {
      PacketDecoder.ack(v, array, at, end, ack);
      peer.onAck(ack);
    } else {
      onOther(PacketDecoder.decode(v, Sender.SERVER, array, at, end));
    }
  }

  private void onOther(Packet packet) {
    switch (packet) {
      case Packet.Connack connack -> onConnack(connack);
      case Packet.Suback suback -> peer.onSuback(suback);
      case Packet.Disconnect(ReasonCode reason, _) -> fail("the server disconnected: " + reason);
      case Packet.Pingresp _, Packet.Unsuback _ -> {}
      case Packet.Auth _ -> fail("the server asked for AUTH");
      case Packet.Connect _,
          Packet.Publish _,
          Packet.Puback _,
          Packet.Pubrec _,
          Packet.Pubrel _,
          Packet.Pubcomp _,
          Packet.Subscribe _,
          Packet.Unsubscribe _,
          Packet.Pingreq _ ->
          fail("the server sent " + packet.type());
    }
  }

  private void onConnack(Packet.Connack connack) {
    if (connack.reason().isError()) {
      fail("the server refused: " + connack.reason());
      return;
    }
    if (up) {
      fail("the server sent a second CONNACK");
      return;
    }
    up = true;
    loop.tally.connected.increment();
    cancel(timeout);
    if (dueNanos != NOT_TIMED) {
      loop.connect.record(loop.now() - dueNanos);
    }
    int seconds =
        connack.properties().intValue(Property.SERVER_KEEP_ALIVE, connect.keepAliveSeconds());
    if (seconds > 0) {
      // Half of it, and not all of them in the same second.
      long millis = seconds * 500L;
      long delay = millis / 2 + Math.floorMod(connect.clientId().hashCode(), millis / 2 + 1);
      ping = loop.events().scheduleAtFixedRate(this::onPing, delay, millis, TimeUnit.MILLISECONDS);
    }
    peer.onUp(connack);
  }

  private void onPing() {
    send(new Packet.Pingreq());
    flush();
  }

  @Override
  public void channelReadComplete(ChannelHandlerContext context) {
    flush();
  }

  @Override
  public void channelWritabilityChanged(ChannelHandlerContext context) {
    if (isWritable()) {
      peer.onRoom();
    }
  }

  /// Says goodbye and closes.
  void leave() {
    if (down) {
      return;
    }
    asked = true;
    if (up) {
      send(new Packet.Disconnect(ReasonCode.SUCCESS, Properties.NONE));
      flush();
    }
    close();
  }

  /// Closes for a reason of ours or the server's.
  void fail(String why) {
    if (cause == null) {
      cause = why;
    }
    close();
  }

  private void close() {
    Channel open = channel;
    if (open == null) {
      onEnd(cause);
    } else {
      open.close();
    }
  }

  @Override
  public void channelInactive(ChannelHandlerContext context) {
    onEnd(
        cause != null ? cause : up ? "the server closed the connection" : "closed before CONNACK");
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext context, Throwable thrown) {
    fail(Transport.sentence(thrown));
  }

  private void onEnd(@Nullable String why) {
    if (down) {
      return;
    }
    down = true;
    cancel(timeout);
    cancel(ping);
    ByteBuf out = outgoing;
    outgoing = null;
    if (out != null) {
      out.release();
    }
    peer.onDown(up, asked ? null : cause != null ? cause : why);
  }

  private static void cancel(@Nullable ScheduledFuture<?> task) {
    if (task != null) {
      task.cancel(false);
    }
  }
}
