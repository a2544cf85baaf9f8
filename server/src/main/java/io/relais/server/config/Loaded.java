package io.relais.server.config;

import java.util.List;

/// A configuration, what each key is and why, and what looks wrong about it but does no harm.
///
/// @param sources that it was read from, which can be read again
public record Loaded(
    Configuration configuration,
    List<Setting> settings,
    List<String> warnings,
    ConfigurationLoader.Sources sources) {
  public Loaded {
    settings = List.copyOf(settings);
    warnings = List.copyOf(warnings);
  }
}
