package io.relais.server.config;

import java.nio.charset.StandardCharsets;

/// Who this node is.
public record NodeConfiguration(
    @Key(
            value =
                "Name of the node, unique in a cluster: 1 to 64 letters, digits, `-`, `_` and `.`.",
            derived = "the host name")
        String id) {
  public NodeConfiguration {
    Violations violations = new Violations();
    violations.require(
        id.matches("[A-Za-z0-9_.-]{1,64}"),
        "id",
        "is '%s' (%d bytes); allowed are 1 to 64 letters, digits, '-', '_' and '.'"
            .formatted(id, id.getBytes(StandardCharsets.UTF_8).length));
    violations.throwIfAny();
  }
}
