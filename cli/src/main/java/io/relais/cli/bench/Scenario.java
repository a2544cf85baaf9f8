package io.relais.cli.bench;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/// What the clients do, and how many there are unless told.
enum Scenario {
  PUB(10, 0, 0),
  SUB(0, 1, 0),
  P2P(10, 10, 0),
  FAN_IN(10, 1, 0),
  FAN_OUT(1, 10, 0),
  SHARED(10, 4, 0),
  CONNECT(0, 0, 100),
  LOGIN(0, 0, 100),
  OFFLINE(10, 10, 0),
  TAKEOVER(0, 0, 10);

  private final int publishers;
  private final int subscribers;
  private final int clients;

  Scenario(int publishers, int subscribers, int clients) {
    this.publishers = publishers;
    this.subscribers = subscribers;
    this.clients = clients;
  }

  /// As it stands on the command line.
  String label() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  static @Nullable Scenario of(String label) {
    return Arrays.stream(values()).filter(s -> s.label().equals(label)).findAny().orElse(null);
  }

  static List<String> labels() {
    return Arrays.stream(values()).map(Scenario::label).toList();
  }

  int publishersByDefault() {
    return publishers;
  }

  int subscribersByDefault() {
    return subscribers;
  }

  int clientsByDefault() {
    return clients;
  }

  boolean publishes() {
    return publishers > 0;
  }

  boolean subscribes() {
    return subscribers > 0;
  }

  /// Subscriber n gets what publisher n sends, and nothing else.
  boolean paired() {
    return this == P2P || this == OFFLINE;
  }

  /// Whether the rate is one of connections.
  boolean paysForConnections() {
    return clients > 0;
  }
}
