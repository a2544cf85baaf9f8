package io.relais.server.config;

import java.util.Map;
import tools.jackson.databind.JsonNode;

/// What the API changed, as it is kept in the store: between the defaults and the file.
///
/// @param revision of the changes; 0: there were none
/// @param values by key, lists as a whole
public record Stored(long revision, Map<String, JsonNode> values) {
  public static final Stored NONE = new Stored(0, Map.of());

  public Stored {
    values = Map.copyOf(values);
  }
}
