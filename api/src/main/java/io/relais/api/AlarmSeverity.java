package io.relais.api;

import com.fasterxml.jackson.annotation.JsonProperty;

/// How much an alarm matters.
public enum AlarmSeverity {
  /// Something will go wrong if nothing is done.
  @JsonProperty("warning")
  WARNING,
  /// Something goes wrong.
  @JsonProperty("critical")
  CRITICAL
}
