package io.relais.storage;

import java.util.Map;
import java.util.NavigableMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentNavigableMap;
import java.util.concurrent.ConcurrentSkipListMap;
import org.jspecify.annotations.Nullable;

/// What administrators keep beside the users of MQTT, in collections: accounts, keys, rules, what
/// was changed. Each is a text that the state does not look into.
///
/// Owner: the applier; any thread may ask. Limits: the caller's duty.
public final class Documents {
  private final Map<String, ConcurrentNavigableMap<String, String>> collections =
      new ConcurrentHashMap<>();

  Documents() {}

  /// @return null: there is none
  public @Nullable String get(String collection, String id) {
    return all(collection).get(id);
  }

  /// A view of one collection, sorted by id, which changes with it.
  public NavigableMap<String, String> all(String collection) {
    NavigableMap<String, String> there = collections.get(collection);
    return java.util.Collections.unmodifiableNavigableMap(
        there == null ? new ConcurrentSkipListMap<>() : there);
  }

  void put(String collection, String id, String content) {
    collections
        .computeIfAbsent(collection, absent -> new ConcurrentSkipListMap<>())
        .put(id, content);
  }

  void drop(String collection, String id) {
    Map<String, String> there = collections.get(collection);
    if (there != null) {
      there.remove(id);
    }
  }
}
