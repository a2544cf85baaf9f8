package io.relais.api;

import org.jspecify.annotations.Nullable;

/// What a key becomes.
///
/// @param before as it would be written, secrets masked; null: nothing
/// @param after likewise
/// @param effect when it holds: `now`, `connect`, `listener` or `restart`
public record ConfigurationChange(
    String key, @Nullable String before, @Nullable String after, String effect) {}
