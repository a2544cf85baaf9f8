package io.relais.api;

import java.util.List;

/// What would happen, and why.
///
/// @param outcome of a PUBLISH `delivered`, `queued`, `no-subscriber`, `denied` or `dropped`; of
///   the others `allowed` or `denied`
public record Explanation(String outcome, List<Step> steps) {
  public Explanation {
    steps = List.copyOf(steps);
  }

  public record Step(String step, String outcome, String detail) {}
}
