package io.relais.api;

import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/// A change of the configuration that was made by the API.
///
/// @param number from 1
/// @param by the account, or the name of a key
/// @param reverted the revision whose values these are again; null: this was no revert
/// @param changes of what was in effect, before and after
/// @param values all that the API has set since, by key; null in lists of revisions
public record ConfigurationRevision(
    long number,
    Instant at,
    String by,
    String address,
    @Nullable Long reverted,
    List<ConfigurationChange> changes,
    @Nullable Map<String, JsonNode> values) {}
