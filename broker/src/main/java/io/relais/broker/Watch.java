package io.relais.broker;

import io.relais.broker.access.AddressRange;
import java.net.SocketAddress;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// Somebody who wants to see all that some clients do, connected already or not, or what becomes of
/// messages on some topics. One of the first four says which.
///
/// @param filter of the topics
/// @param payloadBytesMax of each PUBLISH; 0: no payloads
/// @param told on the loops, so it must not wait; payloads in what it gets may be longer than it
///   asked for
public record Watch(
    @Nullable String clientId,
    @Nullable String username,
    @Nullable AddressRange address,
    @Nullable String filter,
    int payloadBytesMax,
    Consumer<TimelineEntry> told) {

  boolean isOf(String otherId, @Nullable String otherName, SocketAddress from) {
    return otherId.equals(clientId)
        || username != null && username.equals(otherName)
        || address != null && address.contains(from);
  }

  public static Watch client(String clientId, int payloadBytesMax, Consumer<TimelineEntry> told) {
    return new Watch(clientId, null, null, null, payloadBytesMax, told);
  }
}
