package io.relais.server.config;

import io.relais.broker.RewriteRule;

/// One rule of how topics are rewritten.
public record RewriteConfiguration(
    @Key(
            value =
                "What it is about: topics that clients publish to (wills too), filters that they subscribe to, or both.",
            standard = "all")
        RewriteAction action,
    @Key(
            "Topic filter of what it is about, like `y/+/z/#`. A filter that a client subscribes to is compared as if it were a"
                + " topic. Compared, like the next two, without `$share/<group>/`, `$exclusive/` and `$delayed/<seconds>/`.")
        String sourceTopic,
    @Key(
            "Regular expression, in the syntax of RE2, that is to be found in the topic; up to 1024 characters.")
        String regex,
    @Key(
            "What the topic becomes. `$1` to `$9` stand for groups of `regex`, `%u` and `%c` for the client's user name and"
                + " client id.")
        String destination) {

  public RewriteConfiguration {
    Violations violations = new Violations();
    String source = RewriteRule.problemWithSource(sourceTopic);
    violations.require(
        source == null, "source-topic", "is '%s': %s".formatted(sourceTopic, source));
    String expression = RewriteRule.problemWithRegex(regex);
    violations.require(expression == null, "regex", String.valueOf(expression));
    String made = RewriteRule.problemWithDestination(destination, regex);
    violations.require(
        made == null, "destination", "is '%s' and %s".formatted(destination, made), "regex");
    violations.throwIfAny();
  }

  public RewriteRule rule() {
    return new RewriteRule(
        switch (action) {
          case PUBLISH -> RewriteRule.Action.PUBLISH;
          case SUBSCRIBE -> RewriteRule.Action.SUBSCRIBE;
          case ALL -> RewriteRule.Action.ALL;
        },
        sourceTopic,
        regex,
        destination);
  }
}
