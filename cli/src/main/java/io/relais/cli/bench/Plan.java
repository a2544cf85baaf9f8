package io.relais.cli.bench;

import io.netty.handler.ssl.SslContext;
import io.relais.protocol.Packet;
import io.relais.protocol.Properties;
import io.relais.protocol.Property;
import io.relais.protocol.ProtocolVersion;
import java.net.InetSocketAddress;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/// All that one run was told, checked.
///
/// @param host as it was given, for the check of the certificate
/// @param rate messages per second of all publishers, or connections per second
/// @param publishers 0 where the scenario has none; so are the others
/// @param sizeBytes of a payload
/// @param run tells this run's topics and messages from those of others
record Plan(
    Scenario scenario,
    String host,
    InetSocketAddress address,
    ProtocolVersion version,
    @Nullable String username,
    byte @Nullable [] password,
    @Nullable SslContext tls,
    @Nullable String webSocketPath,
    int qos,
    int sizeBytes,
    long rate,
    int publishers,
    int subscribers,
    int clients,
    Duration warmUp,
    Duration duration,
    String topic,
    int connectRate,
    int maxInFlight,
    int loops,
    int run) {
  static final int KEEP_ALIVE_SECONDS = 60;
  private static final long SESSION_EXPIRY_SECONDS = 3_600;
  private static final int RECEIVE_MAXIMUM = 65_535;

  /// Connections that are open at the same time, at most.
  long connections() {
    return switch (scenario) {
      case TAKEOVER -> 2L * clients;
      case CONNECT, LOGIN -> clients;
      case PUB, SUB, P2P, FAN_IN, FAN_OUT, SHARED, OFFLINE -> (long) publishers + subscribers;
    };
  }

  /// Of messages, or of visits.
  Schedule schedule() {
    if (scenario == Scenario.CONNECT) {
      return Schedule.once(rate, clients);
    }
    int participants = Math.max(1, scenario.publishes() ? publishers : clients);
    return new Schedule(rate, participants, times(warmUp), Math.max(1, times(duration)));
  }

  private long times(Duration length) {
    return Math.multiplyExact(length.toMillis(), rate) / 1_000;
  }

  /// Where a publisher sends to.
  String topic(int publisher) {
    return "%s/%08x/%d".formatted(topic, run, publisher);
  }

  String filter(int subscriber) {
    return switch (scenario) {
      case SUB -> topic + "/#";
      case P2P, OFFLINE -> topic(subscriber);
      case SHARED -> "$share/bench-%08x/%s/%08x/#".formatted(run, topic, run);
      case FAN_IN, FAN_OUT -> "%s/%08x/#".formatted(topic, run);
      case PUB, CONNECT, LOGIN, TAKEOVER ->
          throw new IllegalStateException(scenario + " has no subscribers");
    };
  }

  /// @param role a word of the client id
  /// @param session whether it is kept when the connection ends
  Packet.Connect connect(String role, long number, boolean cleanStart, boolean session) {
    Properties properties =
        !version.isV5()
            ? Properties.NONE
            : session
                ? Properties.builder()
                    .add(Property.SESSION_EXPIRY_INTERVAL, SESSION_EXPIRY_SECONDS)
                    .add(Property.RECEIVE_MAXIMUM, RECEIVE_MAXIMUM)
                    .build()
                : Properties.builder().add(Property.RECEIVE_MAXIMUM, RECEIVE_MAXIMUM).build();
    String id = "bench-%08x-%s-%d".formatted(run, role, number);
    return new Packet.Connect(
        version,
        false,
        cleanStart,
        KEEP_ALIVE_SECONDS,
        properties,
        id,
        null,
        username,
        username == null && !version.isV5() ? null : password);
  }

  @Override
  public String toString() {
    return "Plan[%s %s]".formatted(scenario.label(), address);
  }
}
