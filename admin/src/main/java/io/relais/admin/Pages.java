package io.relais.admin;

import io.relais.api.Items;
import java.util.ArrayList;
import java.util.List;
import java.util.NavigableSet;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/// Pages of what is in memory, sorted by id.
final class Pages {
  private Pages() {}

  /// @param item null: it is gone meanwhile
  static <T> Items<T> of(NavigableSet<String> ids, Call call, Function<String, @Nullable T> item) {
    String after = call.cursor();
    int limit = call.limit();
    List<T> items = new ArrayList<>();
    String last = null;
    for (String id : after == null ? ids : ids.tailSet(after, false)) {
      if (items.size() == limit) {
        return new Items<>(items, Call.cursor(last));
      }
      T found = item.apply(id);
      if (found != null) {
        items.add(found);
      }
      last = id;
    }
    return new Items<>(items, null);
  }

  /// Of what was found, which is one more than the page holds if there are more.
  ///
  /// @param id what the next page begins behind
  static <S, T> Items<T> first(
      List<S> found, Call call, Function<S, String> id, Function<S, T> told) {
    int limit = call.limit();
    List<S> page = found.subList(0, Math.min(limit, found.size()));
    return new Items<>(
        page.stream().map(told).toList(),
        found.size() > limit ? Call.cursor(id.apply(page.getLast())) : null);
  }
}
