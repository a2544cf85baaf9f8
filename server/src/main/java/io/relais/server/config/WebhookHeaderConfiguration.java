package io.relais.server.config;

import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/// A header of the requests to a webhook.
public record WebhookHeaderConfiguration(
    @Key("Its name, like `Authorization`.") String name,
    @Key(value = "Its value.", secret = true) @Nullable String value,
    @Key(value = "A file that holds its value, in place of `value`.", existing = true)
        @Nullable Path valueFile) {
  public WebhookHeaderConfiguration {
    Violations violations = new Violations();
    violations.require(
        name.matches("[!#$%&'*+.^_`|~0-9A-Za-z-]+"),
        "name",
        "is '%s', no name of a header".formatted(name));
    violations.require(
        !name.matches("(?i)connection|content-length|expect|host|upgrade|transfer-encoding"),
        "name",
        "is '%s', which is not for others to set".formatted(name));
    violations.require(
        (value == null) != (valueFile == null),
        "value",
        "or value-file must be given, one of them",
        "value-file");
    violations.require(
        value == null || isValue(value), "value", "has characters that cannot stand in a header");
    violations.throwIfAny();
  }

  /// Whether it may be sent.
  public static boolean isValue(String text) {
    return text.chars().allMatch(c -> c == '\t' || c >= ' ' && c < 127);
  }
}
