package io.relais.broker;

import io.relais.broker.access.AddressRange;
import org.jspecify.annotations.Nullable;

/// Which clients are meant; what is null does not matter. User and address are known of clients
/// that are connected.
///
/// @param connected whether they are to be connected
/// @param username as they authenticated
/// @param address they come from
public record ClientQuery(
    @Nullable Boolean connected, @Nullable String username, @Nullable AddressRange address) {

  boolean isMeant(@Nullable Session session) {
    return (connected == null || connected == (session != null))
        && (username == null || session != null && username.equals(session.username()))
        && (address == null || session != null && address.contains(session.address()));
  }

  /// After it was asked what it is: it may have come, gone or changed since it was found.
  boolean isMeant(ClientState client) {
    return (connected == null || connected == client.isConnected())
        && (username == null || username.equals(client.username()))
        && (address == null || address.contains(client.address()));
  }
}
