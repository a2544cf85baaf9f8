package io.relais.broker;

/// A message that was sent to a client and is not acknowledged to the end.
///
/// @param sequence its place among what the session is sent; of a persistent one, in its queue
/// @param released QoS 2: PUBREC came, what is missing is PUBCOMP
public record InFlight(long sequence, int packetId, int qos, boolean released) {}
