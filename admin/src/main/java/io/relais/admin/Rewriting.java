package io.relais.admin;

import io.relais.api.Json;
import io.relais.api.RewriteRule;
import io.relais.api.Role;
import io.relais.broker.Administration;
import io.relais.broker.Rewrites;
import io.relais.storage.Command;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/// How topics are rewritten: by the rules of the configuration if it has any, else by those that
/// the API was given.
///
/// Owner: guarded by itself.
public final class Rewriting {
  private static final String KEY = "rewrite";
  private static final String SETTINGS = "settings";

  private final Administration broker;
  private @Nullable String origin;

  private Rewriting(Administration broker, @Nullable String origin) {
    this.broker = broker;
    this.origin = origin;
  }

  /// Puts the rules in force; before a listener opens.
  ///
  /// @param configured of the configuration
  /// @param origin where the configuration has rules; null: nowhere, so the API may set them
  public static Rewriting begin(
      Administration broker, Rewrites configured, @Nullable String origin) {
    var rewriting = new Rewriting(broker, origin);
    broker.setRewrites(origin == null ? rewriting.stored() : configured);
    return rewriting;
  }

  /// Goes by another configuration from now on; see [#begin].
  public synchronized void change(Rewrites configured, @Nullable String nowFrom) {
    Rewrites next = nowFrom == null ? stored() : configured;
    origin = nowFrom;
    if (!next.rules().equals(broker.rewrites().rules())) {
      broker.setRewrites(next);
    }
  }

  private Rewrites stored() {
    String text = broker.documents().get(SETTINGS, KEY);
    return text == null
        ? Rewrites.NONE
        : parse(Arrays.asList(Json.MAPPER.readValue(text, RewriteRule[].class)));
  }

  void addTo(Operations operations, Audit audit) {
    operations
        .get("/api/v1/rewrite", Role.OPERATOR, "The rules by which topics are rewritten")
        .givesArrayOf(RewriteRule.class)
        .by(call -> inForce());
    operations
        .put("/api/v1/rewrite", Role.ADMINISTRATOR, "Replaces all rules of rewriting")
        .takes(RewriteRule[].class)
        .by(call -> set(call, audit));
  }

  private List<RewriteRule> inForce() {
    return broker.rewrites().rules().stream().map(Rewriting::told).toList();
  }

  private static RewriteRule told(io.relais.broker.RewriteRule rule) {
    return new RewriteRule(
        rule.action().name().toLowerCase(Locale.ROOT),
        rule.source(),
        rule.regex(),
        rule.destination());
  }

  private synchronized @Nullable Object set(Call call, Audit audit) {
    List<RewriteRule> wanted = Arrays.asList(call.body(RewriteRule[].class));
    if (origin != null) {
      throw Failure.conflict(
          "%s is set in %s, which decides; remove it there to set rules here"
              .formatted(KEY, origin));
    }
    Rewrites rules = parse(wanted);
    List<RewriteRule> before = inForce();
    Answers.found(
        broker.submit(
            new Command.PutDocument(SETTINGS, KEY, false, Json.MAPPER.writeValueAsString(wanted))));
    broker.setRewrites(rules);
    audit.note(call, before, wanted);
    return null;
  }

  private static Rewrites parse(List<RewriteRule> wanted) {
    int most = io.relais.broker.RewriteRule.RULES_MAX;
    new Check()
        .require(
            wanted.size() <= most,
            "",
            "there are %d rules, the most is %d".formatted(wanted.size(), most))
        .throwIfAny();
    var check = new Check();
    List<io.relais.broker.RewriteRule.Action> actions = new ArrayList<>();
    for (int i = 0; i < wanted.size(); i++) {
      RewriteRule one = wanted.get(i);
      String at = "[" + i + "]";
      if (one == null) {
        check.require(false, at, "is null");
      } else {
        actions.add(parse(one, at + ".", check));
      }
    }
    check.throwIfAny();
    List<io.relais.broker.RewriteRule> rules = new ArrayList<>();
    for (int i = 0; i < wanted.size(); i++) {
      RewriteRule one = wanted.get(i);
      rules.add(
          new io.relais.broker.RewriteRule(
              actions.get(i),
              String.valueOf(one.sourceTopic()),
              String.valueOf(one.regex()),
              String.valueOf(one.destination())));
    }
    return new Rewrites(rules);
  }

  private static io.relais.broker.RewriteRule.Action parse(
      RewriteRule rule, String at, Check check) {
    String source = check.present(at + "sourceTopic", rule.sourceTopic(), "#");
    check.none(at + "sourceTopic", io.relais.broker.RewriteRule.problemWithSource(source));
    String regex = check.present(at + "regex", rule.regex(), ".");
    check.none(at + "regex", io.relais.broker.RewriteRule.problemWithRegex(regex));
    String destination = check.present(at + "destination", rule.destination(), "x");
    check.none(
        at + "destination",
        io.relais.broker.RewriteRule.problemWithDestination(destination, regex));
    String action = rule.action() == null ? "all" : rule.action();
    return switch (action) {
      case "publish" -> io.relais.broker.RewriteRule.Action.PUBLISH;
      case "subscribe" -> io.relais.broker.RewriteRule.Action.SUBSCRIBE;
      default -> {
        check.require(
            action.equals("all"),
            at + "action",
            "is '" + action + "' and must be publish, subscribe or all");
        yield io.relais.broker.RewriteRule.Action.ALL;
      }
    };
  }
}
