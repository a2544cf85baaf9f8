package io.relais.admin;

import io.relais.api.RulesTried;
import io.relais.api.RulesTried.AccessChange;
import io.relais.broker.Administration;
import io.relais.broker.Standing;
import io.relais.broker.Story;
import io.relais.broker.access.Client;
import io.relais.broker.access.Policy;
import io.relais.broker.access.Policy.Verdict;
import io.relais.broker.access.Rules;
import io.relais.protocol.ProtocolVersion;
import io.relais.protocol.Topics;
import io.relais.storage.StoredSubscription;
import java.net.InetSocketAddress;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/// One look at what other rules would change: for each subscription that stands, and for what was
/// published of late. Both sides are asked as the broker asks when clients subscribe and publish.
/// Clients whose log-in brought rules of their own are left as they are.
///
/// Owner: the virtual thread of a call. Limits: [#SUBSCRIPTIONS_MAX] subscriptions and as many
/// clients, [#PUBLISHES_MAX] messages, [#CHANGES_MAX] changes of which messages have half at most,
/// and [#PATIENCE_NANOS]. A loop is asked for [#CLIENTS_AT_ONCE] clients at a time.
final class RulesTrial {
  private static final int SUBSCRIPTIONS_MAX = 100_000;
  private static final int PUBLISHES_MAX = 10_000;
  private static final int CHANGES_MAX = 500;
  private static final int IDS_AT_ONCE = 10_000;
  private static final int CLIENTS_AT_ONCE = 500;
  private static final long PATIENCE_NANOS = TimeUnit.SECONDS.toNanos(10);

  /// Of who is away; no rule speaks of it.
  private static final InetSocketAddress NOWHERE = InetSocketAddress.createUnresolved("", 0);

  /// What rules say.
  ///
  /// @param rule index of the one that decides; null: none
  private record Finding(String verdict, @Nullable Integer rule) {
    static Finding of(String verdict, int index) {
      return new Finding(verdict, index < 0 ? null : index);
    }
  }

  private final Administration broker;
  private final Rules before;
  private final Rules after;
  private final long startNanos = System.nanoTime();
  private final Set<AccessChange> changes = new LinkedHashSet<>();
  private int checkedSubscriptions;
  private int checkedPublishes;
  private boolean truncated;

  RulesTrial(Administration broker, Rules before, Rules after) {
    this.broker = broker;
    this.before = before;
    this.after = after;
  }

  RulesTried run() {
    lookAtPublishes();
    lookAtSubscriptions();
    return new RulesTried(checkedSubscriptions, checkedPublishes, truncated, List.copyOf(changes));
  }

  /// Notes that more is there than is looked at.
  private boolean isFull(int changesMax) {
    boolean full = changes.size() >= changesMax || System.nanoTime() - startNanos >= PATIENCE_NANOS;
    truncated |= full;
    return full;
  }

  private static boolean goesByTheRules(Client client) {
    return client.grant().rules() == null;
  }

  // ---- messages of late

  private void lookAtPublishes() {
    List<Story> stories =
        Answers.await(broker.stories(story -> story.client() != null, PUBLISHES_MAX + 1));
    truncated |= stories.size() > PUBLISHES_MAX;
    for (Story story : stories.subList(0, Math.min(stories.size(), PUBLISHES_MAX))) {
      if (isFull(CHANGES_MAX / 2)) {
        return;
      }
      checkedPublishes++;
      Client client = story.client();
      if (client != null && goesByTheRules(client) && !Topics.isReserved(story.topic())) {
        Finding was = published(before, client, story);
        Finding will = published(after, client, story);
        note("publish", client.clientId(), client.username(), story.topic(), was, will);
      }
    }
  }

  private static Finding published(Rules rules, Client client, Story story) {
    Rules.Decision decision = rules.onPublish(client, story.topic(), story.qos(), story.retain());
    return Finding.of(decision.allowed() ? "allow" : "deny", decision.index());
  }

  private void note(
      String action,
      String clientId,
      @Nullable String username,
      String topic,
      Finding was,
      Finding will) {
    if (!was.verdict().equals(will.verdict())) {
      changes.add(
          new AccessChange(
              action,
              clientId,
              username,
              topic,
              was.verdict(),
              will.verdict(),
              was.rule(),
              will.rule()));
    }
  }

  // ---- subscriptions

  private void lookAtSubscriptions() {
    List<String> ids = List.of();
    int clients = 0;
    do {
      ids = broker.clientIds(ids.isEmpty() ? null : ids.getLast(), IDS_AT_ONCE);
      for (int from = 0; from < ids.size(); from += CLIENTS_AT_ONCE) {
        List<String> some = ids.subList(from, Math.min(ids.size(), from + CLIENTS_AT_ONCE));
        for (Standing one : Answers.await(broker.standing(some))) {
          if (!lookAt(one)) {
            return;
          }
        }
      }
      clients += ids.size();
      truncated |= ids.size() == IDS_AT_ONCE && clients >= SUBSCRIPTIONS_MAX;
    } while (ids.size() == IDS_AT_ONCE && clients < SUBSCRIPTIONS_MAX);
  }

  /// @return whether there is room for more
  private boolean lookAt(Standing standing) {
    Client known = standing.client();
    Client client =
        known != null
            ? known
            : new Client(
                standing.clientId(), null, ProtocolVersion.MQTT_5, NOWHERE, null, "", true);
    Policy was = before.forClient(client);
    Policy will = after.forClient(client);
    for (StoredSubscription one : standing.subscriptions()) {
      truncated |= checkedSubscriptions == SUBSCRIPTIONS_MAX;
      if (checkedSubscriptions == SUBSCRIPTIONS_MAX || isFull(CHANGES_MAX)) {
        return false;
      }
      checkedSubscriptions++;
      if (goesByTheRules(client) && mayDiffer(was, will, client, one)) {
        note(
            "subscribe",
            client.clientId(),
            client.username(),
            one.filter().text(),
            subscribed(before, client, one),
            subscribed(after, client, one));
      }
    }
    return true;
  }

  private static boolean mayDiffer(Policy was, Policy will, Client client, StoredSubscription one) {
    String filter = one.filter().filter();
    return maySubscribe(was, client, one) != maySubscribe(will, client, one)
        || was.checksDelivery(client, filter)
        || will.checksDelivery(client, filter);
  }

  private static Verdict maySubscribe(Policy policy, Client client, StoredSubscription one) {
    return policy.maySubscribe(client, one.filter().filter(), one.qos(), later -> {});
  }

  private static Finding subscribed(Rules rules, Client client, StoredSubscription one) {
    String filter = one.filter().filter();
    Rules.Decision decision = rules.onSubscribe(client, filter, one.qos());
    if (!decision.allowed()) {
      return Finding.of("deny", decision.index());
    }
    int heldBack = rules.heldBackBy(client, filter, decision);
    return heldBack >= 0 ? Finding.of("part", heldBack) : Finding.of("allow", decision.index());
  }
}
