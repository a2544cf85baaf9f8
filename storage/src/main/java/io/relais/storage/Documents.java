package io.relais.storage;

import io.relais.storage.table.ByteReader;
import io.relais.storage.table.ByteWriter;
import io.relais.storage.table.Cursor;
import io.relais.storage.table.Tables;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;
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

  /// One collection as it is kept, for what must be known before the state is open.
  public static NavigableMap<String, String> kept(Tables tables, String collection) {
    byte[] from = Keys.document(new ByteWriter(64), collection, "").copy();
    NavigableMap<String, String> found = new TreeMap<>();
    try (Cursor cursor = tables.cursor(from, Keys.behind(Keys.DOCUMENT))) {
      for (; cursor.isValid(); cursor.next()) {
        var at = new ByteReader(cursor.key(), 1);
        if (!at.string().equals(collection)) {
          break;
        }
        found.put(
            new String(at.rest(), StandardCharsets.UTF_8), new ByteReader(cursor.value()).string());
      }
    }
    return found;
  }

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
