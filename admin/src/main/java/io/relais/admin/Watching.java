package io.relais.admin;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// What the admin listener watches.
///
/// @param retainedMax retained messages that may be kept
/// @param delayedMax delayed ones
/// @param storeBytesMax of all that is kept
/// @param listeners that should serve, by name
/// @param certificates of listeners, by their names
/// @param otlp null: metrics are sent nowhere
public record Watching(
    AlarmLimits alarms,
    long retainedMax,
    long delayedMax,
    long storeBytesMax,
    Supplier<List<String>> listeners,
    Supplier<Map<String, Path>> certificates,
    @Nullable OtlpSettings otlp) {}
