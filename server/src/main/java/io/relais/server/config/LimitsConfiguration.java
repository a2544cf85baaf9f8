package io.relais.server.config;

import java.time.Duration;

/// What is bounded, and by how much. Each limit is of one node; where it says so, of one session.
public record LimitsConfiguration(
    @Key(
            value =
                "Largest payload of a message. The largest packet, announced to MQTT 5 clients, is this and 192 KiB for"
                    + " everything else. Up to 268435455.",
            standard = "1MiB")
        int payloadBytes,
    @Key(value = "Messages that wait for one session at most.", standard = "100000")
        int queueMessages,
    @Key(value = "Bytes of the messages that wait for one session at most.", standard = "256MiB")
        long queueBytes,
    @Key(
            value =
                "What happens to a message for a full queue: the oldest waiting one is dropped, or the PUBLISH is refused"
                    + " (0x97; a 3.x connection closes) if any matching queue is full.",
            standard = "drop-oldest")
        QueueFull queueFull,
    @Key(value = "Subscriptions of one session.", standard = "50000") int subscriptions,
    @Key(value = "Longest client id, 23 to 65535.", standard = "65535") int clientIdBytes,
    @Key(
            value = "Most levels of a topic or topic filter; `a/b/c` has three. 8 to 1024.",
            standard = "200")
        int topicLevels,
    @Key(value = "Topic aliases that one client may use, 0 to 65535.", standard = "64")
        int topicAlias,
    @Key(
            value =
                "QoS 1 and 2 messages that one client may have unacknowledged toward the broker (Receive Maximum). 1 to 65535.",
            standard = "1024")
        int receiveMaximum,
    @Key(
            value =
                "QoS 1 and 2 messages that the broker has unacknowledged toward one client at most; an MQTT 5 client may ask"
                    + " for less. 1 to 65535.",
            standard = "1024")
        int maxInflight,
    @Key(
            value =
                "Longest life of a session whose client is away; what asks for more gets this. `never` (no bound) or up to"
                    + " 4294967294 seconds.",
            standard = "never")
        Duration sessionExpiry,
    @Key(
            value =
                "Longest keep alive; an MQTT 5 client that asks for more, or for none, is told this one. `0`: what the client"
                    + " asks for. Up to 65535 seconds.",
            standard = "0s")
        Duration keepAlive,
    @Key(value = "Messages of `$delayed/...` that wait.", standard = "100000") int delayedMessages,
    @Key(value = "Retained messages.", standard = "1000000") int retainedMessages,
    @Key(
            value =
                "Bytes of all messages that are kept, each counted once however many wait for it. With `store: memory` at"
                    + " most half of the heap.",
            standard = "64GiB")
        long storeBytes,
    @Key(
            value =
                "What stays free on the disk of the data directory, beside what the store needs to merge its files: when less is"
                    + " left, messages that must be kept are refused (0x97; a 3.x connection closes) until there is a quarter more than this again.",
            standard = "512MiB")
        long diskReserveBytes,
    @Key(
            value =
                "Memory for what was read from the store, outside of the heap. What is to be written takes two buffers besides, of 2 to"
                    + " 64 MiB each, by the size of the disk.",
            standard = "64MiB")
        long storeCacheBytes,
    @Key(value = "Connections over all listeners.", standard = "1000000") int connections,
    @Key("Client ids that connect again and again.") FlappingConfiguration flapping,
    @Key("How fast clients may connect, publish and subscribe. Off as it comes.")
        RatesConfiguration rates) {

  /// A session that never expires, as MQTT 5 writes it: [MQTT 5.0, 3.1.2.11.2].
  public static final Duration NEVER = Duration.ofSeconds(0xFFFF_FFFFL);

  /// The largest Remaining Length.
  static final int REMAINING_LENGTH_MAX = 268_435_455;

  private static final int HEADROOM_BYTES = 192 * 1024;
  private static final int MANY = 100_000_000;

  public LimitsConfiguration {
    Violations violations = new Violations();
    violations.size("payload-bytes", payloadBytes, 1, REMAINING_LENGTH_MAX);
    violations.range("queue-messages", queueMessages, 1, MANY);
    violations.size("queue-bytes", queueBytes, 1024, 1L << 50);
    violations.range("subscriptions", subscriptions, 1, MANY);
    violations.size("client-id-bytes", clientIdBytes, 23, 65_535); // v3: [MQTT-3.1.3-5]
    violations.range("topic-levels", topicLevels, 8, 1024);
    violations.range("topic-alias", topicAlias, 0, 65_535);
    violations.range("receive-maximum", receiveMaximum, 1, 65_535);
    violations.range("max-inflight", maxInflight, 1, 65_535);
    violations.range("session-expiry", sessionExpiry, Duration.ZERO, NEVER);
    violations.range("keep-alive", keepAlive, Duration.ZERO, Duration.ofSeconds(65_535));
    violations.range("delayed-messages", delayedMessages, 0, MANY);
    violations.range("retained-messages", retainedMessages, 0, MANY);
    violations.size("store-bytes", storeBytes, 1 << 20, 1L << 60);
    violations.size("disk-reserve-bytes", diskReserveBytes, 0, 1L << 50);
    violations.size("store-cache-bytes", storeCacheBytes, 1 << 20, 1L << 40);
    violations.range("connections", connections, 1, MANY);
    violations.require(
        queueBytes >= payloadBytes,
        "queue-bytes",
        "is %s, less than one payload of limits.payload-bytes (%s)"
            .formatted(Units.size(queueBytes), Units.size(payloadBytes)),
        "payload-bytes");
    violations.throwIfAny();
  }

  /// The largest packet that a broker with payloads of at most `payloadBytes` takes, fixed header
  /// included.
  public static int maximumPacketBytes(int payloadBytes) {
    return Math.toIntExact(
        Math.min((long) payloadBytes + HEADROOM_BYTES, REMAINING_LENGTH_MAX + 5L));
  }
}
