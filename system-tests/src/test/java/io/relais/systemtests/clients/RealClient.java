package io.relais.systemtests.clients;

import java.util.List;

/// One connected client of somebody else's making. Each call waits with a bound for what it asks
/// for and fails with an [AssertionError] otherwise.
///
/// Owner: the test's thread.
interface RealClient extends AutoCloseable {
  void subscribe(String filter, int qos);

  /// Takes up a subscription that the session has from an earlier connection; most clients need do
  /// nothing.
  default void resume(String filter, int qos) {}

  /// Returns once the client has all acks of these messages.
  void publish(String topic, int qos, boolean retain, List<byte[]> payloads);

  default void publish(String topic, int qos, byte[] payload) {
    publish(topic, qos, false, List.of(payload));
  }

  Arrivals arrivals();

  /// Disconnects in order, if still connected.
  @Override
  void close();
}
