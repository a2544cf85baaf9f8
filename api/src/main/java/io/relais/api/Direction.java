package io.relais.api;

import com.fasterxml.jackson.annotation.JsonProperty;

/// Which way a packet went.
public enum Direction {
  /// From the client.
  @JsonProperty("in")
  IN,
  /// To the client.
  @JsonProperty("out")
  OUT,
  /// No packet, but what became of the client or the message.
  @JsonProperty("note")
  NOTE
}
