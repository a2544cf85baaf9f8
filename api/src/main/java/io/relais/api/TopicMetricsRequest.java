package io.relais.api;

import org.jspecify.annotations.Nullable;

/// Which topics to count from now on.
public record TopicMetricsRequest(@Nullable String filter) {}
