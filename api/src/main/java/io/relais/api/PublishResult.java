package io.relais.api;

/// What came of publishing.
///
/// @param matched sessions, those that are away too, and one for each shared group
/// @param acknowledged `received`, `persisted` or `replicated`
public record PublishResult(int matched, String acknowledged) {}
