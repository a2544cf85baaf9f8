package io.relais.broker.listener;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import java.io.ByteArrayOutputStream;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class WebSocketFramesTest {
  @Test
  void however_frames_are_cut_the_bytes_come_out() {
    for (long seed = 0; seed < 300; seed++) {
      Random random = new Random(seed);
      ByteArrayOutputStream sent = new ByteArrayOutputStream();
      ByteArrayOutputStream frames = new ByteArrayOutputStream();
      boolean inMessage = false;
      for (int i = random.nextInt(8); i >= 0; i--) {
        boolean last = random.nextBoolean();
        byte[] payload = new byte[random.nextInt(random.nextBoolean() ? 200 : 3000)];
        random.nextBytes(payload);
        sent.writeBytes(payload);
        int opcode = inMessage ? 0 : 2;
        frames.writeBytes(WebSocketListenerTest.frame((last ? 0x80 : 0) | opcode, payload));
        inMessage = !last;
        if (random.nextInt(3) == 0) {
          frames.writeBytes(WebSocketListenerTest.frame(0x8A, new byte[random.nextInt(126)]));
        }
      }
      EmbeddedChannel channel = new EmbeddedChannel(new WebSocketFrames());

      byte[] all = frames.toByteArray();
      for (int at = 0; at < all.length; ) {
        int piece = Math.min(all.length - at, 1 + random.nextInt(random.nextBoolean() ? 3 : 999));
        channel.writeInbound(Unpooled.copiedBuffer(all, at, piece));
        at += piece;
      }

      assertThat(received(channel)).as("seed %d", seed).isEqualTo(sent.toByteArray());
      assertThat(channel.finishAndReleaseAll()).as("seed %d: only a close", seed).isTrue();
    }
  }

  @Test
  void payload_is_passed_on_before_its_frame_is_complete() {
    EmbeddedChannel channel = new EmbeddedChannel(new WebSocketFrames());
    ByteBuf start = Unpooled.buffer();
    start.writeByte(0x82).writeByte(0x80 | 127).writeLong(1L << 40).writeInt(0).writeInt(42);

    channel.writeInbound(start);

    assertThat(received(channel)).containsExactly(0, 0, 0, 42);
    channel.finishAndReleaseAll();
  }

  @ParameterizedTest
  @CsvSource({"1, 2", "125, 2", "126, 4", "65535, 4", "65536, 10"})
  void each_write_is_one_binary_frame(int bytes, int headerBytes) {
    EmbeddedChannel channel = new EmbeddedChannel(new WebSocketFrames());

    channel.writeOutbound(Unpooled.wrappedBuffer(new byte[bytes]));

    ByteBuf header = channel.readOutbound();
    ByteBuf payload = channel.readOutbound();
    assertThat(header.readableBytes()).isEqualTo(headerBytes);
    assertThat(header.readUnsignedByte()).isEqualTo((short) 0x82);
    long length =
        switch (header.readUnsignedByte()) {
          case 126 -> header.readUnsignedShort();
          case 127 -> header.readLong();
          default -> bytes;
        };
    assertThat(length).isEqualTo(bytes);
    assertThat(payload.readableBytes()).isEqualTo(bytes);
    header.release();
    payload.release();
    channel.finishAndReleaseAll();
  }

  @Test
  void a_close_from_our_side_is_announced_with_1000() {
    EmbeddedChannel channel = new EmbeddedChannel(new WebSocketFrames());

    channel.close().syncUninterruptibly();

    ByteBuf close = channel.readOutbound();
    assertThat(close.readInt()).isEqualTo(0x8802_03E8);
    close.release();
  }

  private static byte[] received(EmbeddedChannel channel) {
    ByteArrayOutputStream received = new ByteArrayOutputStream();
    for (ByteBuf part = channel.readInbound(); part != null; part = channel.readInbound()) {
      byte[] bytes = new byte[part.readableBytes()];
      part.readBytes(bytes);
      received.writeBytes(bytes);
      part.release();
    }
    return received.toByteArray();
  }
}
