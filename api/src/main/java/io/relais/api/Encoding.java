package io.relais.api;

import com.fasterxml.jackson.annotation.JsonProperty;

/// How a payload stands in JSON.
public enum Encoding {
  @JsonProperty("text")
  TEXT,
  @JsonProperty("base64")
  BASE64,
  /// In requests only: the payload is a value of JSON, and is sent as its text.
  @JsonProperty("json")
  JSON
}
