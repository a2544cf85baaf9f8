package io.relais.api;

import org.jspecify.annotations.Nullable;

/// A rule by which topics are rewritten.
///
/// @param action `publish`, `subscribe` or `all`; null: `all`
/// @param sourceTopic a filter of the topics that it is about
/// @param regex in the syntax of RE2
/// @param destination with `$1`, `%u`, `%c`
public record RewriteRule(
    @Nullable String action,
    @Nullable String sourceTopic,
    @Nullable String regex,
    @Nullable String destination) {}
