package io.relais.server.config;

import java.util.List;

/// Who may publish and subscribe what.
public record AuthorizationConfiguration(
    @Key(
            "Rules, of which the first that speaks of the client, of what it does and of the topic decides. Where none does:"
                + " allowed as long as there is no rule, denied once there is one. `$SYS` and `$events` may be read from this machine,"
                + " and from elsewhere if a rule says so. At most 10000.")
        List<RuleConfiguration> rules) {
  static final int RULES_MAX = 10_000;

  public AuthorizationConfiguration {
    rules = List.copyOf(rules);
    Violations violations = new Violations();
    violations.require(
        rules.size() <= RULES_MAX,
        "rules",
        "has %d entries, more than %d".formatted(rules.size(), RULES_MAX));
    violations.throwIfAny();
  }
}
