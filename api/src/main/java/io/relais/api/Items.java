package io.relais.api;

import java.util.List;
import org.jspecify.annotations.Nullable;

/// A page of a list.
///
/// @param next to give as `cursor`; null: this is the last page
public record Items<T>(List<T> items, @Nullable String next) {
  public Items {
    items = List.copyOf(items);
  }
}
