package io.relais.server.config;

import io.relais.broker.access.AddressRange;
import io.relais.broker.access.Groups;
import io.relais.broker.access.Rule;
import org.jspecify.annotations.Nullable;

/// One rule of who may do what.
public record RuleConfiguration(
    @Key("What it comes to.") RuleEffect effect,
    @Key(value = "What it is about.", standard = "all") RuleAction action,
    @Key(
            "Topic filter like `plant/+/state`; `%u` stands for the client's user name and `%c` for its client id, each as a whole"
                + " level. Compared without `$share/<group>/`, `$exclusive/` and `$delayed/<seconds>/`.")
        String filter,
    @Key(
            "Only clients of this user name; `''`: only those without one. Left out, like the next four: any.")
        @Nullable String username,
    @Key("Only the client with this id.") @Nullable String clientId,
    @Key("Only clients from this address or range, like `10.0.0.0/8`.") @Nullable String address,
    @Key("Only clients whose certificate, checked by TLS, has this common name.")
        @Nullable String certificate,
    @Key("Only clients in this group.") @Nullable String group,
    @Key(value = "Up to this QoS: 0, 1 or 2.", standard = "2") int maxQos,
    @Key(
            value = "Only messages that are retained, only those that are not, or both.",
            standard = "any")
        RuleRetain retain) {
  public RuleConfiguration {
    Violations violations = new Violations();
    String problem = Rule.problemWithFilter(filter);
    violations.require(problem == null, "filter", "is '%s': %s".formatted(filter, problem));
    violations.range("max-qos", maxQos, 0, 2);
    if (address != null) {
      try {
        AddressRange.parse(address);
      } catch (IllegalArgumentException e) {
        violations.require(false, "address", String.valueOf(e.getMessage()));
      }
    }
    if (group != null) {
      String wrong = Groups.problemWithName(group);
      violations.require(wrong == null, "group", String.valueOf(wrong));
    }
    violations.throwIfAny();
  }

  public Rule rule() {
    return new Rule(
        effect == RuleEffect.ALLOW ? Rule.Effect.ALLOW : Rule.Effect.DENY,
        switch (action) {
          case PUBLISH -> Rule.Action.PUBLISH;
          case SUBSCRIBE -> Rule.Action.SUBSCRIBE;
          case ALL -> Rule.Action.ALL;
        },
        filter,
        username,
        clientId,
        address == null ? null : AddressRange.parse(address),
        certificate,
        group,
        maxQos,
        switch (retain) {
          case ANY -> null;
          case ONLY -> Boolean.TRUE;
          case NEVER -> Boolean.FALSE;
        });
  }
}
