package io.relais.api;

import java.util.Map;
import tools.jackson.databind.JsonNode;

/// Changes of the configuration, all or none of which are made.
///
/// @param changes by key: a value, as text, number, switch or a list of them or of sections; null:
///   what the API set is taken back
public record ConfigurationPatch(Map<String, JsonNode> changes) {}
