package io.relais.broker;

import io.relais.broker.access.Client;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.util.Arrays;
import java.util.HexFormat;
import org.jspecify.annotations.Nullable;

/// How fast clients may connect, publish and subscribe: each alone, and all of a user, an address
/// or a listener together.
///
/// Owner: any loop. Limits: those of [Allowances].
final class Rates {
  private static final int AWAY_MAX = 100_000; // names without a connection
  private static final int NETWORK_BYTES = 8; // of an IPv6 address: what one customer gets

  private final boolean on;
  private final Allowances clients;
  private final Allowances users;
  private final Allowances addresses;
  private final Allowances listeners;

  /// @param connectionsMax over all listeners
  Rates(RateSettings settings, int loops, int connectionsMax) {
    this.on = !settings.isOff();
    long names = (long) connectionsMax + AWAY_MAX;
    this.clients = new Allowances(settings.client(), 0, names);
    this.users = new Allowances(settings.user(), loops, names);
    this.addresses = new Allowances(settings.address(), loops, names);
    this.listeners = new Allowances(settings.listener(), loops, names);
  }

  /// Before it is known who connects: address first, so that one cannot use up what is for all.
  ///
  /// @return whose rate is exceeded; null: nobody's
  @Nullable String exceededBeforeLogin(Client asking, long nowMillis) {
    if (!on) {
      return null;
    }
    if (!addresses.mayConnect(network(asking.address()), nowMillis)) {
      return "address";
    }
    return listeners.mayConnect(asking.listener(), nowMillis) ? null : "listener";
  }

  /// Once it is known who connects, so that nobody uses up what is for another.
  ///
  /// @return whose rate is exceeded; null: nobody's
  @Nullable String exceededAfterLogin(Client admitted, long nowMillis) {
    if (!on) {
      return null;
    }
    if (!clients.mayConnect(admitted.clientId(), nowMillis)) {
      return "client";
    }
    return users.mayConnect(admitted.username(), nowMillis) ? null : "user";
  }

  /// What a connection goes by, which ends it.
  ///
  /// @return null: it may take any number
  @Nullable Throttle throttle(Client client, Loop loop) {
    if (!on) {
      return null;
    }
    var made = new Throttle(loop.index());
    long now = loop.nowMillis();
    made.add(clients, client.clientId(), now);
    made.add(users, client.username(), now);
    made.add(addresses, network(client.address()), now);
    made.add(listeners, client.listener(), now);
    return made.isEmpty() ? null : made;
  }

  /// Whom an address belongs to; null: it is none of the internet's.
  static @Nullable String network(SocketAddress address) {
    if (!(address instanceof InetSocketAddress internet)) {
      return null;
    }
    InetAddress ip = internet.getAddress();
    return switch (ip) {
      case null -> null;
      case Inet6Address six ->
          HexFormat.of().formatHex(Arrays.copyOf(six.getAddress(), NETWORK_BYTES));
      default -> ip.getHostAddress();
    };
  }
}
