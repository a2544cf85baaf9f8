package io.relais.admin;

import io.relais.api.ConfigurationRevision;
import io.relais.api.Json;
import io.relais.broker.Administration;
import java.util.Map;
import java.util.NavigableMap;
import java.util.NavigableSet;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/// What the API changed of the configuration, change by change. Each revision has all that is set
/// after it, so that the newest is what holds, and a change is one document.
///
/// Owner: guarded by [ConfigurationCalls]. Limits: the newest [#KEPT_MAX], each of
/// [#VALUES_BYTES_MAX] besides what it changed.
public final class Revisions {
  /// Of the documents.
  public static final String COLLECTION = "configuration";

  static final int KEPT_MAX = 200;
  static final int VALUES_BYTES_MAX = 64 * 1024;

  private final Administration broker;
  private final Shelf<ConfigurationRevision> shelf;

  Revisions(Administration broker) {
    this.broker = broker;
    shelf = new Shelf<>(broker, COLLECTION, ConfigurationRevision.class);
  }

  /// The newest revision among the documents of the collection; null: there is none.
  public static @Nullable ConfigurationRevision newest(NavigableMap<String, String> documents) {
    Map.Entry<String, String> last = documents.lastEntry();
    return last == null
        ? null
        : Json.MAPPER.readValue(last.getValue(), ConfigurationRevision.class);
  }

  private static String id(long number) {
    return "%019d".formatted(number);
  }

  private NavigableSet<String> ids() {
    return broker.documents().all(COLLECTION).navigableKeySet();
  }

  NavigableSet<String> newestFirst() {
    return ids().descendingSet();
  }

  @Nullable ConfigurationRevision get(String id) {
    return shelf.get(id);
  }

  @Nullable ConfigurationRevision get(long number) {
    return shelf.get(id(number));
  }

  @Nullable ConfigurationRevision newest() {
    NavigableSet<String> ids = newestFirst();
    return ids.isEmpty() ? null : shelf.get(ids.first());
  }

  /// What holds.
  Map<String, JsonNode> values() {
    ConfigurationRevision newest = newest();
    return newest == null ? Map.of() : values(newest);
  }

  static Map<String, JsonNode> values(ConfigurationRevision revision) {
    Map<String, JsonNode> values = revision.values();
    return values == null ? Map.of() : values;
  }

  void add(ConfigurationRevision revision) {
    shelf.put(id(revision.number()), revision);
    while (shelf.size() > KEPT_MAX) {
      shelf.drop(ids().first());
    }
  }
}
