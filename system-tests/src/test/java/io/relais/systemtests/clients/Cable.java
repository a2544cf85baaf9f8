package io.relais.systemtests.clients;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.ArrayList;
import java.util.List;

/// A piece of network between clients and a broker that a test can cut: both ends then see a reset,
/// and nobody connects through it any more.
///
/// Owner: the test's thread; virtual threads carry the bytes. The list of sockets is guarded by
/// itself.
final class Cable implements AutoCloseable {
  private final ServerSocket near;
  private final InetSocketAddress far;
  private final List<Socket> sockets = new ArrayList<>();

  Cable(InetSocketAddress far) {
    this.far = far;
    try {
      near = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    Thread.ofVirtual().name("cable to " + far).start(this::accept);
  }

  InetSocketAddress address() {
    return new InetSocketAddress(InetAddress.getLoopbackAddress(), near.getLocalPort());
  }

  private void accept() {
    try {
      while (true) {
        Socket client = near.accept();
        Socket broker = new Socket(far.getAddress(), far.getPort());
        synchronized (sockets) {
          sockets.add(client);
          sockets.add(broker);
        }
        Thread.ofVirtual().start(() -> carry(client, broker));
        Thread.ofVirtual().start(() -> carry(broker, client));
      }
    } catch (IOException e) {
      // cut, or the broker is gone; both ends of what is open learn of it
      cut();
    }
  }

  private static void carry(Socket from, Socket to) {
    try (InputStream in = from.getInputStream();
        OutputStream out = to.getOutputStream()) {
      in.transferTo(out);
    } catch (IOException e) {
      // one side ended: the streams' end closes the other one
      return;
    }
  }

  /// Resets all connections, and takes no new ones.
  void cut() {
    try {
      near.close();
      synchronized (sockets) {
        for (Socket socket : sockets) {
          if (!socket.isClosed()) {
            socket.setSoLinger(true, 0);
            socket.close();
          }
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public void close() {
    cut();
  }
}
