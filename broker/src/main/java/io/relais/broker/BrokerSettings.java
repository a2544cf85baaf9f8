package io.relais.broker;

import java.util.List;
import org.jspecify.annotations.Nullable;

/// What a broker goes by, apart from its listeners.
///
/// @param node the node's name
/// @param loops event loops, at least 1
/// @param receiveMaximum PUBLISHes of QoS 1 and 2 that a client may have unacknowledged
/// @param inFlightMax the same toward clients, if they allow no less
/// @param topicAliasMax aliases that a client may use
/// @param topicLevelsMax levels of a topic or filter
/// @param clientIdBytesMax longer client ids are refused
/// @param sessionSubscriptionsMax subscriptions of one session
/// @param backlogMessagesMax messages that wait for one transient session
/// @param backlogBytesMax bytes of them
/// @param sessionExpirySecondsMax upper bound of the session expiry, and that of 3.x sessions;
///   0xFFFFFFFF: never
/// @param keepAliveSecondsMax imposed on clients that ask for more or for none; 0: none is imposed
/// @param connectionsMax over all listeners
/// @param qosMax the highest QoS that clients may use
/// @param sharedPolicy of shared groups
/// @param sysIntervalSeconds between updates of `$SYS`; 0: none
/// @param responseInformation topic prefix that clients who ask are given, with their id behind it;
///   null: none
/// @param redirectTo server reference given to every client instead of service; null: none
/// @param redirectForGood tells them not to come back
/// @param events whether `$events/...` is published
/// @param flapping how often a client id may connect
/// @param rates how fast clients may connect, publish and subscribe
/// @param traces how much of the recent past is remembered
/// @param ackRules the first whose filter matches a topic comes before its listener's level
public record BrokerSettings(
    String node,
    int loops,
    int receiveMaximum,
    int inFlightMax,
    int topicAliasMax,
    int topicLevelsMax,
    int clientIdBytesMax,
    int sessionSubscriptionsMax,
    int backlogMessagesMax,
    long backlogBytesMax,
    long sessionExpirySecondsMax,
    int keepAliveSecondsMax,
    int connectionsMax,
    int qosMax,
    SharedPolicy sharedPolicy,
    int sysIntervalSeconds,
    @Nullable String responseInformation,
    @Nullable String redirectTo,
    boolean redirectForGood,
    boolean events,
    FlappingLimits flapping,
    RateSettings rates,
    TraceLimits traces,
    List<AckRule> ackRules) {

  /// The largest Remaining Length with its header.
  public static final int PACKET_BYTES_MAX = 268_435_460;

  /// What a packet may hold besides its payload, bytes.
  public static final int PACKET_OVERHEAD_BYTES = 192 * 1024;

  public BrokerSettings {
    ackRules = List.copyOf(ackRules);
  }

  /// These settings, but for those that hold as long as the node runs.
  BrokerSettings runningAs(BrokerSettings running) {
    return new BrokerSettings(
        running.node,
        running.loops,
        receiveMaximum,
        inFlightMax,
        topicAliasMax,
        topicLevelsMax,
        clientIdBytesMax,
        sessionSubscriptionsMax,
        backlogMessagesMax,
        backlogBytesMax,
        sessionExpirySecondsMax,
        keepAliveSecondsMax,
        connectionsMax,
        qosMax,
        running.sharedPolicy,
        sysIntervalSeconds,
        responseInformation,
        redirectTo,
        redirectForGood,
        events,
        flapping,
        running.rates,
        running.traces,
        running.ackRules);
  }

  public static BrokerSettings defaults(String node) {
    return new BrokerSettings(
        node,
        Runtime.getRuntime().availableProcessors(),
        1024,
        1024,
        64,
        128,
        65_535,
        100_000,
        100_000,
        256L << 20,
        0xFFFF_FFFFL,
        0,
        1_000_000,
        2,
        SharedPolicy.ROUND_ROBIN,
        10,
        null,
        null,
        false,
        true,
        FlappingLimits.OFF,
        RateSettings.OFF,
        TraceLimits.STANDARD,
        List.of());
  }
}
