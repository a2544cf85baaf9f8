package io.relais.server.config;

import io.relais.protocol.Topics;

/// The level of acknowledgements for some topics.
public record AcknowledgeTopics(
    @Key("Topic filter like `telemetry/#`. A topic under `$delayed/` counts as the one it is for.")
        String filter,
    @Key("The level, in place of the listener's and of `mqtt.acknowledge`.") Acknowledge level) {
  public AcknowledgeTopics {
    Violations violations = new Violations();
    String problem = Topics.problemWithFilter(filter);
    violations.require(problem == null, "filter", "is '%s': %s".formatted(filter, problem));
    violations.require(
        !filter.matches("(?s)\\$(share|exclusive|delayed)/.*"),
        "filter",
        "is '%s'; it is compared with topics, so leave the first part out".formatted(filter));
    violations.throwIfAny();
  }
}
