package io.relais.api;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/// Something that an operator should see to, or should have.
///
/// @param name of the kind, like `memory-high`
/// @param subject which one, where there are several, like a listener
/// @param message what is wrong, and what helps
/// @param value that was measured when it was raised
/// @param threshold from which on it is raised
/// @param clearedAt null: it is active
public record Alarm(
    String id,
    String name,
    @Nullable String subject,
    AlarmSeverity severity,
    String message,
    double value,
    double threshold,
    Instant raisedAt,
    @Nullable Instant clearedAt) {}
