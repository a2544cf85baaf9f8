package io.relais.admin;

import io.relais.api.Json;
import io.relais.api.Rule;
import io.relais.api.RulesTried;
import io.relais.broker.Administration;
import io.relais.broker.access.AddressRange;
import io.relais.broker.access.Groups;
import io.relais.broker.access.Rules;
import io.relais.storage.Command;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.Semaphore;
import org.jspecify.annotations.Nullable;

/// The rules in force: those of the configuration if it has any, else those that the API was given.
///
/// Owner: guarded by itself. Limits: [#RULES_MAX] rules.
public final class Authorization {
  private static final int RULES_MAX = 10_000;
  private static final String KEY = "authorization.rules";
  private static final String SETTINGS = "settings";

  private final Administration broker;
  private @Nullable String origin;
  private Rules inForce;
  private final Semaphore oneTrial = new Semaphore(1);

  /// @param configured null: the configuration says nothing of rules
  /// @param origin where it says so
  private Authorization(
      Administration broker, @Nullable Rules configured, @Nullable String origin) {
    this.broker = broker;
    this.origin = origin;
    this.inForce = configured == null ? new Rules(stored()) : configured;
  }

  /// Puts the rules in force; before a listener opens.
  ///
  /// @param configured of the configuration
  /// @param origin where the configuration has rules; null: nowhere, so the API may set them
  public static Authorization begin(
      Administration broker, Rules configured, @Nullable String origin) {
    var authorization = new Authorization(broker, origin == null ? null : configured, origin);
    broker.setPolicy(authorization.inForce);
    return authorization;
  }

  /// Goes by another configuration from now on; see [#begin].
  public synchronized void change(Rules configured, @Nullable String nowFrom) {
    Rules next = nowFrom == null ? new Rules(stored()) : configured;
    origin = nowFrom;
    if (!next.rules().equals(inForce.rules())) {
      inForce = next;
      broker.setPolicy(next);
    }
  }

  private List<io.relais.broker.access.Rule> stored() {
    String text = broker.documents().get(SETTINGS, KEY);
    return text == null
        ? List.of()
        : parse(Arrays.asList(Json.MAPPER.readValue(text, Rule[].class)));
  }

  synchronized Rules rules() {
    return inForce;
  }

  synchronized List<Rule> inForce() {
    return inForce.rules().stream().map(Authorization::told).toList();
  }

  /// What rules would change if they were set, or stood in the configuration.
  ///
  /// @throws Failure naming the field that is wrong
  RulesTried tried(List<Rule> wanted) {
    var next = new Rules(parse(wanted));
    if (!oneTrial.tryAcquire()) {
      throw Failure.unavailable("Other rules are being tried; that takes a moment");
    }
    try {
      return new RulesTrial(broker, rules(), next).run();
    } finally {
      oneTrial.release();
    }
  }

  /// @throws Failure naming the field that is wrong, or where the configuration has rules
  synchronized void set(List<Rule> wanted) {
    if (origin != null) {
      throw Failure.conflict(
          "%s is set in %s, which decides; remove it there to set rules here"
              .formatted(KEY, origin));
    }
    var rules = new Rules(parse(wanted));
    Answers.found(
        broker.submit(
            new Command.PutDocument(SETTINGS, KEY, false, Json.MAPPER.writeValueAsString(wanted))));
    inForce = rules;
    broker.setPolicy(rules);
  }

  private static List<io.relais.broker.access.Rule> parse(List<Rule> wanted) {
    var check = new Check();
    check.require(
        wanted.size() <= RULES_MAX,
        "",
        "there are %d rules, the most is %d".formatted(wanted.size(), RULES_MAX));
    List<io.relais.broker.access.Rule> rules = new ArrayList<>();
    for (int i = 0; i < wanted.size(); i++) {
      Rule one = wanted.get(i);
      String at = "[" + i + "]";
      if (one == null) {
        check.require(false, at, "is null");
        continue;
      }
      rules.add(parse(one, at + ".", check));
    }
    check.throwIfAny();
    return rules;
  }

  private static io.relais.broker.access.Rule parse(Rule rule, String at, Check check) {
    String effect = check.present(at + "effect", rule.effect(), "deny");
    check.require(
        effect.equals("allow") || effect.equals("deny"),
        at + "effect",
        "is '" + effect + "' and must be allow or deny");
    String action = rule.action() == null ? "all" : rule.action();
    boolean known = List.of("publish", "subscribe", "all").contains(action);
    check.require(
        known, at + "action", "is '" + action + "' and must be publish, subscribe or all");
    String filter = check.present(at + "filter", rule.filter(), "#");
    check.none(at + "filter", io.relais.broker.access.Rule.problemWithFilter(filter));
    AddressRange address = check.range(at + "address", rule.address());
    if (rule.group() != null) {
      check.none(at + "group", Groups.problemWithName(rule.group()));
    }
    return new io.relais.broker.access.Rule(
        effect.equals("allow")
            ? io.relais.broker.access.Rule.Effect.ALLOW
            : io.relais.broker.access.Rule.Effect.DENY,
        switch (action) {
          case "publish" -> io.relais.broker.access.Rule.Action.PUBLISH;
          case "subscribe" -> io.relais.broker.access.Rule.Action.SUBSCRIBE;
          default -> io.relais.broker.access.Rule.Action.ALL;
        },
        filter,
        rule.username(),
        rule.clientId(),
        address,
        rule.certificate(),
        rule.group(),
        check.qos(at + "maxQos", rule.maxQos(), 2),
        rule.retain());
  }

  static Rule told(io.relais.broker.access.Rule rule) {
    return new Rule(
        rule.effect().name().toLowerCase(java.util.Locale.ROOT),
        rule.action().name().toLowerCase(java.util.Locale.ROOT),
        rule.filter(),
        rule.username(),
        rule.clientId(),
        rule.address() == null ? null : rule.address().toString(),
        rule.certificateName(),
        rule.group(),
        rule.qosMax(),
        rule.retain());
  }
}
