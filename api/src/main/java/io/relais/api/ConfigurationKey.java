package io.relais.api;

import org.jspecify.annotations.Nullable;

/// One key of a node's configuration.
///
/// @param key like `limits.queue-messages`, or `listeners.0.bind` for an entry of a list
/// @param value in effect, as it would be written, secrets masked; null: none
/// @param pending the value after a restart; null: the same
/// @param origin `default`, `api`, `file`, `environment` or `option`
/// @param where the place in the file with line and column, the variable, the option, or the
///   revision
/// @param file of the origin `file`
/// @param line of the origin `file`
/// @param list that the key belongs to, which is set as a whole; null: none
/// @param unit of plain numbers: `bytes` or `seconds`; null: they have none
/// @param standard the default; null: none
/// @param effect when a change holds: `now`, `connect`, `listener` or `restart`
/// @param settable whether this API can change it
/// @param whyNot it cannot; null: it can
/// @param meaning a sentence of the reference
public record ConfigurationKey(
    String key,
    @Nullable String value,
    @Nullable String pending,
    String origin,
    @Nullable String where,
    @Nullable String file,
    @Nullable Integer line,
    @Nullable String list,
    String type,
    @Nullable String unit,
    @Nullable String standard,
    String effect,
    boolean settable,
    @Nullable String whyNot,
    boolean secret,
    String meaning) {}
