package io.relais.broker.listener;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;

/// A client's socket. All reads end after ten seconds.
record Wire(Socket socket) implements AutoCloseable {
  private static final int READ_MILLIS_MAX = 10_000;

  static Wire to(int port) {
    try {
      Socket socket = new Socket();
      socket.connect(
          new InetSocketAddress(InetAddress.getLoopbackAddress(), port), READ_MILLIS_MAX);
      socket.setSoTimeout(READ_MILLIS_MAX);
      return new Wire(socket);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /// From here on with TLS; the handshake is done when it returns.
  Wire secured(SSLContext context, String... versions) throws IOException {
    SSLSocket secure =
        (SSLSocket) context.getSocketFactory().createSocket(socket, "127.0.0.1", 0, true);
    if (versions.length > 0) {
      secure.setEnabledProtocols(versions);
    }
    secure.startHandshake();
    return new Wire(secure);
  }

  Wire send(byte... bytes) throws IOException {
    socket.getOutputStream().write(bytes);
    socket.getOutputStream().flush();
    return this;
  }

  Wire send(String text) throws IOException {
    return send(text.getBytes(StandardCharsets.ISO_8859_1));
  }

  byte[] read(int bytes) throws IOException {
    return socket.getInputStream().readNBytes(bytes);
  }

  String readText(int bytes) throws IOException {
    return new String(read(bytes), StandardCharsets.ISO_8859_1);
  }

  /// 1 if a byte came, 0 at an orderly end.
  int readToken() throws IOException {
    return socket.getInputStream().read() < 0 ? 0 : 1;
  }

  /// Up to an orderly end; a reset is an exception.
  String readToEnd() throws IOException {
    return new String(socket.getInputStream().readAllBytes(), StandardCharsets.ISO_8859_1);
  }

  /// Up to the empty line.
  String readHttpHead() throws IOException {
    ByteArrayOutputStream head = new ByteArrayOutputStream();
    while (!head.toString(StandardCharsets.ISO_8859_1).endsWith("\r\n\r\n")) {
      int next = socket.getInputStream().read();
      if (next < 0) {
        break;
      }
      head.write(next);
    }
    return head.toString(StandardCharsets.ISO_8859_1);
  }

  @Override
  public void close() throws IOException {
    socket.close();
  }
}
