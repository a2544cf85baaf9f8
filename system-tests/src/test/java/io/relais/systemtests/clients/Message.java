package io.relais.systemtests.clients;

import static java.nio.charset.StandardCharsets.UTF_8;

/// A message as a client handed it to its program.
///
/// @param retained the RETAIN flag with which it arrived
record Message(String topic, byte[] payload, int qos, boolean retained) {
  String text() {
    return new String(payload, UTF_8);
  }

  @Override
  public String toString() {
    return "%s (%d bytes, qos %d%s)"
        .formatted(topic, payload.length, qos, retained ? ", retained" : "");
  }
}
