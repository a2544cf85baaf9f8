package io.relais.broker.access;

import io.relais.broker.access.Rule.Effect;
import io.relais.protocol.DelayedTopic;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/// A list of rules, the first that speaks of a client and what it does decides. Where none does:
/// allowed as long as there is no rule at all, else denied. `$SYS` and `$events` are read by who is
/// on this machine, and by others if a rule says so.
///
/// A subscription is compared as a filter: a rule decides it if it takes in all of it. A rule that
/// denies a part lets the subscription pass, and each message is looked at when it is delivered.
///
/// Owner: immutable; any thread.
public final class Rules implements Policy {
  /// A rule, and what its filter takes in if that is the same for all clients.
  private record Prepared(Rule rule, @Nullable Applied forAll) {
    /// @return null if it does not speak of this client
    @Nullable Applied to(Client client, @Nullable String commonName, Set<String> groups) {
      if (!rule.isAbout(client, commonName, groups)) {
        return null;
      }
      if (forAll != null) {
        return forAll;
      }
      FilterPattern pattern = FilterPattern.of(rule.filter(), client);
      return pattern == null ? null : new Applied(rule, pattern);
    }
  }

  private final List<Prepared> rules;
  private final boolean nameCertificates;
  private final boolean nameGroups;
  private final boolean closed;

  public Rules(List<Rule> rules) {
    this(rules, false);
  }

  private Rules(List<Rule> rules, boolean closed) {
    this.closed = closed;
    this.rules = rules.stream().map(Rules::prepared).toList();
    this.nameCertificates = rules.stream().anyMatch(rule -> rule.certificateName() != null);
    this.nameGroups = rules.stream().anyMatch(rule -> rule.group() != null);
  }

  /// Rules that leave nothing open: what none of them allows is denied, even if there is none, and
  /// `$SYS` on this machine too.
  static Rules only(List<Rule> rules) {
    return new Rules(rules, true);
  }

  private static Prepared prepared(Rule rule) {
    return new Prepared(
        rule,
        FilterPattern.namesClients(rule.filter())
            ? null
            : new Applied(rule, FilterPattern.of(rule.filter())));
  }

  @Override
  public Verdict mayConnect(Client client, Consumer<Verdict> later) {
    return Verdict.ALLOW;
  }

  @Override
  public Verdict mayPublish(
      Client client, String topic, int qos, boolean retain, Consumer<Verdict> later) {
    return forClient(client).mayPublish(client, topic, qos, retain, later);
  }

  @Override
  public Verdict maySubscribe(Client client, String filter, int qos, Consumer<Verdict> later) {
    return forClient(client).maySubscribe(client, filter, qos, later);
  }

  @Override
  public Policy forClient(Client client) {
    String commonName = nameCertificates ? client.commonName() : null;
    Set<String> groups = nameGroups ? client.groups() : Set.of();
    List<Applied> applied = new ArrayList<>();
    for (Prepared prepared : rules) {
      Applied one = prepared.to(client, commonName, groups);
      if (one != null) {
        applied.add(one);
      }
    }
    return new OfClient(
        applied.toArray(Applied[]::new), rules.isEmpty() && !closed, isLocal(client) && !closed);
  }

  /// The rules, in their order.
  public List<Rule> rules() {
    return rules.stream().map(Prepared::rule).toList();
  }

  /// What came of asking, and why.
  ///
  /// @param index of the rule that decided; -1: none speaks of it
  public record Decision(boolean allowed, int index) {}

  /// What is said to a PUBLISH of a client.
  public Decision onPublish(Client client, String topic, int qos, boolean retain) {
    String meant = DelayedTopic.inner(topic);
    int index = first(client, one -> one.decidesPublish(meant, qos, retain));
    Verdict verdict = forClient(client).mayPublish(client, topic, qos, retain, later -> {});
    return new Decision(verdict == Verdict.ALLOW, index);
  }

  /// What is said to a SUBSCRIBE of a client.
  public Decision onSubscribe(Client client, String filter, int qos) {
    int index = first(client, one -> one.decidesSubscribe(filter, qos));
    Verdict verdict = forClient(client).maySubscribe(client, filter, qos, later -> {});
    return new Decision(verdict == Verdict.ALLOW, index);
  }

  /// The rule that denies a part of what a subscription takes in that was allowed as a whole.
  ///
  /// @param whole what came of asking for all of it
  /// @return its index; -1: there is none
  public int heldBackBy(Client client, String filter, Decision whole) {
    int index = first(client, one -> one.deniesPartOf(filter));
    // What stands behind the rule that takes in all of it is never asked.
    return whole.index() >= 0 && index > whole.index() ? -1 : index;
  }

  private int first(Client client, Predicate<Applied> decides) {
    String commonName = client.commonName();
    Set<String> groups = client.groups();
    for (int i = 0; i < rules.size(); i++) {
      Applied one = rules.get(i).to(client, commonName, groups);
      if (one != null && decides.test(one)) {
        return i;
      }
    }
    return -1;
  }

  /// Over a Unix socket as well, which has no address.
  private static boolean isLocal(Client client) {
    return !(client.address() instanceof InetSocketAddress) || Loopback.isAddress(client.address());
  }

  /// A rule that speaks of a client, with the client's names in its filter.
  private record Applied(Rule rule, FilterPattern pattern) {
    Verdict verdict() {
      return rule.effect() == Effect.ALLOW ? Verdict.ALLOW : Verdict.DENY;
    }

    boolean decidesPublish(String topic, int qos, boolean retain) {
      return rule.action().isPublish()
          && qos <= rule.qosMax()
          && (rule.retain() == null || rule.retain() == retain)
          && pattern.matches(topic);
    }

    boolean deniesPartOf(String filter) {
      return rule.action().isSubscribe()
          && rule.effect() == Effect.DENY
          && pattern.overlaps(filter);
    }

    boolean decidesSubscribe(String filter, int qos) {
      return rule.action().isSubscribe() && qos <= rule.qosMax() && pattern.coversFilter(filter);
    }
  }

  /// The rules that speak of one client.
  private record OfClient(Applied[] applied, boolean open, boolean local) implements Policy {
    @Override
    public boolean isOpen() {
      return open && local;
    }

    @Override
    public boolean isStable() {
      return true;
    }

    @Override
    public Verdict mayConnect(Client client, Consumer<Verdict> later) {
      return Verdict.ALLOW;
    }

    @Override
    public Verdict mayPublish(
        Client client, String topic, int qos, boolean retain, Consumer<Verdict> later) {
      String meant = DelayedTopic.inner(topic);
      for (Applied one : applied) {
        if (one.decidesPublish(meant, qos, retain)) {
          return one.verdict();
        }
      }
      return open ? Verdict.ALLOW : Verdict.DENY;
    }

    @Override
    public Verdict maySubscribe(Client client, String filter, int qos, Consumer<Verdict> later) {
      for (Applied one : applied) {
        if (one.decidesSubscribe(filter, qos)) {
          return one.verdict();
        }
      }
      return unruled(filter);
    }

    private Verdict unruled(String filter) {
      return (isOfTheBroker(filter) ? local : open) ? Verdict.ALLOW : Verdict.DENY;
    }

    /// What the broker says of itself and of its clients.
    private static boolean isOfTheBroker(String filter) {
      return filter.startsWith("$SYS/")
          || filter.startsWith("$events/")
          || filter.equals("$SYS")
          || filter.equals("$events");
    }

    @Override
    public boolean checksDelivery(Client client, String filter) {
      for (Applied one : applied) {
        if (one.deniesPartOf(filter)) {
          return true;
        }
      }
      return false;
    }

    @Override
    public boolean mayReceive(Client client, String topic) {
      for (Applied one : applied) {
        if (one.rule.action().isSubscribe() && one.pattern.matches(topic)) {
          return one.rule.effect() == Effect.ALLOW;
        }
      }
      return unruled(topic) == Verdict.ALLOW;
    }
  }
}
