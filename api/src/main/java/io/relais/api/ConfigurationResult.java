package io.relais.api;

import java.util.List;
import org.jspecify.annotations.Nullable;

/// What a change of the configuration did, or would do.
///
/// @param revision that it made; null: none, since nothing was to be kept
/// @param changes of what is in effect or comes into effect
/// @param restart the keys among them that need one
public record ConfigurationResult(
    @Nullable Long revision, List<ConfigurationChange> changes, List<String> restart) {}
