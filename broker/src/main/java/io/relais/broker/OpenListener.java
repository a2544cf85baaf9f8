package io.relais.broker;

import io.relais.broker.listener.Listener;
import io.relais.broker.listener.ListenerSettings;
import java.net.SocketAddress;
import org.jspecify.annotations.Nullable;

/// A listener of a broker, as whoever opened it holds it.
///
/// Owner: opened, changed and closed by one thread at a time; each connection reads it once when it
/// begins.
public final class OpenListener {
  private volatile AckLevel ackLevel;
  private volatile boolean closed;
  private @Nullable Listener listener;

  OpenListener(AckLevel ackLevel) {
    this.ackLevel = ackLevel;
  }

  void opened(Listener bound) {
    listener = bound;
  }

  Listener listener() {
    if (listener == null) {
      throw new IllegalStateException("The listener is not open yet");
    }
    return listener;
  }

  AckLevel ackLevel() {
    return ackLevel;
  }

  /// Whether connections that come out of a handshake now come too late.
  boolean isClosed() {
    return closed;
  }

  /// Nobody can connect any more.
  void close() {
    closed = true;
    listener().close();
  }

  public ListenerSettings settings() {
    return listener().settings();
  }

  /// With the port that port 0 became.
  public SocketAddress address() {
    return listener().address();
  }

  /// That came by it and are open.
  public int connections() {
    return listener().connections();
  }

  /// Takes over what needs no other socket, for clients that connect from now on.
  ///
  /// @param now for which [ListenerSettings#needsNoOtherSocket] holds
  public void change(ListenerSettings now, AckLevel level) {
    listener().change(now);
    ackLevel = level;
  }
}
