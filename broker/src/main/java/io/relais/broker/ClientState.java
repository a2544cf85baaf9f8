package io.relais.broker;

import io.relais.protocol.ProtocolVersion;
import java.net.SocketAddress;
import org.jspecify.annotations.Nullable;

/// What an operator sees of a client at a moment.
///
/// @param address null, like the version and the listener: it is away
/// @param node that it is connected to; null: none
/// @param connectedAtMillis log time; 0: it is away
/// @param persistent whether the session outlives the connection
/// @param sessionExpirySeconds [io.relais.storage.Command#NEVER]: never
/// @param queuedMessages that wait, without those in flight
public record ClientState(
    String clientId,
    @Nullable String username,
    @Nullable SocketAddress address,
    @Nullable ProtocolVersion version,
    @Nullable String node,
    @Nullable String listener,
    long connectedAtMillis,
    int keepAliveSeconds,
    boolean persistent,
    long sessionExpirySeconds,
    int subscriptions,
    long queuedMessages,
    int inFlightMessages) {

  public boolean isConnected() {
    return node != null;
  }

  ClientState withQueued(long queued) {
    return new ClientState(
        clientId,
        username,
        address,
        version,
        node,
        listener,
        connectedAtMillis,
        keepAliveSeconds,
        persistent,
        sessionExpirySeconds,
        subscriptions,
        queued,
        inFlightMessages);
  }
}
