package io.relais.testkit;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.ThreadLocalRandom;
import org.jspecify.annotations.Nullable;

/// The client's side of a WebSocket [RFC 6455], by hand, so that tests see each frame and can send
/// any. Its two streams carry MQTT's bytes: one write is one binary frame; reading passes over
/// frame borders, answers pings, and accepts nothing but binary data, as MQTT demands of a server.
///
/// Owner: one thread reads and one writes; pongs are written by the reader, under the writer's
/// lock.
public final class WebSocketClient {
  /// Opcodes of frames.
  public static final int CONTINUATION = 0;

  public static final int TEXT = 1;
  public static final int BINARY = 2;
  public static final int CLOSE = 8;
  public static final int PING = 9;
  public static final int PONG = 10;

  private static final int HEADERS_MAX = 16 * 1024;

  private final Link link;
  private final @Nullable String subprotocol;
  private byte[] payload = new byte[0];
  private int payloadAt;

  private WebSocketClient(Link link, @Nullable String subprotocol) {
    this.link = link;
    this.subprotocol = subprotocol;
  }

  /// The server answered the handshake with something other than 101.
  public static final class Refused extends IOException {
    private static final long serialVersionUID = 1L;
    private final int status;

    Refused(int status, String answer) {
      super("the WebSocket handshake was answered with " + status + ": " + answer);
      this.status = status;
    }

    public int status() {
      return status;
    }
  }

  /// @param headers more lines of the request, such as `Origin: http://localhost`
  /// @throws Refused if the server says no
  public static WebSocketClient shake(
      Link link, String host, String path, List<String> subprotocols, List<String> headers)
      throws IOException {
    byte[] nonce = new byte[16];
    ThreadLocalRandom.current().nextBytes(nonce);
    String key = Base64.getEncoder().encodeToString(nonce);
    StringBuilder request = new StringBuilder();
    request.append("GET ").append(path).append(" HTTP/1.1\r\nHost: ").append(host);
    request.append("\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13");
    request.append("\r\nSec-WebSocket-Key: ").append(key);
    if (!subprotocols.isEmpty()) {
      request.append("\r\nSec-WebSocket-Protocol: ").append(String.join(", ", subprotocols));
    }
    for (String header : headers) {
      request.append("\r\n").append(header);
    }
    link.out().write(request.append("\r\n\r\n").toString().getBytes(ISO_8859_1));
    link.out().flush();

    String answer = headers(link.in());
    String[] lines = answer.split("\r\n");
    String[] status = lines[0].split(" ", 3);
    if (status.length < 2 || !status[1].equals("101")) {
      throw new Refused(status.length < 2 ? 0 : Integer.parseInt(status[1]), answer.strip());
    }
    String accept = value(lines, "sec-websocket-accept");
    if (!accept(key).equals(accept)) {
      throw new IOException("Sec-WebSocket-Accept does not fit the key: " + answer);
    }
    return new WebSocketClient(link, value(lines, "sec-websocket-protocol"));
  }

  private static String headers(InputStream in) throws IOException {
    ByteArrayOutputStream read = new ByteArrayOutputStream();
    int matched = 0;
    while (matched < 4) {
      int b = in.read();
      if (b < 0) {
        throw new EOFException("closed amid the handshake, after: " + read.toString(ISO_8859_1));
      }
      read.write(b);
      matched = b == "\r\n\r\n".charAt(matched) ? matched + 1 : b == '\r' ? 1 : 0;
      if (read.size() > HEADERS_MAX) {
        throw new IOException("more than " + HEADERS_MAX + " bytes of HTTP headers");
      }
    }
    return read.toString(ISO_8859_1);
  }

  private static @Nullable String value(String[] lines, String name) {
    for (String line : lines) {
      int colon = line.indexOf(':');
      if (colon > 0 && line.substring(0, colon).toLowerCase(Locale.ROOT).equals(name)) {
        return line.substring(colon + 1).strip();
      }
    }
    return null;
  }

  private static String accept(String key) {
    try {
      MessageDigest sha1 = MessageDigest.getInstance("SHA-1");
      byte[] digest =
          sha1.digest((key + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11").getBytes(ISO_8859_1));
      return Base64.getEncoder().encodeToString(digest);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java has SHA-1", e);
    }
  }

  /// What the server selected.
  public @Nullable String subprotocol() {
    return subprotocol;
  }

  /// Writes one frame, masked as a client must.
  ///
  /// @param last the FIN bit
  public void write(int opcode, boolean last, byte[] data) throws IOException {
    Bytes frame = new Bytes().u8((last ? 0x80 : 0) | opcode);
    if (data.length < 126) {
      frame.u8(0x80 | data.length);
    } else if (data.length <= 0xFFFF) {
      frame.u8(0x80 | 126).u16(data.length);
    } else {
      frame.u8(0x80 | 127).u32(0).u32(data.length);
    }
    byte[] mask = new byte[4];
    ThreadLocalRandom.current().nextBytes(mask);
    byte[] masked = new byte[data.length];
    for (int i = 0; i < data.length; i++) {
      masked[i] = (byte) (data[i] ^ mask[i & 3]);
    }
    frame.raw(mask).raw(masked);
    synchronized (this) {
      link.out().write(frame.toArray());
      link.out().flush();
    }
  }

  /// One frame as the server sent it.
  public record Frame(int opcode, boolean last, byte[] data) {}

  /// @return null at the end of the stream
  public @Nullable Frame read() throws IOException {
    int first = link.in().read();
    if (first < 0) {
      return null;
    }
    int second = u8();
    if ((second & 0x80) != 0) {
      throw new IOException("a server must not mask its frames");
    }
    if ((first & 0x70) != 0) {
      throw new IOException("reserved bits of a WebSocket frame are set");
    }
    long length = second;
    if (second == 126) {
      length = (long) u8() << 8 | u8();
    } else if (second == 127) {
      length = 0;
      for (int i = 0; i < 8; i++) {
        length = length << 8 | u8();
      }
    }
    byte[] data = link.in().readNBytes(Math.toIntExact(length));
    if (data.length < length) {
      throw new EOFException("closed amid a WebSocket frame");
    }
    return new Frame(first & 0x0F, (first & 0x80) != 0, data);
  }

  private int u8() throws IOException {
    int b = link.in().read();
    if (b < 0) {
      throw new EOFException("closed amid the header of a WebSocket frame");
    }
    return b;
  }

  InputStream in() {
    return new InputStream() {
      @Override
      public int read() throws IOException {
        return fill() ? payload[payloadAt++] & 0xFF : -1;
      }

      @Override
      public int read(byte[] to, int at, int length) throws IOException {
        if (length == 0) {
          return 0;
        }
        if (!fill()) {
          return -1;
        }
        int count = Math.min(length, payload.length - payloadAt);
        System.arraycopy(payload, payloadAt, to, at, count);
        payloadAt += count;
        return count;
      }
    };
  }

  private boolean fill() throws IOException {
    while (payloadAt == payload.length) {
      Frame frame = read();
      if (frame == null) {
        return false;
      }
      switch (frame.opcode) {
        case BINARY, CONTINUATION -> {
          payload = frame.data;
          payloadAt = 0;
        }
        case PING -> write(PONG, true, frame.data);
        case PONG -> {
          // nobody asked; a server may beat this way
        }
        case CLOSE -> {
          return false;
        }
        default ->
            throw new IOException(
                "MQTT travels in binary frames, not in opcode "
                    + frame.opcode
                    + ": "
                    + new String(frame.data, UTF_8));
      }
    }
    return true;
  }

  OutputStream out() {
    return new OutputStream() {
      @Override
      public void write(int b) throws IOException {
        WebSocketClient.this.write(BINARY, true, new byte[] {(byte) b});
      }

      @Override
      public void write(byte[] from, int at, int length) throws IOException {
        byte[] data = new byte[length];
        System.arraycopy(from, at, data, 0, length);
        WebSocketClient.this.write(BINARY, true, data);
      }
    };
  }
}
