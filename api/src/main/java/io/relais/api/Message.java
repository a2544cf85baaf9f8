package io.relais.api;

import java.time.Instant;

/// A message as `GET /api/v1/subscribe` gives it.
///
/// @param encoding `text` where the payload is UTF-8, else `base64`
/// @param time at which it came
public record Message(
    String topic, String payload, Encoding encoding, int qos, boolean retain, Instant time) {}
