package io.relais.api;

import java.time.Instant;

/// A retained message.
///
/// @param encoding `text` where the payload is UTF-8, else `base64`
public record Retained(
    String topic, String payload, Encoding encoding, int qos, Instant storedAt) {}
