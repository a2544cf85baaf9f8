package io.relais.admin;

import io.relais.api.Items;
import io.relais.api.Listener;
import io.relais.api.Node;
import io.relais.api.Role;
import io.relais.broker.Administration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

/// Nodes and their listeners.
final class NodeCalls {
  private final Administration broker;
  private final String version;
  private final Supplier<String> address;
  private final Supplier<List<Listener>> listeners;
  private final long startNanos = System.nanoTime();

  NodeCalls(
      Administration broker,
      String version,
      Supplier<String> address,
      Supplier<List<Listener>> listeners) {
    this.broker = broker;
    this.version = version;
    this.address = address;
    this.listeners = listeners;
  }

  void addTo(Operations operations) {
    operations
        .get("/api/v1/nodes", Role.VIEWER, "The nodes of the cluster")
        .givesPageOf(Node.class)
        .by(call -> new Items<>(List.of(self()), null));
    operations
        .get("/api/v1/listeners", Role.VIEWER, "Where clients connect")
        .givesPageOf(Listener.class)
        .by(call -> new Items<>(listeners.get(), null));
  }

  private Node self() {
    return new Node(
        broker.node(),
        version,
        "ready",
        "single",
        address.get(),
        broker.connectedClients(),
        TimeUnit.NANOSECONDS.toSeconds(System.nanoTime() - startNanos));
  }
}
