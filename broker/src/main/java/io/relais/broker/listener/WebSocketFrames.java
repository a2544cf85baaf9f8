package io.relais.broker.listener;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelDuplexHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPromise;
import io.netty.util.ReferenceCountUtil;
import java.nio.channels.ClosedChannelException;

/// RFC 6455 frames around MQTT, without extensions. Payload is unmasked in place and passed on as
/// it arrives, however a client cuts its frames, so that a frame takes no memory here.
/// [MQTT-6.0.0-2] Each `ByteBuf` written leaves as one binary frame. [MQTT-6.0.0-4]
///
/// Owner: the channel's loop; inbound buffers are consumed here, slices of them passed on. Limits:
/// 14 bytes of header and 125 of a control frame are held.
final class WebSocketFrames extends ChannelDuplexHandler {
  private static final int CONTINUATION = 0x0;
  private static final int TEXT = 0x1;
  private static final int BINARY = 0x2;
  private static final int CLOSE = 0x8;
  private static final int PING = 0x9;
  private static final int PONG = 0xA;
  private static final int FIN = 0x80;
  private static final int MASKED = 0x80;
  private static final int CONTROL_BYTES_MAX = 125;

  private static final int NORMAL = 1000;
  private static final int PROTOCOL_ERROR = 1002;
  private static final int UNSUPPORTED = 1003;

  private final byte[] header = new byte[14];
  private int headerBytes;

  /// Of the frame whose payload is being read.
  private int opcode;

  private int mask;
  private long remaining;
  private boolean inPayload;
  private final byte[] control = new byte[CONTROL_BYTES_MAX];
  private int controlBytes;

  /// A message whose last fragment has not come.
  private boolean inMessage;

  /// A close frame was sent: nothing is read or written any more.
  private boolean closing;

  @Override
  public void channelRead(ChannelHandlerContext ctx, Object message) {
    if (!(message instanceof ByteBuf in)) {
      ctx.fireChannelRead(message);
      return;
    }
    try {
      while (!closing && (in.isReadable() || (inPayload && remaining == 0))) {
        if (!inPayload) {
          readHeader(ctx, in);
        } else if (opcode >= CLOSE) {
          readControl(ctx, in);
        } else {
          readPayload(ctx, in);
        }
      }
    } finally {
      in.release();
    }
  }

  private void readHeader(ChannelHandlerContext ctx, ByteBuf in) {
    int length;
    do {
      header[headerBytes++] = in.readByte();
      length = headerBytes < 2 ? 2 : headerLength(header[1]);
    } while (headerBytes < length && in.isReadable());
    if (headerBytes >= 2 && !isFrame(ctx)) {
      return;
    }
    if (headerBytes < length) {
      return;
    }
    remaining = payloadLength();
    if (remaining < 0) {
      end(ctx, PROTOCOL_ERROR);
      return;
    }
    mask =
        (header[length - 4] << 24)
            | ((header[length - 3] & 0xFF) << 16)
            | ((header[length - 2] & 0xFF) << 8)
            | (header[length - 1] & 0xFF);
    opcode = header[0] & 0x0F;
    if (opcode < CLOSE) {
      inMessage = (header[0] & FIN) == 0;
    }
    headerBytes = 0;
    controlBytes = 0;
    inPayload = true;
  }

  private static int headerLength(byte second) {
    return switch (second & 0x7F) {
      case 126 -> 2 + 2 + 4;
      case 127 -> 2 + 8 + 4;
      default -> 2 + 4;
    };
  }

  /// Looks at the first two bytes, as soon as they are there.
  private boolean isFrame(ChannelHandlerContext ctx) {
    boolean last = (header[0] & FIN) != 0;
    boolean plain = (header[0] & 0x70) == 0 && (header[1] & MASKED) != 0;
    int wrong =
        switch (header[0] & 0x0F) {
          case CONTINUATION -> plain && inMessage ? 0 : PROTOCOL_ERROR;
          case TEXT -> UNSUPPORTED; // [MQTT-6.0.0-1]
          case BINARY -> plain && !inMessage ? 0 : PROTOCOL_ERROR;
          case CLOSE, PING, PONG ->
              plain && last && (header[1] & 0x7F) <= CONTROL_BYTES_MAX ? 0 : PROTOCOL_ERROR;
          default -> PROTOCOL_ERROR;
        };
    if (wrong != 0) {
      end(ctx, wrong);
    }
    return wrong == 0;
  }

  private long payloadLength() {
    int first = header[1] & 0x7F;
    int bytes = first == 126 ? 2 : first == 127 ? 8 : 0;
    long length = bytes == 0 ? first : 0;
    for (int i = 0; i < bytes; i++) {
      length = (length << 8) | (header[2 + i] & 0xFF);
    }
    return length;
  }

  private void readPayload(ChannelHandlerContext ctx, ByteBuf in) {
    int bytes = (int) Math.min(remaining, in.readableBytes());
    remaining -= bytes;
    if (remaining == 0) {
      inPayload = false;
    }
    if (bytes > 0) {
      unmask(in, in.readerIndex(), bytes, mask);
      mask = Integer.rotateLeft(mask, 8 * (bytes & 3));
      ctx.fireChannelRead(in.readRetainedSlice(bytes));
    }
  }

  private static void unmask(ByteBuf in, int from, int bytes, int mask) {
    long wide = ((long) mask << 32) | (mask & 0xFFFF_FFFFL);
    int at = from;
    int end = from + bytes;
    for (; end - at >= Long.BYTES; at += Long.BYTES) {
      in.setLong(at, in.getLong(at) ^ wide);
    }
    for (int i = 0; at < end; at++, i++) {
      in.setByte(at, in.getByte(at) ^ (mask >>> (24 - 8 * (i & 3))));
    }
  }

  private void readControl(ChannelHandlerContext ctx, ByteBuf in) {
    while (remaining > 0 && in.isReadable()) {
      control[controlBytes] = (byte) (in.readByte() ^ (mask >>> (24 - 8 * (controlBytes & 3))));
      controlBytes++;
      remaining--;
    }
    if (remaining > 0) {
      return;
    }
    inPayload = false;
    switch (opcode) {
      case PING -> {
        // A peer that pings without reading gets no answers to pile up.
        if (ctx.channel().isWritable()) {
          var _ = ctx.writeAndFlush(frame(ctx, PONG, control, controlBytes));
        }
      }
      case PONG -> {} // was not asked for
      default -> end(ctx, closeCode());
    }
  }

  /// What answers a close frame: its own code, if it is one that may be sent.
  private int closeCode() {
    if (controlBytes == 0) {
      return NORMAL;
    }
    int code = controlBytes == 1 ? 0 : ((control[0] & 0xFF) << 8) | (control[1] & 0xFF);
    boolean defined = code >= 1000 && code <= 1014 && (code < 1004 || code > 1006);
    return defined || (code >= 3000 && code <= 4999) ? code : PROTOCOL_ERROR;
  }

  /// Sends a close frame, then ends the connection as [Farewell] does.
  private void end(ChannelHandlerContext ctx, int code) {
    if (closing) {
      return;
    }
    closing = true;
    Farewell.say(ctx.channel(), ctx.writeAndFlush(closeFrame(ctx, code)));
  }

  private static ByteBuf closeFrame(ChannelHandlerContext ctx, int code) {
    return frame(ctx, CLOSE, new byte[] {(byte) (code >>> 8), (byte) code}, 2);
  }

  private static ByteBuf frame(ChannelHandlerContext ctx, int opcode, byte[] payload, int bytes) {
    ByteBuf frame = ctx.alloc().ioBuffer(2 + bytes);
    frame.writeByte(FIN | opcode).writeByte(bytes).writeBytes(payload, 0, bytes);
    return frame;
  }

  @Override
  public void write(ChannelHandlerContext ctx, Object message, ChannelPromise promise) {
    if (closing) {
      ReferenceCountUtil.release(message);
      promise.tryFailure(new ClosedChannelException());
      return;
    }
    if (message instanceof ByteBuf payload && payload.isReadable()) {
      var _ =
          ctx.write(
              header(ctx, payload.readableBytes()), promise.isVoid() ? promise : ctx.newPromise());
    }
    var _ = ctx.write(message, promise);
  }

  private static ByteBuf header(ChannelHandlerContext ctx, int bytes) {
    ByteBuf header = ctx.alloc().ioBuffer(10);
    header.writeByte(FIN | BINARY);
    if (bytes < 126) {
      header.writeByte(bytes);
    } else if (bytes <= 0xFFFF) {
      header.writeByte(126).writeShort(bytes);
    } else {
      header.writeByte(127).writeLong(bytes);
    }
    return header;
  }

  /// The close frame goes out if the socket takes it now; a peer that does not read must not keep
  /// the connection.
  @Override
  public void close(ChannelHandlerContext ctx, ChannelPromise promise) {
    if (!closing && ctx.channel().isActive()) {
      closing = true;
      var _ = ctx.writeAndFlush(closeFrame(ctx, NORMAL));
    }
    var _ = ctx.close(promise);
  }
}
