package io.relais.api;

/// A reason for which messages are dropped.
///
/// @param count since the node started
/// @param recorded of which there are records
public record DropReason(String reason, long count, int recorded) {}
