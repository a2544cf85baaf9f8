package io.relais.broker;

import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelOutboundBuffer;
import io.netty.channel.unix.Socket;
import io.netty.channel.unix.UnixChannel;
import io.relais.protocol.Packet;
import io.relais.protocol.PacketEncoder;
import io.relais.protocol.PacketType;
import io.relais.protocol.ProtocolVersion;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/// What goes out to one client: bytes gather in an array that is borrowed while there are any, and
/// leave with one write at the end of the loop's turn. Where nothing stands between us and a socket
/// of epoll they go to it at once; what it does not take, and everything of TLS and WebSocket, goes
/// through the channel, which writes when the socket is ready.
///
/// Owner: the connection's loop; the array belongs to the outbox until the flush. Limits: an array
/// passes on what it holds at [#ARRAY_MAX] bytes, and what one client may have unsent is bounded by
/// the sessions, which look at [#isBlocked()].
final class Outbox {
  static final int ARRAY_MAX = 256 * 1024;
  private static final byte[] NONE = {};

  private final Loop loop;
  private final Channel channel;
  private byte[] array = NONE;
  private int end;
  private int usual; // bytes that left the last time: as much is borrowed at once
  private boolean marked;
  private boolean closed;
  private boolean heldBack; // somebody was told to wait because of what has gathered
  private boolean unflushed; // something was written to the channel
  private @Nullable Socket socket; // of a channel without TLS or WebSocket
  private boolean knowsSocket;
  private @Nullable Probe probe; // of a connection that is watched

  Outbox(Loop loop, Channel channel) {
    this.loop = loop;
    this.channel = channel;
  }

  /// @param by who reads along from now on; null: nobody
  void watch(@Nullable Probe by) {
    probe = by;
  }

  /// Before what has gathered leaves.
  private void show() {
    if (probe != null) {
      probe.sent(array, end);
    }
  }

  /// Where [#room] made room.
  byte[] array() {
    return array;
  }

  /// Makes room for n bytes, which the caller must fill, and sees to it that they leave with this
  /// turn.
  ///
  /// @return where they go in [#array()]
  int room(int n) {
    if (end + n > array.length) {
      enlarge(n);
    }
    if (!marked) {
      marked = true;
      loop.markDirty(this);
    }
    int at = end;
    end += n;
    return at;
  }

  private void enlarge(int n) {
    if (end > 0 && end + n > ARRAY_MAX) {
      leave(); // so that what the socket takes does not count as blocked
    }
    if (array.length == 0) {
      array = loop.borrow(Math.max(n, usual));
      return;
    }
    if (end + n > array.length) {
      byte[] larger = loop.borrow(Math.max(array.length * 2, end + n));
      System.arraycopy(array, 0, larger, 0, end);
      loop.giveBack(array);
      array = larger;
    }
  }

  void write(Packet packet, ProtocolVersion version) {
    int size = PacketEncoder.size(packet, version);
    int at = room(size);
    PacketEncoder.write(packet, version, array, at);
    loop.counters().increment(Counter.PACKETS_SENT);
    loop.counters().add(Counter.BYTES_SENT, size);
  }

  void writeAck(PacketType type, int packetId, int reasonCode, ProtocolVersion version) {
    int at = room(version.isV5() && reasonCode != 0 ? 5 : 4);
    int after = PacketEncoder.writeAck(array, at, type, packetId, reasonCode, version);
    loop.counters().increment(Counter.PACKETS_SENT);
    loop.counters().add(Counter.BYTES_SENT, after - at);
  }

  ByteBuf allocate(int bytes) {
    return channel.alloc().directBuffer(bytes);
  }

  /// Sends a buffer behind what has gathered; takes it over.
  void append(ByteBuf buffer) {
    if (closed) {
      buffer.release();
      return;
    }
    if (end > 0) {
      show();
      passOn();
    }
    channel.write(buffer, channel.voidPromise());
    unflushed = true;
  }

  /// Sends bytes behind what has gathered, as many as the socket takes at once.
  ///
  /// @return how many that were; the others are the caller's to [#append]
  int sendStraight(byte[] from, int start, int length) {
    if (closed || socket() == null) {
      return 0;
    }
    leave();
    return straight(from, start, length);
  }

  /// @return how many bytes the socket took; all of them where it cannot be written any more
  private int straight(byte[] from, int start, int length) {
    Socket direct = socket();
    if (direct == null) {
      return 0;
    }
    ByteBuf output = loop.output();
    int sent = 0;
    try {
      while (sent < length && !hasPending()) {
        int some = Math.min(length - sent, Loop.OUTPUT_BYTES);
        output.setBytes(0, from, start + sent, some);
        int taken = direct.sendAddress(output.memoryAddress(), 0, some);
        sent += taken;
        if (taken < some) {
          break;
        }
      }
      return sent;
    } catch (IOException e) {
      channel.close(); // as the channel does itself when it cannot write
      return length;
    }
  }

  /// Whether the client takes too slowly what it is sent.
  boolean isBlocked() {
    if (!channel.isWritable()) {
      return true;
    }
    boolean blocks = end > ARRAY_MAX / 2 && channel.bytesBeforeUnwritable() <= end;
    heldBack |= blocks;
    return blocks;
  }

  /// At the end of a turn.
  void flush() {
    marked = false;
    if (closed) {
      release();
      return;
    }
    leave();
  }

  private void leave() {
    if (end > 0) {
      show();
      send();
    }
    if (unflushed) {
      unflushed = false;
      channel.flush();
    }
    if (heldBack) {
      heldBack = false;
      // The channel tells only of what went through it. Reads come first.
      channel.eventLoop().execute(() -> channel.pipeline().fireChannelWritabilityChanged());
    }
  }

  private void send() {
    int sent = straight(array, 0, end);
    if (sent < end) {
      passOn(sent);
    } else {
      release();
    }
  }

  /// The socket to write to, when this is first asked: by then a handler that only looked at the
  /// beginning is gone.
  private @Nullable Socket socket() {
    if (!knowsSocket) {
      knowsSocket = true;
      if (channel instanceof UnixChannel unix
          && unix.fd() instanceof Socket direct
          && channel.pipeline().first() == channel.pipeline().last()) {
        socket = direct;
      }
    }
    return socket;
  }

  /// Whether something waits in the channel, or it is closed: it has no outbound buffer from then
  /// on, and its descriptor may be that of another client already.
  private boolean hasPending() {
    ChannelOutboundBuffer pending = channel.unsafe().outboundBuffer();
    return pending == null || pending.totalPendingWriteBytes() > 0;
  }

  /// Sends what there is, then closes the sending half; the caller closes the rest.
  void finish() {
    if (end > 0 && !closed) {
      show();
      ByteBuf last = channel.alloc().directBuffer(end);
      last.writeBytes(array, 0, end);
      channel
          .writeAndFlush(last)
          .addListener(
              (ChannelFutureListener)
                  done -> {
                    if (done.channel() instanceof io.netty.channel.socket.DuplexChannel duplex
                        && done.channel().pipeline().first() == done.channel().pipeline().last()) {
                      duplex.shutdownOutput();
                    } else {
                      done.channel().close();
                    }
                  });
      end = 0;
    } else {
      channel.flush();
      channel.close();
    }
    close();
  }

  void close() {
    closed = true;
    release();
  }

  private void passOn() {
    passOn(0);
  }

  private void passOn(int from) {
    ByteBuf buffer = channel.alloc().directBuffer(end - from);
    buffer.writeBytes(array, from, end - from);
    channel.write(buffer, channel.voidPromise());
    unflushed = true;
    release();
  }

  private void release() {
    usual = Math.min(end, ARRAY_MAX / 4);
    end = 0;
    if (array.length > 0) {
      loop.giveBack(array);
      array = NONE;
    }
  }
}
