package io.relais.api;

import java.time.Instant;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/// A change that was made by the API.
///
/// @param who the account, or the name of a key
/// @param action like `PUT /api/v1/users/ann`
/// @param before without secrets; null: there was nothing
/// @param after without secrets; null: nothing is left
public record AuditEntry(
    Instant at,
    String who,
    String address,
    String action,
    @Nullable JsonNode before,
    @Nullable JsonNode after) {}
