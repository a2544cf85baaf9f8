package io.relais.testkit;

import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.Channels;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.util.List;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;

/// The bytes between a test client and a broker, whatever carries them.
///
/// @param cut ends the connection as a failing network does: TCP is reset where there is one
/// @param close ends it in order
public record Link(InputStream in, OutputStream out, Closeable cut, Closeable close) {
  private static final int CONNECT_MILLIS = 5_000;

  public static Link tcp(InetSocketAddress to) throws IOException {
    Socket socket = dial(to);
    return of(socket, socket);
  }

  /// @param context decides about trust; the host's name is checked as HTTPS does it
  public static Link tls(InetSocketAddress to, SSLContext context) throws IOException {
    Socket socket = dial(to);
    SSLSocket tls =
        (SSLSocket)
            context.getSocketFactory().createSocket(socket, to.getHostString(), to.getPort(), true);
    var parameters = tls.getSSLParameters();
    parameters.setEndpointIdentificationAlgorithm("HTTPS");
    tls.setSSLParameters(parameters);
    tls.setSoTimeout(CONNECT_MILLIS);
    try {
      tls.startHandshake();
    } catch (IOException e) {
      socket.close();
      throw e;
    }
    tls.setSoTimeout(0);
    return of(tls, socket);
  }

  public static Link unix(Path path) throws IOException {
    SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX);
    try {
      channel.connect(UnixDomainSocketAddress.of(path));
    } catch (IOException e) {
      channel.close();
      throw e;
    }
    return new Link(
        Channels.newInputStream(channel), Channels.newOutputStream(channel), channel, channel);
  }

  /// This link after a WebSocket handshake; see [WebSocketClient].
  ///
  /// @param subprotocols offered, in this order
  public Link webSocket(String host, String path, List<String> subprotocols) throws IOException {
    WebSocketClient client = WebSocketClient.shake(this, host, path, subprotocols, List.of());
    return new Link(client.in(), client.out(), cut, close);
  }

  private static Socket dial(InetSocketAddress to) throws IOException {
    Socket socket = new Socket();
    try {
      socket.setTcpNoDelay(true);
      socket.connect(to, CONNECT_MILLIS);
    } catch (IOException e) {
      socket.close();
      throw e;
    }
    return socket;
  }

  private static Link of(Socket outer, Socket tcp) throws IOException {
    return new Link(
        outer.getInputStream(),
        outer.getOutputStream(),
        () -> {
          tcp.setSoLinger(true, 0);
          tcp.close();
        },
        outer);
  }
}
