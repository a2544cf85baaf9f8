package io.relais.cli.ctl;

import io.relais.api.ApiClient;
import io.relais.api.Json;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;

/// Reads lists page by page.
final class Lists {
  static final int ALL = Integer.MAX_VALUE;
  private static final int PAGE = 1_000;

  private Lists() {}

  /// All items.
  static ArrayNode all(ApiClient api, String path, Map<String, ? extends @Nullable Object> query)
      throws IOException {
    return first(api, path, query, Integer.MAX_VALUE);
  }

  /// The first items.
  static ArrayNode first(
      ApiClient api, String path, Map<String, ? extends @Nullable Object> query, int most)
      throws IOException {
    ArrayNode items = Json.MAPPER.createArrayNode();
    Map<String, @Nullable Object> with = new LinkedHashMap<>(query);
    do {
      with.put("limit", Math.min(PAGE, most - items.size()));
      JsonNode page = api.call("GET", ApiClient.path(path, with), null, JsonNode.class);
      page.get("items").forEach(items::add);
      JsonNode next = page.get("next");
      with.put("cursor", next == null || next.isNull() ? null : next.stringValue());
    } while (with.get("cursor") != null && items.size() < most);
    return items;
  }
}
