package io.relais.broker;

/// What came of a message that an operator published.
///
/// @param matched sessions that subscribed, those that are away too, and one for each shared group
public record Published(int matched, AckLevel level) {}
