package io.relais.systemtests.hostile;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.relais.protocol.Packet;
import io.relais.protocol.ProtocolVersion;
import io.relais.testkit.BrokerUnderTest;
import io.relais.testkit.MqttSocket;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/// Two clients that exchange messages one at a time for as long as a test lasts: each message has
/// to arrive, in order and in time.
///
/// Owner: a thread of its own; the test's thread reads the results after it has ended.
final class HealthyPair implements AutoCloseable {
  private static final Duration PAUSE = Duration.ofMillis(5);
  private static final Duration LATENCY_MAX = Duration.ofSeconds(3);

  private final Thread thread;
  private volatile boolean ending;
  private volatile @Nullable Throwable failure;
  private volatile int exchanged;
  private volatile long slowestNanos;

  HealthyPair(BrokerUnderTest broker) {
    thread = Thread.ofPlatform().daemon().name("healthy pair").start(() -> exchange(broker));
  }

  private void exchange(BrokerUnderTest broker) {
    String topic = "healthy/" + System.nanoTime();
    try (MqttSocket publisher = new MqttSocket("P", broker.link(), ProtocolVersion.MQTT_3_1_1);
        MqttSocket subscriber = new MqttSocket("S", broker.link(), ProtocolVersion.MQTT_5)) {
      publisher.patience(LATENCY_MAX);
      subscriber.patience(LATENCY_MAX);
      publisher.connect(topic + "/p");
      subscriber.connect(topic + "/s");
      subscriber.subscribe(topic, 1);
      for (int i = 1; !ending; i++) {
        long start = System.nanoTime();
        publisher.publish(topic, String.valueOf(i), 1);
        Packet.Publish message = subscriber.receive();
        long took = System.nanoTime() - start;
        String payload = new String(message.payload(), UTF_8);
        if (!payload.equals(String.valueOf(i))) {
          throw new AssertionError("message " + i + " was expected, " + payload + " came");
        }
        exchanged = i;
        slowestNanos = Math.max(slowestNanos, took);
        LockSupport.parkNanos(PAUSE.toNanos());
      }
    } catch (Throwable e) {
      failure = e;
    }
  }

  /// Ends the exchange.
  ///
  /// @return how it went, in words
  /// @throws AssertionError if a message was lost or late
  String end() throws InterruptedException {
    ending = true;
    thread.join(TimeUnit.SECONDS.toMillis(10));
    Throwable seen = failure;
    if (seen != null) {
      throw new AssertionError(
          "the healthy pair noticed it, after %d messages: %s"
              .formatted(exchanged, seen.getMessage()),
          seen);
    }
    if (exchanged == 0) {
      throw new AssertionError("the healthy pair exchanged nothing");
    }
    return "%d messages, the slowest took %d ms"
        .formatted(exchanged, TimeUnit.NANOSECONDS.toMillis(slowestNanos));
  }

  @Override
  public void close() {
    ending = true;
  }
}
