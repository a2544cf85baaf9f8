package io.relais.api;

import java.util.List;
import tools.jackson.databind.JsonNode;

/// How metrics were.
///
/// @param stepSeconds between points
public record History(int stepSeconds, List<Series> series) {
  public History {
    series = List.copyOf(series);
  }

  /// @param name of a gauge, or of a counter, whose points are its rate each second
  /// @param points `[[epochMillis, value], ...]`, the oldest first
  public record Series(String name, JsonNode points) {}
}
